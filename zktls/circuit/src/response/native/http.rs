//! Where a response's JSON begins and how far it may be read.

use super::{ChunkSize, Refusal};
use crate::response::frame::STATUS;

/// A response's body.
pub(super) struct Body {
    /// Its JSON's first byte.
    pub(super) data: usize,
    /// Behind the last byte that may be read.
    pub(super) end: usize,
    /// The first chunk's size, where the body is chunked.
    pub(super) chunk: Option<ChunkSize>,
}

pub(super) fn body(response: &[u8]) -> Result<Body, Refusal> {
    if !response.starts_with(STATUS) {
        let line = response.split(|byte| *byte == b'\r').next().unwrap_or_default();
        return Err(Refusal::Status { found: words(line) });
    }
    let start = headers(response)?;
    match response.get(start) {
        Some(b'{' | b'[') => Ok(Body { data: start, end: response.len(), chunk: None }),
        Some(byte) if byte.is_ascii_hexdigit() => chunk(response, start),
        _ => Err(Refusal::Body { found: words(response.get(start..).unwrap_or_default()) }),
    }
}

/// The position after the first CRLFCRLF.
fn headers(response: &[u8]) -> Result<usize, Refusal> {
    let mut at = 0;
    loop {
        match response.get(at..) {
            Some([b'\r', b'\n', b'\r', b'\n', ..]) => return Ok(at + 4),
            Some([b'\r', b'\n', ..]) => at += 2,
            Some([b'\r' | b'\n', ..] | []) | None => return Err(Refusal::Headers { at }),
            Some(_) => at += 1,
        }
    }
}

/// `[0-9A-Fa-f]{1,8}(;...)?CRLF` and the chunk.
fn chunk(response: &[u8], start: usize) -> Result<Body, Refusal> {
    let line = response.get(start..).unwrap_or_default();
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let rest = line.get(digits..).unwrap_or_default();
    let until = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    let (extension, rest) = rest.split_at(until);
    if digits > 8 || !(extension.is_empty() || extension.starts_with(b";")) || !rest.starts_with(b"\r\n") {
        return Err(Refusal::Chunk { at: start });
    }
    let size = std::str::from_utf8(line.get(..digits).unwrap_or_default()).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
    let size = size.ok_or(Refusal::Chunk { at: start })?;
    let data = start + digits + until + 2;
    if !matches!(response.get(data), Some(b'{' | b'[')) {
        return Err(Refusal::Body { found: words(response.get(data..).unwrap_or_default()) });
    }
    let end = response.len().min(data.saturating_add(size));
    Ok(Body { data, end, chunk: Some(ChunkSize { digits, end: start + digits }) })
}

fn words(text: &[u8]) -> String {
    String::from_utf8_lossy(text.get(..40).unwrap_or(text)).into_owned()
}

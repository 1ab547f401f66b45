//! Lines of bounded length from a stream that is not trusted.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// One line, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Without its newline.
    Text(String),
    /// Longer than the limit; the rest of it was skipped.
    TooLong,
    /// Not UTF-8.
    NotText,
    /// The stream ended.
    End,
}

/// Reads up to the next newline and keeps at most `limit` bytes.
///
/// # Errors
/// Those of the stream.
pub(crate) async fn next<R: AsyncBufRead + Unpin>(reader: &mut R, limit: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let chunk = reader.fill_buf().await?;
        if chunk.is_empty() {
            return Ok(if line.is_empty() && !too_long { Line::End } else { finish(line, too_long) });
        }
        let (part, ends) = match chunk.iter().position(|b| *b == b'\n') {
            Some(at) => (chunk.get(..at).unwrap_or(&[]), true),
            None => (chunk, false),
        };
        if line.len() + part.len() > limit {
            too_long = true;
            line.clear();
        }
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(ends);
        reader.consume(used);
        if ends {
            return Ok(finish(line, too_long));
        }
    }
}

fn finish(line: Vec<u8>, too_long: bool) -> Line {
    if too_long {
        return Line::TooLong;
    }
    match String::from_utf8(line) {
        Ok(text) => Line::Text(text.strip_suffix('\r').map(str::to_owned).unwrap_or(text)),
        Err(_) => Line::NotText,
    }
}

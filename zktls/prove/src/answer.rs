//! Whether the answer is complete, and whether it is one that can be proved.

use httparse::{EMPTY_HEADER, Header, Status};

use crate::ProveError;

const MAX_HEADERS: usize = 64;

/// How the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    Close,
}

/// Whether `bytes` are a whole answer; `ended` when the bank said that nothing follows.
pub(crate) fn is_complete(bytes: &[u8], ended: bool) -> Result<bool, ProveError> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(bytes).map_err(|error| ProveError::answer(error.to_string(), "HTTP/1.1"))? {
        Status::Partial => return Ok(false),
        Status::Complete(length) => length,
    };
    match response.code {
        Some(200) => {}
        status => return Err(ProveError::Status { status: status.unwrap_or_default() }),
    }
    if response.version != Some(1) {
        return Err(ProveError::answer("HTTP/1.0", "HTTP/1.1"));
    }
    let body = bytes.get(head..).unwrap_or_default();
    let framing = framing(response.headers)?;
    if framing != Framing::Chunked && body.first().is_some_and(|first| !matches!(first, b'{' | b'[')) {
        return Err(ProveError::answer("a body of another kind", "JSON from its first byte"));
    }
    match framing {
        Framing::Length(length) => Ok(body.len() >= length),
        Framing::Chunked => chunks_complete(body),
        Framing::Close => Ok(ended),
    }
}

fn framing(headers: &[Header<'_>]) -> Result<Framing, ProveError> {
    let mut framing = None;
    for header in headers {
        let value = header.value.trim_ascii();
        let wrong = |expected| Err(ProveError::answer(format!("{}: {}", header.name, String::from_utf8_lossy(value)), expected));
        let found = match header.name.to_ascii_lowercase().as_str() {
            "content-encoding" if !value.eq_ignore_ascii_case(b"identity") => return wrong("no compression"),
            "content-length" => match std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()) {
                Some(length) => Framing::Length(length),
                None => return wrong("a length"),
            },
            "transfer-encoding" if value.eq_ignore_ascii_case(b"chunked") => Framing::Chunked,
            "transfer-encoding" => return wrong("chunked or nothing"),
            _ => continue,
        };
        if framing.replace(found).is_some() {
            return wrong("one way to end the body");
        }
    }
    Ok(framing.unwrap_or(Framing::Close))
}

/// Up to the last chunk and its trailers.
fn chunks_complete(mut body: &[u8]) -> Result<bool, ProveError> {
    loop {
        let size = httparse::parse_chunk_size(body).map_err(|_| ProveError::answer("a broken chunk", "chunks with their sizes"))?;
        let Status::Complete((start, size)) = size else { return Ok(false) };
        let rest = body.get(start..).unwrap_or_default();
        if size == 0 {
            return Ok(rest.starts_with(b"\r\n") || rest.windows(4).any(|end| end == b"\r\n\r\n"));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let Some(end) = size.checked_add(2).and_then(|length| rest.get(size..length)) else { return Ok(false) };
        if end != b"\r\n" {
            return Err(ProveError::answer("a chunk of another length than its size", "chunks with their sizes"));
        }
        body = rest.get(size + 2..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{  }";
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{ \r\n2;x=y\r\n }\r\n0\r\n\r\n";
    const TRAILERS: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1\r\n{\r\n0\r\nA: b\r\n\r\n";

    #[test]
    fn complete_at_the_last_byte_and_not_before() -> Result<(), ProveError> {
        for answer in [PLAIN, CHUNKED, TRAILERS] {
            for end in 0..answer.len() {
                assert!(!is_complete(answer.get(..end).unwrap_or_default(), false)?, "{end} bytes");
            }
            assert!(is_complete(answer, false)?);
        }
        let close = b"HTTP/1.1 200 OK\r\n\r\n[]";
        assert!(!is_complete(close, false)? && is_complete(close, true)?);
        Ok(())
    }

    #[test]
    fn what_can_not_be_proved_is_refused() {
        for (answer, got) in [
            (&b"HTTP/1.1 401 Unauthorized\r\n\r\n"[..], "401"),
            (b"HTTP/1.1 100 Continue\r\n\r\n", "100"),
            (b"HTTP/1.1 206 Partial Content\r\n\r\n", "206"),
            (b"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.0"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "gzip"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "gzip, chunked"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "chunked"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "Content-Length: 1"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "-1"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<html>", "another kind"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broken chunk"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n", "another length"),
            (b"SSH-2.0\r\n\r\n", "invalid"),
        ] {
            let said = is_complete(answer, true).map_err(|error| error.to_string());
            assert!(said.as_ref().is_err_and(|error| error.contains(got)), "{got}: {said:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), chunked: bool) {
            let head: &[u8] = if chunked { b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" } else { b"HTTP/1.1 " };
            let _ = is_complete(&[head, &bytes].concat(), chunked);
        }
    }
}

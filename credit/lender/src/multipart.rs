//! Forms with a file, as browsers send them without scripts (RFC 7578).

use std::collections::HashMap;

use crate::Refusal;

/// Most fields of a form.
const MAX_PARTS: usize = 16;

/// The fields of a form by name.
///
/// # Errors
/// Where the body is no such form.
pub fn fields(content_type: &str, body: &[u8]) -> Result<HashMap<String, Vec<u8>>, Refusal> {
    let wrong = || Refusal::malformed("the form can't be read", "send it with the page's own button");
    let boundary = boundary(content_type).ok_or_else(wrong)?;
    let delimiter = [b"\r\n--".as_slice(), boundary.as_bytes()].concat();
    // The first delimiter needs no line before it.
    let whole = [b"\r\n".as_slice(), body].concat();
    let mut rest = after(&whole, &delimiter).ok_or_else(wrong)?;
    let mut fields = HashMap::new();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n").ok_or_else(wrong)?;
        let end = find(part, &delimiter).ok_or_else(wrong)?;
        let (part, next) = part.split_at(end);
        let head_end = find(part, b"\r\n\r\n").ok_or_else(wrong)?;
        let (head, content) = part.split_at(head_end);
        let name = std::str::from_utf8(head).ok().and_then(name).ok_or_else(wrong)?;
        fields.insert(name.to_owned(), content.get(4..).unwrap_or_default().to_vec());
        if fields.len() > MAX_PARTS {
            return Err(wrong());
        }
        rest = next.get(delimiter.len()..).ok_or_else(wrong)?;
    }
    Ok(fields)
}

fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?.trim_matches('"');
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

fn name(head: &str) -> Option<&str> {
    let disposition =
        head.split("\r\n").find(|line| line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:")))?;
    let (_, value) = disposition.split_once(" name=\"")?;
    value.split_once('"').map(|(name, _)| name)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

fn after<'a>(within: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    within.get(find(within, what)? + what.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPE: &str = "multipart/form-data; boundary=----x1";

    fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let part = |(name, content): &(&str, &[u8])| {
            let head = format!("------x1\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a\"\r\nContent-Type: x/y\r\n\r\n");
            [head.as_bytes(), content, b"\r\n"].concat()
        };
        [parts.iter().map(part).collect::<Vec<_>>().concat(), b"------x1--\r\n".to_vec()].concat()
    }

    proptest! {
        #[test]
        fn any_file_comes_through_whole(content in proptest::collection::vec(any::<u8>(), 0..500)) {
            let fields = fields(TYPE, &form(&[("file", &content), ("chain", b"1")])).expect("a form");
            prop_assert_eq!(fields.get("file"), Some(&content));
            prop_assert_eq!(fields.get("chain").map(Vec::as_slice), Some(b"1".as_slice()));
        }

        #[test]
        fn garbage_is_an_error(body in proptest::collection::vec(any::<u8>(), 0..300), at in 0..400_usize) {
            let _ = fields(TYPE, &body);
            let mut cut = form(&[("file", b"content")]);
            cut.truncate(at);
            prop_assert!(at >= form(&[("file", b"content")]).len() - 2 || fields(TYPE, &cut).is_err());
        }
    }

    #[test]
    fn other_kinds_are_refused() {
        for kind in ["", "text/plain; boundary=x", "multipart/form-data", "multipart/form-data; boundary=\"\""] {
            assert!(fields(kind, &form(&[("file", b"content")])).is_err(), "{kind}");
        }
    }
}

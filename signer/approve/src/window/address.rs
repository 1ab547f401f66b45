//! Addresses in groups of four, so that two can be compared by eye. Pure.

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Words(&'a str),
    /// `0x` and 40 hexadecimal digits.
    Address(&'a str),
}

/// `0x7099 7970 C518 ...`: the same characters with blanks between.
pub fn grouped(address: &str) -> String {
    let (head, digits) = match address.strip_prefix("0x") {
        Some(digits) => ("0x", digits),
        None => ("", address),
    };
    let mut out = String::from(head);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// A line, taken apart into words and addresses.
pub fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = line;
    let mut from = 0;
    while let Some(at) = rest[from..].find("0x").map(|i| from + i) {
        let digits = rest[at + 2..].bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits != 40 {
            from = at + 2;
            continue;
        }
        if at > 0 {
            out.push(Piece::Words(&rest[..at]));
        }
        out.push(Piece::Address(&rest[at..at + 42]));
        rest = &rest[at + 42..];
        from = 0;
    }
    if !rest.is_empty() {
        out.push(Piece::Words(rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALICE: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

    #[test]
    fn an_address_is_shown_whole_in_fours() {
        assert_eq!(grouped(ALICE), "0x7099 7970 C518 12dc 3A01 0C7d 01b5 0e0d 17dc 79C8");
        assert_eq!(grouped("?"), "?");
        let line = format!("Alice: {ALICE}, not 0x1234");
        assert_eq!(pieces(&line), [Piece::Words("Alice: "), Piece::Address(ALICE), Piece::Words(", not 0x1234")]);
        let hash = format!("0x{}", "ab".repeat(32));
        assert_eq!(pieces(&hash), [Piece::Words(&hash)], "a hash is no address");
    }

    proptest! {
        #[test]
        fn no_character_is_lost_or_moved(line in "([a-zé ]{0,5}(0x[0-9a-fA-F]{38,42})?){0,4}") {
            let joined: String = pieces(&line).iter().map(|p| match p { Piece::Words(t) | Piece::Address(t) => *t }).collect();
            prop_assert_eq!(&joined, &line);
            for piece in pieces(&line) {
                if let Piece::Address(a) = piece {
                    prop_assert_eq!(grouped(a).replace(' ', ""), a);
                    prop_assert_eq!(a.len(), 42);
                }
            }
        }
    }
}

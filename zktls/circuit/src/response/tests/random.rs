//! Random responses: native parser and circuit accept those that the reference accepts, and no others.

use proptest::prelude::*;

use super::*;

/// Choices that shrink: behind their end all are 0, the plainest.
struct Choices {
    left: std::vec::IntoIter<u8>,
}

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.left.next().unwrap_or(0)) % count
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Once in `n` times.
    fn rarely(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    /// The first, save once in `n` times.
    fn mostly<'a>(&mut self, n: usize, all: &[&'a str]) -> &'a str {
        if self.rarely(n) { self.of(all) } else { all[0] }
    }

    fn white(&mut self) -> &'static str {
        self.mostly(4, &["", " ", "\n", "\r\n\t"])
    }

    fn key(&mut self, key: &str) -> String {
        let key = if self.rarely(60) { self.of(&["amount", "value", "currency", "type", "balance"]).to_owned() } else { key.to_owned() };
        let key = if self.rarely(90) { key.replace('a', "\\u0061") } else { key };
        let colon = if self.rarely(80) { self.of(&["  :", "\n:"]) } else { self.mostly(4, &[":", " :", ": ", " : ", ":\n\n"]) };
        format!("\"{key}\"{colon}")
    }

    fn number(&mut self) -> String {
        let plain = ["1000", "1000.00", "999.99", "1000.0", "5000.129", "123456789012345.67", "100000", "99999", "0", "0.01"];
        let odd = ["-1000", "1e6", "1000.5e1", "null", "1234567890123456", "[1000]", "{}", "true", "10000000.0000000000000000000000000001"];
        let number = if self.rarely(12) { self.of(&odd) } else { self.of(&plain) }.to_owned();
        if self.rarely(10) { format!("\"{number}\"") } else { number }
    }

    fn memo(&mut self) -> String {
        let memos = [
            "rent",
            r"}]}]",
            r#"\",\"amount\":{\"value\":9000,\"currency\":\"EUR\"}"#,
            r"\\",
            r#"\\\""#,
            r#"\u0022}"#,
            "ünïcode {",
            "[[[[{",
            "EUR",
            "a text that is longer than twenty-four bytes: {",
        ];
        format!("\"{}\"", self.of(&memos))
    }

    fn other(&mut self, level: usize) -> String {
        match self.below(if level > 3 { 3 } else { 6 }) {
            0 => self.memo(),
            1 => self.number(),
            2 => self.of(&["true", "null", "-0.5E+3", "[]", "{}"]).to_owned(),
            3 => format!("[{},{}{}]", self.other(level + 1), self.white(), self.other(level + 1)),
            4 => format!("{{{}{},{}{}}}", self.key("x"), self.other(level + 1), self.key("amount"), self.other(level + 1)),
            _ => self.amount(),
        }
    }

    fn amount(&mut self) -> String {
        let value = self.key("value") + &self.number();
        let currency = self.mostly(10, &["\"EUR\"", "\"USD\"", "\"EURO\"", "null", "\"\\u0045UR\"", "[\"EUR\"]"]);
        let currency = self.key("currency") + currency;
        self.members(vec![value, currency], 1)
    }

    /// In some order, with others between them.
    fn members(&mut self, mut members: Vec<String>, level: usize) -> String {
        for _ in 0..self.below(3) {
            let key = self.of(&["memo", "limit", "a key that is longer than all others", "x", "y"]);
            let member = self.key(key) + &self.other(level + 1);
            members.insert(self.below(members.len() + 1), member);
        }
        if self.rarely(30) {
            let member = self.below(members.len());
            members.remove(member);
        }
        let at = self.below(members.len().max(1));
        members.rotate_left(at);
        let comma = format!("{},{}", self.white(), self.white());
        format!("{{{}{}{}}}", self.white(), members.join(&comma), self.white())
    }

    fn account(&mut self) -> String {
        let amount = self.key("amount") + &self.amount();
        let kind = self.mostly(12, &["\"CHECKING\"", "\"LOAN\"", "\"CHECKING \"", "1"]);
        let kind = self.key("type") + kind;
        let id = self.mostly(12, &["\"acc_0001\"", "\"\"", "\"a\\u0062\"", "7", "\"0123456789012345678901234567890123456789012345\""]);
        let id = self.key("id") + id;
        self.members(vec![id, kind, amount], 0)
    }

    fn body(&mut self, depth: u8) -> String {
        let account = self.account();
        let list = |choices: &mut Self, own: String| {
            let mut all = vec![own];
            for _ in 0..choices.below(3) {
                let other = if choices.rarely(4) { choices.other(2) } else { choices.account() };
                all.insert(choices.below(all.len() + 1), other);
            }
            format!("[{}]", all.join(&format!("{},", choices.white())))
        };
        match depth {
            1 => account,
            2 => list(self, account),
            3 => format!("{{{}{},\"n\":1}}", self.key("data"), list(self, account)),
            _ => format!("[{{\"a\\\"\":{}}} ]", list(self, account)),
        }
    }

    fn response(&mut self, depth: u8) -> Vec<u8> {
        let mut body = self.body(depth);
        if self.rarely(20) {
            body += self.of(&["}", "{}", " ", ",", "\""]);
        }
        if self.rarely(4) {
            let less = if self.rarely(4) { self.below(body.len()) } else { 0 };
            let extension = self.mostly(4, &["", ";a=b", ";", " "]);
            body = format!("{:x}{extension}\r\n{body}\r\n0\r\n\r\n", body.len() - less);
        }
        let head = self
            .mostly(20, &["HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 404 \r\n\r\n", "HTTP/1.1 200 \n\r\n\r\n", "HTTP/1.1 200 \r\n\r\n"]);
        let mut response = [head, &body].concat().into_bytes();
        if self.rarely(20) {
            response.truncate(response.len() - self.below(20).min(response.len()));
        }
        if self.rarely(20) {
            let at = self.below(response.len());
            response[at] = b"x\"\\{}:, "[self.below(8)];
        }
        response
    }

    fn shape(&mut self) -> ResponseShape {
        let nested = self.mostly(6, &["two", "one"]) == "two";
        let path = |key: &str| if nested { FieldPath::two("amount", key) } else { FieldPath::one(key) };
        ResponseShape {
            depth: self.below(4) as u8 + 1,
            balance: FieldPath::two("amount", "value"),
            form: [Form::Decimal(2), Form::Minor, Form::Decimal(0), Form::Decimal(4)][self.below(8).saturating_sub(4)],
            quoted: self.rarely(8),
            currency: (!self.rarely(6)).then(|| path("currency")),
            kind: (!self.rarely(6)).then(|| (FieldPath::one("type"), "CHECKING".to_owned())),
            id: (!self.rarely(6)).then(|| FieldPath::one("id")),
        }
    }
}

fn case(choices: Vec<u8>) -> (ResponseShape, Vec<u8>) {
    let mut choices = Choices { left: choices.into_iter() };
    let shape = choices.shape();
    let response = choices.response(shape.depth);
    (shape, response)
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..160)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn native_accepts_what_the_reference_accepts(choices in choices()) {
        let (shape, response) = case(choices);
        let native = find(&shape, &EUR, &response);
        prop_assert_eq!(native.is_ok(), reference::accepts(&shape, &EUR, &response), "{:?} {:?} {}", native.err(), shape, String::from_utf8_lossy(&response));
    }

    #[test]
    fn native_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..60) {
        let start = HEAD.get(..cut).unwrap_or(HEAD);
        let _ = find(&shape(), &EUR, &[start.as_bytes(), &bytes].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Where it is refused, with the witness for a smaller claim or a wider shape.
    #[test]
    fn the_circuit_accepts_what_the_reference_accepts(choices in choices()) {
        let (shape, response) = case(choices);
        prop_assume!(response.len() < 700);
        if reference::accepts(&shape, &EUR, &response) {
            let found = find(&shape, &EUR, &response).unwrap();
            prop_assert_eq!(broken(&shape, &EUR, &response, &found), None);
            return Ok(());
        }
        let wider = [
            ResponseShape { kind: None, ..shape.clone() },
            ResponseShape { kind: None, currency: None, id: None, ..shape.clone() },
            ResponseShape { kind: None, currency: None, id: None, quoted: !shape.quoted, ..shape.clone() },
        ];
        for wider in wider {
            let Ok(mut found) = find(&wider, &Threshold { at_least: 0, ..EUR }, &response) else { continue };
            for f in 1..4 {
                found.fields[f] = found.fields[f].or(found.fields[0]);
            }
            prop_assert!(broken(&shape, &EUR, &response, &found).is_some());
        }
    }
}

/// How often the reference accepts: the property would say little if it hardly ever did.
#[test]
fn about_a_third_is_accepted() {
    let mut seed = 1_u64;
    let mut accepted = 0;
    for _ in 0..600 {
        let choices = (0..160).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 40) as u8
        });
        let (shape, response) = case(choices.collect());
        accepted += usize::from(reference::accepts(&shape, &EUR, &response));
    }
    println!("{accepted} of 600");
    assert!((100..500).contains(&accepted), "{accepted}");
}

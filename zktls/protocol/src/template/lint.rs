//! What should not be trusted in a template that could be proved.

use super::{CREDENTIAL, IdForm, Method, Source, Template};

/// Fewest random bits of an id: below, anybody who knows the scope finds the account behind a nullifier by trying.
pub const MIN_ID_BITS: u16 = 100;

/// Parts of key names that count money the account does not hold: overdrafts, credit, what is expected.
const NOT_AN_ASSET: [&str; 15] = [
    "available",
    "overdraft",
    "credit",
    "effective",
    "limit",
    "spendable",
    "withdrawable",
    "projected",
    "expected",
    "pending",
    "headroom",
    "borrow",
    "facility",
    "potential",
    "including",
];
/// "current" is an asset at some banks and the debt of a credit card at others: it needs the account's kind.
const NEEDS_KIND: [&str; 3] = ["current", "outstanding", "statement"];
/// Headers that may carry a login.
const LOGIN: [&str; 4] = ["authorization", "cookie", "x-api-key", "x-auth-token"];
/// Headers that change what is asked.
const CHANGES_MEANING: [&str; 13] = [
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "expect",
    "prefer",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];
/// Parts of host names and paths that serve invented balances.
const TEST_DATA: [&str; 8] = ["sandbox", "mock", "demo", "test", "staging", "simulat", "echo", "example"];

/// Something in a template that should not be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// What was found and what to do.
    pub sentence: String,
}

impl Template {
    /// All findings; none for a template that lenders may accept.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut find = |rule, sentence| findings.push(Finding { rule, sentence });
        self.lint_balance(&mut find);
        self.lint_id(&mut find);
        self.lint_request(&mut find);
        self.lint_audit(&mut find);
        findings
    }

    fn lint_balance(&self, find: &mut impl FnMut(&'static str, String)) {
        for key in self.response.balance.path.keys() {
            let lower = key.to_ascii_lowercase();
            if let Some(word) = NOT_AN_ASSET.iter().find(|word| lower.contains(*word)) {
                find(
                    "not-an-asset",
                    format!("the balance is read from {key:?}, and {word:?} counts money that is not there; choose the booked balance"),
                );
            }
            if self.response.kind.is_none() && NEEDS_KIND.iter().any(|word| lower.contains(word)) {
                find("kind-missing", format!("{key:?} is what is owed on a credit card; match the account's kind as well"));
            }
        }
    }

    fn lint_id(&self, find: &mut impl FnMut(&'static str, String)) {
        let bits = self.response.id_bits;
        if bits < MIN_ID_BITS {
            find(
                "id-guessable",
                format!(
                    "the account's id has {bits} random bits, {MIN_ID_BITS} are needed: its nullifier falls to trying; choose another id"
                ),
            );
        }
        if self.response.id_form == IdForm::Token && matches!(self.response.id, Source::Parameter(_)) {
            find("id-spelling", "a bank may read several spellings of a parameter as one account, each with a nullifier of its own; use UUIDs, or an id in the response".into());
        }
        if self.response.id_form == IdForm::Uuid && bits > 122 {
            find("id-bits", format!("a UUID has at most 122 random bits, not {bits}; correct id_bits"));
        }
        // 46 bytes at most, of which an alphabet of 64 carries 6 bits each.
        if bits > 276 {
            find("id-bits", format!("an id of {bits} random bits does not fit 46 characters; correct id_bits"));
        }
    }

    fn lint_request(&self, find: &mut impl FnMut(&'static str, String)) {
        for header in &self.request.headers {
            let Some((name, value)) = header.parts() else { continue };
            if value.contains(&format!("{{{CREDENTIAL}}}")) && !LOGIN.contains(&name.as_str()) {
                find("login-header", format!("the credential stands in {name:?}; only {} carry logins", LOGIN.join(", ")));
            }
            if CHANGES_MEANING.contains(&name.as_str()) {
                find("changes-meaning", format!("{name:?} changes what is asked or which part is answered; leave it out"));
            }
        }
        if self.request.method == Method::Post {
            find("post", "a POST may be answered with what it sent; use it only where the bank offers no GET".into());
        }
        if self.request.path.contains("..") || self.request.path.contains("//") || self.request.path.contains('%') {
            find(
                "path",
                format!("{:?} has dots, double slashes or escapes that servers read differently; write it plainly", self.request.path),
            );
        }
        let words = [&self.domain, &self.request.path].into_iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
        let words: Vec<String> =
            words.map(str::to_ascii_lowercase).filter(|word| TEST_DATA.iter().any(|test| word.starts_with(test))).collect();
        if !words.is_empty() {
            find("test-data", format!("host or path has {}: such places serve invented balances", words.join(" and ")));
        }
    }

    fn lint_audit(&self, find: &mut impl FnMut(&'static str, String)) {
        if self.audit.notes.trim().len() < 40 {
            find("audit-notes", "the audit says too little: why is the field an asset, why does the host serve no test data?".into());
        }
        if !self.audit.source.starts_with("https://") {
            find(
                "audit-source",
                format!("the audit's source is {:?}; give the https address of the bank's documentation", self.audit.source),
            );
        }
        if !is_date(&self.audit.date) {
            find("audit-date", format!("the audit's date is {:?}; write it as YYYY-MM-DD", self.audit.date));
        }
        if let Source::Fixed(currency) = &self.response.currency
            && !self.audit.notes.contains(currency.as_str())
        {
            find("audit-currency", format!("the currency is fixed to {currency}; the audit must say why no other one occurs"));
        }
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}

//! Banks that can be asked: the templates of `zktls/templates`, compiled in.

use std::sync::LazyLock;

use alloy_primitives::B256;
use parlance_zktls_protocol::Template;

use crate::error::{Result, WalletError};

const FILES: [&str; 5] = [
    include_str!("../../../../zktls/templates/demo.toml"),
    include_str!("../../../../zktls/templates/mercury.toml"),
    include_str!("../../../../zktls/templates/monzo.toml"),
    include_str!("../../../../zktls/templates/starling.toml"),
    include_str!("../../../../zktls/templates/wise.toml"),
];

/// A bank that can be asked.
#[derive(Clone, Debug)]
pub struct Bank {
    /// What is asked, and where the balance stands in the answer.
    pub template: Template,
    /// The template's digest, by which lenders name it.
    pub digest: B256,
}

/// All banks, by rising id.
#[must_use]
pub fn banks() -> &'static [Bank] {
    static BANKS: LazyLock<Vec<Bank>> = LazyLock::new(|| {
        let read = |text: &&str| {
            let template = Template::from_toml(text).ok()?;
            let digest = template.digest().ok()?.into();
            Some(Bank { template, digest })
        };
        // A test reads all five.
        FILES.iter().filter_map(read).collect()
    });
    &BANKS
}

/// The bank of a template id or of a name, whole or in part; case does not matter.
///
/// # Errors
/// [`WalletError::Ask`] with code `unknown_bank`.
pub fn bank(word: &str) -> Result<&'static Bank> {
    let wanted = word.trim().to_lowercase();
    let exact = banks().iter().find(|b| b.template.id == wanted || b.template.name.to_lowercase() == wanted);
    let part = || {
        let mut fitting = banks().iter().filter(|b| wanted.split_whitespace().any(|w| w == b.template.id));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    exact.or_else(part).ok_or_else(|| WalletError::Ask {
        code: "unknown_bank",
        message: format!("{} is not a bank that this wallet can ask.", crate::tokens::clean(word, 40)),
        remedy: format!("It can ask {}.", crate::tokens::clean(&names(), 200)),
    })
}

fn names() -> String {
    banks().iter().map(|b| b.template.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Bank {
    /// What the login needs besides the token.
    #[must_use]
    pub fn parameter(&self) -> Option<String> {
        self.template.request.parameters().into_iter().next()
    }

    /// What speaks against a lender's accepting it, in sentences.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        self.template.lint().into_iter().map(|finding| finding.sentence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read_and_asks_for_one_parameter_at_most() {
        assert_eq!(banks().len(), FILES.len());
        assert!(banks().iter().all(|b| b.template.request.parameters().len() <= 1));
        assert!(banks().is_sorted_by_key(|b| &b.template.id));
    }

    #[test]
    fn banks_are_found_by_id_and_by_name() {
        for word in ["starling", "Starling Bank", " starling bank ", "my starling account"] {
            assert_eq!(bank(word).map(|b| b.template.id.as_str()).ok(), Some("starling"), "{word}");
        }
        assert_eq!(bank("demo bank").map(|b| b.template.id.as_str()).ok(), Some("demo"));
        for word in ["", "bank", "my bank", "starling or monzo", "chase"] {
            assert!(bank(word).is_err_and(|e| e.code() == "unknown_bank"), "{word}");
        }
    }
}

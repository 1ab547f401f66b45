//! Who is meant: a contact, an ENS name, an address, or one of the person's own accounts.

use alloy_primitives::Address;
use parlance_signer_protocol::Contact;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    chain::{ChainClient, ens},
    error::{Result, WalletError},
};

/// A name turned into an address, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The address.
    pub address: Address,
    /// The name, where one was used.
    pub name: Option<String>,
    /// Where the address came from.
    pub source: Source,
}

/// Where an address came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The person typed it.
    Typed,
    /// The signer's address book.
    AddressBook,
    /// ENS.
    Ens,
    /// One of the person's own accounts.
    Own,
    /// The compiled-in registry.
    Registry,
}

impl Source {
    /// As in claims and events.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::AddressBook => "address_book",
            Self::Ens => "ens",
            Self::Own => "own",
            Self::Registry => "registry",
        }
    }
}

/// Find the address behind `who`.
///
/// # Errors
/// [`WalletError::Ask`] with codes `unknown_contact` (and the nearest names), `ambiguous_contact`, `bad_checksum`;
/// ENS errors.
pub async fn resolve(who: &str, contacts: &[Contact], client: &ChainClient) -> Result<Resolved> {
    let who = who.trim();
    if who.starts_with("0x") || who.starts_with("0X") {
        return address(who).map(|address| {
            let known = contacts.iter().find(|c| c.address == address);
            Resolved { address, name: known.map(|c| c.name.clone()), source: Source::Typed }
        });
    }
    let wanted = fold(who);
    let matching: Vec<&Contact> = contacts.iter().filter(|c| fold(&c.name) == wanted).collect();
    match matching.as_slice() {
        [one] => Ok(Resolved { address: one.address, name: Some(one.name.clone()), source: Source::AddressBook }),
        [] if who.contains('.') => {
            let found = ens::resolve(client, who).await?;
            Ok(Resolved { address: found.address, name: Some(found.name), source: Source::Ens })
        }
        [] => Err(unknown(who, contacts)),
        _ => Err(WalletError::Ask {
            code: "ambiguous_contact",
            message: format!("{} contacts are called {who}.", matching.len()),
            remedy: "Say the address, or rename one of them.".into(),
        }),
    }
}

/// An address as typed. Mixed case has to be the EIP-55 checksum; all-lower and all-upper case carry none and are taken.
///
/// # Errors
/// [`WalletError::Ask`] with code `bad_address` or `bad_checksum`.
pub fn address(text: &str) -> Result<Address> {
    let digits = text.get(2..).unwrap_or_default();
    if digits.len() != 40 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(WalletError::Ask {
            code: "bad_address",
            message: format!(
                "{text} is not an address: expected 0x and 40 hexadecimal digits, got {} characters after 0x.",
                digits.chars().count()
            ),
            remedy: "Copy the whole address again from where you have it.".into(),
        });
    }
    let mixed = digits.bytes().any(|b| b.is_ascii_lowercase()) && digits.bytes().any(|b| b.is_ascii_uppercase());
    let lower = format!("0x{}", digits.to_ascii_lowercase());
    let parsed: Address = lower.parse().map_err(|_| WalletError::Ask {
        code: "bad_address",
        message: format!("{text} is not an address."),
        remedy: "Copy the whole address again from where you have it.".into(),
    })?;
    if mixed && parsed.to_checksum(None)[2..] != *digits {
        return Err(WalletError::Ask {
            code: "bad_checksum",
            message: format!("The capitals in {text} do not fit its digits (EIP-55): at least one character is wrong."),
            remedy: "Copy the address again from where you have it; do not retype it.".into(),
        });
    }
    Ok(parsed)
}

fn unknown(who: &str, contacts: &[Contact]) -> WalletError {
    let wanted = fold(who);
    let mut near: Vec<(usize, &str)> =
        contacts.iter().map(|c| (distance(&wanted, &fold(&c.name)), c.name.as_str())).filter(|(d, _)| *d <= 2).collect();
    near.sort_unstable();
    let remedy = match near.first() {
        Some((_, name)) => {
            format!("Did you mean {name}? Say the name, or give an address (0x...).")
        }
        None => format!("Give an address (0x...), or add them: \"add {who} 0x...\"."),
    };
    WalletError::Ask { code: "unknown_contact", message: format!("{who} is not in your address book."), remedy }
}

fn fold(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase()
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_capital_is_a_wrong_address() {
        assert!(address("0x52908400098527886E0F7030069857D2E4169EE7").is_ok());
        assert!(address("0x52908400098527886e0f7030069857d2e4169ee7").is_ok());
        assert_eq!(address("0x52908400098527886E0F7030069857D2e4169EE7").unwrap_err().code(), "bad_checksum");
        assert_eq!(address("0x5290840009852788").unwrap_err().code(), "bad_address");
        assert_eq!(address("0x52908400098527886E0F7030069857D2E4169EO7").unwrap_err().code(), "bad_address");
    }

    #[test]
    fn near_names_are_offered() {
        let contacts = vec![Contact { name: "Mike".into(), address: Address::ZERO, added: 0, paid: 0 }];
        assert!(unknown("Mikey", &contacts).remedy().contains("Did you mean Mike?"));
        assert!(!unknown("Zoe", &contacts).remedy().contains("Did you mean"));
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}

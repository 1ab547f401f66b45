//! The address book, which is the signer's, and a look at what is about to be put into it.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Wallet,
    error::Result,
    plan::{Source, resolve_recipient},
};

/// A contact.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ContactRow {
    /// Name.
    pub name: String,
    /// Checksummed.
    pub address: String,
    /// Unix seconds.
    pub added: u64,
    /// How often the owner's accounts have paid it.
    pub paid: u64,
}

/// What an address or name stands for.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ContactCheck {
    /// Checksummed.
    pub address: String,
    /// Name under which the book has it already.
    pub known_as: Option<String>,
    /// What to know before it is proposed, in sentences.
    pub notes: Vec<String>,
}

/// The address book.
///
/// # Errors
/// Signer errors.
pub async fn contacts(wallet: &Wallet) -> Result<Vec<ContactRow>> {
    let book = wallet.signer.contacts().await?;
    Ok(book.into_iter().map(|c| ContactRow { name: c.name, address: c.address.to_checksum(None), added: c.added, paid: c.paid }).collect())
}

/// What `who` (an address or an ENS name) stands for, and what to know before it is called `name`.
///
/// # Errors
/// A bad address, a name that can't be resolved, signer and chain errors.
pub async fn contact_check(wallet: &Wallet, name: &str, who: &str) -> Result<ContactCheck> {
    let client = wallet.client(None)?;
    let book = wallet.signer.contacts().await?;
    let found = resolve_recipient(who, &[], &client).await?;
    let mut notes = Vec::new();
    if found.source == Source::Ens {
        notes.push(format!(
            "{who} points to this address now, by ENS on {}. The contact keeps the address, not the name.",
            client.chain().title
        ));
    }
    if found.source == Source::Typed && !who.chars().any(|c| c.is_ascii_uppercase()) {
        notes.push("It was typed without a checksum: compare it once more with another source.".into());
    }
    if wallet.signer.status().await?.accounts.iter().any(|a| a.address == found.address) {
        notes.push("This is one of your own accounts.".into());
    }
    let known = book.iter().find(|c| c.address == found.address);
    if let Some(like) = book.iter().find(|c| c.address != found.address && alike(&c.address.to_string(), &found.address.to_string())) {
        notes.push(format!("It begins and ends like {}'s address, and is another one. Look closely.", like.name));
    }
    if let Some(taken) = book.iter().find(|c| c.name.eq_ignore_ascii_case(name.trim()) && c.address != found.address) {
        notes.push(format!("{} is in your book already, with another address.", taken.name));
    }
    // Whether code lies there is worth knowing, not worth failing for.
    if matches!(client.is_contract(found.address).await, Ok(true)) {
        notes.push(format!("On {} this is a contract, not a person's account.", client.chain().title));
    }
    Ok(ContactCheck { address: found.address.to_checksum(None), known_as: known.map(|c| c.name.clone()), notes })
}

/// The same first and last digits, by which people compare.
fn alike(a: &str, b: &str) -> bool {
    let ends = |s: &str| (s.get(..6).map(str::to_lowercase), s.get(s.len().saturating_sub(4)..).map(str::to_lowercase));
    ends(a) == ends(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_would_confuse_are_alike() {
        assert!(alike("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x7099000000000000000000000000000000aa79c8"));
        assert!(!alike("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x70997970C51812dc3A010C7d01b50e0d17dc79C9"));
    }
}

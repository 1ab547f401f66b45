//! The address book, which is the signer's, and a look at what is about to be put into it.

use alloy_primitives::Address;
use parlance_signer_protocol::{Account, Contact};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Wallet,
    error::Result,
    plan::{Source, resolve_recipient},
    store::{Entry, HistoryFilter},
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
    let accounts = wallet.signer.status().await?.accounts;
    if accounts.iter().any(|a| a.address == found.address) {
        notes.push("This is one of your own accounts.".into());
    }
    let known = book.iter().find(|c| c.address == found.address);
    if let Some(like) = look_alike(found.address, &book, &accounts, &wallet.store.history(&HistoryFilter::default())?) {
        notes.push(format!("It begins and ends like {like}, and is another one. Look closely."));
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

/// Whose address looks like this one to somebody who compares its ends: a contact's, an own one, or one of the history, where
/// those who make such addresses put them.
fn look_alike(address: Address, book: &[Contact], accounts: &[Account], history: &[Entry]) -> Option<String> {
    let like = |other: Address| other != address && alike(other, address);
    let contact = book.iter().find(|c| like(c.address)).map(|c| format!("{}'s address", c.name));
    let own = || accounts.iter().find(|a| like(a.address)).map(|a| format!("the address of your account {}", a.label));
    let seen = || {
        let other = history.iter().filter_map(|e| e.what.with).find(|a| like(*a))?;
        Some(format!("{}, which is in your activity", other.to_checksum(None)))
    };
    contact.or_else(own).or_else(seen)
}

/// The same first and last four digits, by which people compare.
fn alike(a: Address, b: Address) -> bool {
    a[..2] == b[..2] && a[18..] == b[18..]
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    const ALICE: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    const POISON: Address = address!("0x7099000000000000000000000000000000aa79c8");

    #[test]
    fn addresses_that_people_would_confuse_are_alike() {
        assert!(alike(ALICE, POISON));
        assert!(!alike(ALICE, address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C9")));
    }

    #[test]
    fn a_look_alike_is_named_by_whom_it_looks_like() {
        let book = [Contact { name: "Alice".into(), address: ALICE, added: 0, paid: 0 }];
        let accounts = [Account { address: ALICE, label: "Main".into(), path: None, watch_only: false }];
        assert_eq!(look_alike(POISON, &book, &accounts, &[]).as_deref(), Some("Alice's address"));
        assert_eq!(look_alike(POISON, &[], &accounts, &[]).as_deref(), Some("the address of your account Main"));
        assert_eq!(look_alike(ALICE, &book, &accounts, &[]), None, "it is not like itself");
    }
}

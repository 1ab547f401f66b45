//! The address book, which is the signer's.

use parlance_signer_protocol::Request;
use serde_json::json;

use super::proposed;
use crate::{
    Wallet,
    conversation::Event,
    error::{Result, WalletError},
    plan::{resolve_address, resolve_recipient},
};

pub(super) async fn list(wallet: &Wallet) -> Result<Event> {
    let contacts = wallet.signer.contacts().await?;
    let mut lines: Vec<String> = contacts
        .iter()
        .map(|c| {
            let paid = match c.paid {
                0 => "never paid".to_owned(),
                1 => "paid once".to_owned(),
                n => format!("paid {n} times"),
            };
            format!("{:<20} {}  {paid}", c.name, c.address)
        })
        .collect();
    if lines.is_empty() {
        lines.push("Your address book is empty. Add somebody with \"add alice 0x...\".".into());
    }
    Ok(Event::Say { text: lines.join("\n"), data: json!({ "contacts": contacts }) })
}

pub(super) async fn add(wallet: &Wallet, name: &str, address: &str, quote: Option<&str>) -> Result<Event> {
    let address = if address.starts_with("0x") {
        resolve_address(address)?
    } else {
        resolve_recipient(address, &[], &wallet.client(None)?).await?.address
    };
    let request = Request::ProposeContact { name: name.to_owned(), address, quote: quote.map(str::to_owned) };
    proposed(wallet, request, json!({ "name": name, "address": address })).await
}

pub(super) async fn remove(wallet: &Wallet, name: &str) -> Result<Event> {
    let contacts = wallet.signer.contacts().await?;
    let Some(contact) = contacts.iter().find(|c| c.name.eq_ignore_ascii_case(name)) else {
        return Err(WalletError::Ask {
            code: "no_such_contact",
            message: format!("{name} is not in your address book."),
            remedy: "Say \"contacts\" to see who is.".into(),
        });
    };
    proposed(wallet, Request::ProposeContactRemoval { name: contact.name.clone() }, json!({ "name": contact.name })).await
}

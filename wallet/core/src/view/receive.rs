//! What to show somebody who wants to pay.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{Wallet, error::Result, receive as card, tokens::parse_units};

/// An address, ready to be shown.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ReceiveView {
    /// Checksummed.
    pub address: String,
    /// In groups of four.
    pub spaced: String,
    /// EIP-681.
    pub uri: String,
    /// What the payer must know.
    pub note: String,
    /// The link as QR code: rows of `0` and `1`, without quiet zone.
    pub modules: Vec<String>,
}

/// The card of an account, or of the one that pays; with an asset and an amount where something certain is asked for.
///
/// # Errors
/// Unknown chain or token, an amount that is none, signer errors.
pub async fn receive(
    wallet: &Wallet,
    chain: Option<&str>,
    asset: Option<&str>,
    amount: Option<&str>,
    account: Option<Address>,
) -> Result<ReceiveView> {
    let client = wallet.client(chain)?;
    let account = match account {
        Some(account) => account,
        None => wallet.signer.account().await?,
    };
    let said = |text: Option<&str>| text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let token = match said(asset) {
        Some(symbol) => Some(wallet.token(&client, &symbol).await?),
        None => None,
    };
    let native = wallet.native(&client);
    let amount = match said(amount) {
        Some(text) => Some(parse_units(&text, token.as_ref().unwrap_or(&native).decimals)?),
        None => None,
    };
    let card = card::card(account, client.chain(), token.as_ref().filter(|t| !t.is_native()), amount)?;
    let modules = card::modules(&card.uri)?;
    Ok(ReceiveView { address: card.address, spaced: card.spaced, uri: card.uri, note: card.note, modules })
}

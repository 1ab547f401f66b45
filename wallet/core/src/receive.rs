//! What to show somebody who wants to pay: address, EIP-681 link, QR code.

use alloy_primitives::{Address, U256};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::error::{Result, WalletError};
use crate::tokens::Token;

/// An address, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveCard {
    /// With EIP-55 checksum.
    pub address: String,
    /// In groups of four, to be compared by eye.
    pub spaced: String,
    /// EIP-681.
    pub uri: String,
    /// The link as QR code: lines of half-block characters, dark on light, with its quiet zone.
    pub qr: String,
    /// What the payer must know, in a sentence.
    pub note: String,
}

/// The card for an address on a chain; with an asset and an amount where something certain is asked for.
///
/// # Errors
///
/// [`WalletError::Qr`] where the link does not fit a code.
pub fn card(address: Address, chain: &Chain, asset: Option<&Token>, amount: Option<U256>) -> Result<ReceiveCard> {
    let shown = address.to_string();
    let uri = uri(address, chain, asset, amount);
    let code = QrCode::with_error_correction_level(&uri, EcLevel::M).map_err(|error| WalletError::Qr(error.to_string()))?;
    let qr = code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).quiet_zone(true).build();
    let what = asset.map_or("coins and tokens", |token| token.symbol.as_str());
    let note = format!("Send only {what} on {} to this address: on other networks they may not arrive.", chain.title);
    let spaced = format!("0x {}", groups(shown.trim_start_matches("0x")));
    Ok(ReceiveCard { address: shown, spaced, uri, qr, note })
}

/// The QR code of a text: rows of `0` and `1`, without quiet zone.
///
/// # Errors
///
/// [`WalletError::Qr`] where it does not fit a code.
pub fn modules(text: &str) -> Result<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| WalletError::Qr(error.to_string()))?;
    let width = code.width();
    let colors = code.to_colors();
    Ok(colors.chunks(width).map(|row| row.iter().map(|c| c.select('1', '0')).collect()).collect())
}

/// EIP-681: `ethereum:<target>@<chain>[/transfer?address=..&uint256=..]`.
fn uri(address: Address, chain: &Chain, asset: Option<&Token>, amount: Option<U256>) -> String {
    match (asset.and_then(Token::address), amount) {
        (Some(token), amount) => {
            let amount = amount.map(|a| format!("&uint256={a}")).unwrap_or_default();
            format!("ethereum:{token}@{}/transfer?address={address}{amount}", chain.id)
        }
        (None, Some(amount)) => format!("ethereum:{address}@{}?value={amount}", chain.id),
        (None, None) => format!("ethereum:{address}@{}", chain.id),
    }
}

fn groups(hex: &str) -> String {
    let chars: Vec<char> = hex.chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;
    use crate::chain::Catalogue;
    use crate::tokens::TokenBook;

    const ACCOUNT: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

    #[test]
    fn links_follow_eip_681() {
        let catalogue = Catalogue::builtin();
        let base = catalogue.by_name("base").unwrap();
        let usdc = TokenBook::builtin().resolve(8453, "USDC").unwrap();
        assert_eq!(uri(ACCOUNT, base, None, None), format!("ethereum:{ACCOUNT}@8453"));
        assert_eq!(uri(ACCOUNT, base, None, Some(U256::from(5))), format!("ethereum:{ACCOUNT}@8453?value=5"));
        assert_eq!(
            uri(ACCOUNT, base, Some(&usdc), Some(U256::from(7))),
            format!("ethereum:{}@8453/transfer?address={ACCOUNT}&uint256=7", usdc.address().unwrap())
        );
    }

    #[test]
    fn the_code_is_a_square_with_a_quiet_zone() {
        let catalogue = Catalogue::builtin();
        let card = card(ACCOUNT, catalogue.by_name("ethereum").unwrap(), None, None).unwrap();
        let lines: Vec<&str> = card.qr.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2), "two rows a line");
        assert!(card.qr.chars().all(|c| matches!(c, ' ' | '▀' | '▄' | '█' | '\n')));
        assert!(card.note.contains("Ethereum") && card.spaced.starts_with("0x f39F d6e5"));
    }
}

//! What an account has.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::worth;
use crate::{
    Wallet,
    chain::{
        ScanLimits,
        portfolio::{self, Holding},
    },
    error::Result,
    store::now,
    tokens::{Usd, format_short, format_units},
};

/// What an account has on a chain.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BalancesView {
    /// Id-name of the chain.
    pub chain: String,
    /// For people.
    pub chain_title: String,
    /// Whose: checksummed.
    pub account: String,
    /// Dearest first, then those without a price.
    pub holdings: Vec<HoldingRow>,
    /// Folded away.
    pub hidden: Vec<HoldingRow>,
    /// Worth of all that has a price, micro-USD.
    pub total_micro: u64,
    /// Of that, what rests on an assumption or an old price.
    pub uncertain_micro: u64,
    /// True where unknown tokens were looked for back to the first block.
    pub complete: bool,
    /// When it was read, Unix seconds.
    pub at: u64,
}

/// An asset that the account has.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct HoldingRow {
    /// Symbol.
    pub symbol: String,
    /// Name, as an unknown contract says it.
    pub name: String,
    /// Exact decimal.
    pub amount: String,
    /// Short, for the eye.
    pub shown: String,
    /// Worth, micro-USD.
    pub usd_micro: Option<u64>,
    /// Price of one, micro-USD.
    pub price_micro: Option<u64>,
    /// What to know about the price.
    pub caveat: Option<String>,
    /// What to know about the token.
    pub remark: Option<String>,
    /// Contract, checksummed.
    pub contract: Option<String>,
    /// True for the chain's own coin.
    pub native: bool,
}

/// Balances of an account, or of the one that pays; noted for the curve of worth over time.
///
/// # Errors
/// [`crate::WalletError::UnknownChain`]; signer, chain and store errors.
pub async fn balances(wallet: &Wallet, chain: Option<&str>, account: Option<Address>) -> Result<BalancesView> {
    let client = wallet.client(chain)?;
    let account = match account {
        Some(account) => account,
        None => wallet.signer.account().await?,
    };
    let found = portfolio::read(&client, &wallet.tokens, &wallet.prices, account, ScanLimits::default()).await?;
    worth::note(&wallet.store, &client.chain().name, account, found.total.micro_u64())?;
    Ok(BalancesView {
        chain: client.chain().name.clone(),
        chain_title: client.chain().title.clone(),
        account: account.to_checksum(None),
        holdings: found.holdings.iter().map(row).collect(),
        hidden: found.hidden.iter().map(row).collect(),
        total_micro: found.total.micro_u64(),
        uncertain_micro: found.uncertain.micro_u64(),
        complete: found.complete,
        at: now(),
    })
}

fn row(holding: &Holding) -> HoldingRow {
    let token = &holding.token;
    HoldingRow {
        symbol: token.symbol.clone(),
        name: holding.name.clone(),
        amount: format_units(holding.amount, token.decimals),
        shown: format_short(holding.amount, token.decimals),
        usd_micro: holding.usd.map(Usd::micro_u64),
        price_micro: holding.price.as_ref().map(|p| p.usd.micro_u64()),
        caveat: holding.price.as_ref().and_then(crate::chain::Price::caveat),
        remark: holding.remark(),
        contract: token.address().map(|a| a.to_checksum(None)),
        native: token.is_native(),
    }
}

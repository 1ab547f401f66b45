//! Who may take what.

use parlance_effects::AllowanceVia;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Wallet,
    chain::{ScanLimits, allowances as scan},
    error::Result,
    tokens::format_units,
};

/// Open allowances of the account that pays.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct AllowancesView {
    /// Id-name of the chain.
    pub chain: String,
    /// Those with most at risk first.
    pub rows: Vec<AllowanceRow>,
    /// True where the whole chain was looked at.
    pub complete: bool,
    /// The oldest block that was looked at.
    pub from_block: u64,
}

/// An open allowance.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct AllowanceRow {
    /// Symbol of the token.
    pub symbol: String,
    /// Its contract, checksummed.
    pub token: String,
    /// Who may take, checksummed.
    pub spender: String,
    /// Name of the spender in the registry.
    pub spender_label: Option<String>,
    /// Exact decimal.
    pub amount: String,
    /// True where it is all that the account will ever have.
    pub unlimited: bool,
    /// By which mechanism.
    pub via: ViaView,
    /// When it ends, Unix seconds.
    pub expires: Option<u64>,
    /// What could be taken at most now, micro-USD; `None` without a price.
    pub at_risk_micro: Option<u64>,
}

/// By which mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ViaView {
    /// ERC-20 `approve`.
    Erc20,
    /// EIP-2612 `permit`.
    Eip2612,
    /// Permit2.
    Permit2,
}

/// Open allowances.
///
/// # Errors
/// Unknown chain; signer and chain errors.
pub async fn allowances(wallet: &Wallet, chain: Option<&str>) -> Result<AllowancesView> {
    let client = wallet.client(chain)?;
    let account = wallet.signer.account().await?;
    let found = scan::open(&client, &wallet.tokens, account, ScanLimits::default()).await?;
    let mut rows = Vec::new();
    for open in &found.open {
        let contract = open.token.address();
        let at_risk = match (contract, wallet.prices.of(&client, &open.token).await) {
            (Some(contract), Ok(price)) => {
                let held = client.token_balance(contract, account).await?;
                Some(price.value(held.min(open.amount), open.token.decimals).micro_u64())
            }
            _ => None,
        };
        rows.push(AllowanceRow {
            symbol: open.token.symbol.clone(),
            token: contract.map(|a| a.to_checksum(None)).unwrap_or_default(),
            spender: open.spender.to_checksum(None),
            spender_label: open.spender_label.clone(),
            amount: format_units(open.amount, open.token.decimals),
            unlimited: open.unlimited,
            via: match open.via {
                AllowanceVia::Erc20 => ViaView::Erc20,
                AllowanceVia::Eip2612 => ViaView::Eip2612,
                AllowanceVia::Permit2 => ViaView::Permit2,
            },
            expires: open.expires,
            at_risk_micro: at_risk,
        });
    }
    rows.sort_by_key(|r| std::cmp::Reverse((r.at_risk_micro, r.unlimited)));
    Ok(AllowancesView { chain: client.chain().name.clone(), rows, complete: found.complete, from_block: found.from_block })
}

//! What an account has on a chain: known tokens, and what it finds to have been sent to it.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent;
use serde::{Deserialize, Serialize};

use super::abi::Erc20;
use super::client::ChainClient;
use super::price::{Price, Prices};
use super::scan::ScanLimits;
use crate::error::{Result, WalletError};
use crate::tokens::{Judgement, Token, TokenBook, Trust, Usd};

/// Unknown tokens that are looked at; airdrops can be thousands.
const MAX_UNKNOWN: usize = 60;

/// One asset that the account has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Which.
    pub token: Token,
    /// Its name for people, as the contract says it; empty for known tokens.
    pub name: String,
    /// In the smallest unit.
    pub amount: U256,
    /// `None` where there is no price.
    pub price: Option<Price>,
    /// Worth at that price.
    pub usd: Option<Usd>,
    /// What is to be thought of it.
    pub judgement: Judgement,
    /// True where it came without the account doing anything for it; only looked at for unknown tokens.
    pub unsolicited: bool,
}

/// What an account has on a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// Dearest first, then those without a price.
    pub holdings: Vec<Holding>,
    /// Folded away: unknown tokens that look like spam, pretend to be others, or were sent unasked.
    pub hidden: Vec<Holding>,
    /// Worth of all holdings that have a price.
    pub total: Usd,
    /// Of that, worth that rests on an assumption or an old price.
    pub uncertain: Usd,
    /// True where unknown tokens were looked for back to the first block.
    pub complete: bool,
}

/// Balances of an account: native coin, known tokens, and unknown ones that arrived within the limits.
pub async fn read(client: &ChainClient, book: &TokenBook, prices: &Prices, account: Address, limits: ScanLimits) -> Result<Portfolio> {
    let chain = client.chain();
    let mut holdings = Vec::new();
    let native = book.native(chain.id).unwrap_or_else(|| Token::native_of(chain));
    let balance = client.balance(account).await?;
    holdings.push(known_holding(client, prices, native, balance).await?);

    let known: Vec<Token> = book.on(chain.id).into_iter().filter(|t| !t.is_native()).collect();
    let addresses: Vec<Address> = known.iter().filter_map(Token::address).collect();
    for (token, amount) in known.into_iter().zip(client.token_balances(&addresses, account).await?) {
        if let Some(amount) = amount.filter(|a| !a.is_zero()) {
            holdings.push(known_holding(client, prices, token, amount).await?);
        }
    }

    let (unknown, complete) = unknown_holdings(client, book, account, &addresses, limits).await?;
    let (hidden, shown): (Vec<_>, Vec<_>) = unknown.into_iter().partition(Holding::is_suspect);
    holdings.extend(shown);
    holdings.sort_by_key(|h| std::cmp::Reverse((h.usd, h.token.trust == Trust::Registry, h.token.is_native())));
    let total = holdings.iter().filter_map(|h| h.usd).sum();
    let uncertain = holdings.iter().filter(|h| h.price.as_ref().is_some_and(|p| p.caveat().is_some())).filter_map(|h| h.usd).sum();
    Ok(Portfolio { holdings, hidden, total, uncertain, complete })
}

impl Holding {
    fn is_suspect(&self) -> bool {
        self.unsolicited || self.judgement.spam.is_some() || self.judgement.looks_like.is_some()
    }

    /// Why it is folded away, or what to know about it, in a sentence; `None` for known tokens.
    pub fn remark(&self) -> Option<String> {
        let Judgement { trust, looks_like, spam } = &self.judgement;
        if let Some(real) = looks_like {
            return Some(format!("it calls itself {}, but is not the {} that this wallet knows", self.token.symbol, real.symbol));
        }
        match (spam, self.unsolicited, trust) {
            (Some(why), ..) => Some(format!("probably spam: {why}")),
            (None, true, _) => Some("unknown, and sent to you unasked".into()),
            (None, false, Trust::Unknown) => Some("unknown to this wallet".into()),
            _ => None,
        }
    }
}

async fn known_holding(client: &ChainClient, prices: &Prices, token: Token, amount: U256) -> Result<Holding> {
    let price = match prices.of(client, &token).await {
        Ok(price) => Some(price),
        Err(WalletError::NoPrice { .. }) => None,
        Err(error) => return Err(error),
    };
    let usd = price.as_ref().map(|price| price.value(amount, token.decimals));
    let judgement = Judgement { trust: token.trust, looks_like: None, spam: None };
    Ok(Holding { token, name: String::new(), amount, price, usd, judgement, unsolicited: false })
}

async fn unknown_holdings(
    client: &ChainClient,
    book: &TokenBook,
    account: Address,
    known: &[Address],
    limits: ScanLimits,
) -> Result<(Vec<Holding>, bool)> {
    let to = B256::left_padding_from(account.as_slice());
    let scan = client.scan([Some(Erc20::Transfer::SIGNATURE_HASH), None, Some(to)], limits).await?;
    // Token → the transaction that brought it last.
    let mut arrived: BTreeMap<Address, Option<B256>> = BTreeMap::new();
    for log in &scan.logs {
        // NFTs have a fourth topic.
        if log.topics().len() == 3 && !known.contains(&log.address()) {
            arrived.entry(log.address()).or_insert(log.transaction_hash);
        }
    }
    let complete = scan.complete && arrived.len() <= MAX_UNKNOWN;
    let tokens: Vec<Address> = arrived.keys().copied().take(MAX_UNKNOWN).collect();
    let mut holdings = Vec::new();
    for (address, amount) in tokens.iter().zip(client.token_balances(&tokens, account).await?) {
        let Some(amount) = amount.filter(|a| !a.is_zero()) else {
            continue;
        };
        let meta = match client.token_meta(*address).await {
            Ok(meta) => meta,
            Err(WalletError::NotAToken { .. }) => continue,
            Err(error) => return Err(error),
        };
        let judgement = book.judge(client.chain().id, &meta);
        let brought = arrived.get(address).copied().flatten();
        let unsolicited = match brought {
            Some(hash) => client.transaction(hash).await?.is_none_or(|tx| tx.from != account),
            None => true,
        };
        let token = Token::unknown(client.chain().id, &meta);
        holdings.push(Holding { token, name: meta.name, amount, price: None, usd: None, judgement, unsolicited });
    }
    Ok((holdings, complete))
}

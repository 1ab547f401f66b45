//! What a signature is worth, and what of it counts as spent.
//!
//! Pure arithmetic over [`Effects`] and a price book; the ledger stores the [`Spend`]s that come out of it, the rules
//! see the [`Worth`] of each effect.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::{Address, U256};
use parlance_effects::{AllowanceChange, Asset, AssetKind, ChainId, Effect, Effects, Warning};
use serde::{Deserialize, Serialize};

use crate::units::{MICRO, Overflow, Round, Units, Usd};

/// What the signer knows of prices and accounts.
pub trait Book {
    /// Micro-USD for one whole unit, from the owner-approved book; a claimed price may only have made it dearer.
    /// Dollar stablecoins of the registry count at one dollar or this, whichever is more.
    fn price(&self, asset: &Asset) -> Option<Price>;
    /// True for an account of this vault under the same rules (not for watch-only accounts).
    fn is_own(&self, address: &Address) -> bool;
    /// Wei per byte for the data fee of a chain that charges one (an estimate: it has no ceiling).
    fn data_fee_per_byte(&self, chain: ChainId) -> Option<U256>;
}

/// A price of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Micro-USD for one whole unit.
    pub micro_usd: u64,
    /// False once the approval of the price is older than seven days: at least a click.
    pub fresh: bool,
}

/// Worth of a signature: per effect, of the fee, and what the ledger is to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appraisal {
    /// One per item of [`Effects::items`], in the same order.
    pub items: Vec<Worth>,
    /// The most that inclusion can cost; zero for off-chain signatures.
    pub fee: Worth,
    /// What counts as spent, to be reserved in the ledger before signing.
    pub spends: Vec<Spend>,
    /// True where a stale price was used.
    pub stale: bool,
}

/// Worth of one effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worth {
    /// How much of the asset leaves or may leave, or may be owed: `BOUNDLESS` for unlimited allowances and unknown decimals.
    pub units: Units,
    /// At book prices, gross (a swap: what goes in): `BOUNDLESS` where it can't be priced.
    pub usd: Usd,
    /// Of a swap: what is lost at book prices if only the least comes out, in basis points of what goes in.
    /// 10,000 where the least is not known or not priced; 0 for everything else.
    pub slippage: u32,
}

/// What kind of spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendKind {
    /// Leaves with this signature: transfers, values of calls.
    Out,
    /// The net loss of a swap at its least output.
    Swap,
    /// May be pulled later: approvals and permits.
    Allowance,
    /// May be taken with the signature: EIP-3009, Permit2 transfers.
    Deferred,
    /// The fee ceiling.
    Fee,
    /// A draw on a credit line, in `gross` only: what comes in is not spent. Where somebody else gets it, that counts by
    /// itself.
    Borrow,
}

/// One entry for the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// What kind.
    pub kind: SpendKind,
    /// Of which asset.
    pub asset: AssetId,
    /// Recipient or spender; `None` for fees, and where the signature names none.
    pub recipient: Option<Address>,
    /// How much; `BOUNDLESS` where there is no bound or the decimals are unknown.
    pub units: Units,
    /// Counted against limits in dollars (a swap: net); `BOUNDLESS` where it can't be priced.
    pub usd: Usd,
    /// Gross value: differs from `usd` for swaps and draws only.
    pub gross: Usd,
}

/// Which asset: `8453:0x8335...` or `1:native`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId {
    /// EIP-155 chain id.
    pub chain: ChainId,
    /// Native coin or token.
    pub kind: AssetKind,
}

impl From<&Asset> for AssetId {
    fn from(asset: &Asset) -> Self {
        Self { chain: asset.chain, kind: asset.kind }
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            AssetKind::Native => write!(f, "{}:native", self.chain),
            AssetKind::Token(address) => write!(f, "{}:{address}", self.chain),
        }
    }
}

/// Not `CHAIN:native` or `CHAIN:0x...`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no asset: expected `CHAIN:native` or `CHAIN:0x...`")]
pub struct NoAsset(String);

impl FromStr for AssetId {
    type Err = NoAsset;

    fn from_str(s: &str) -> Result<Self, NoAsset> {
        let wrong = || NoAsset(s.to_owned());
        let (chain, kind) = s.split_once(':').ok_or_else(wrong)?;
        let kind = match kind {
            "native" => AssetKind::Native,
            address => AssetKind::Token(address.parse().map_err(|_| wrong())?),
        };
        Ok(Self { chain: chain.parse().map_err(|_| wrong())?, kind })
    }
}

impl Serialize for AssetId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AssetId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The worth of `effects` at the prices of `book`. An amount that does not fit is an error, and the signature is to be
/// refused.
pub fn appraise(effects: &Effects, book: &impl Book) -> Result<Appraisal, Overflow> {
    let mut bench = Bench { book, stale: false, spends: Vec::new(), unlimited: unlimited_spenders(effects) };
    let items = effects.items.iter().map(|item| bench.item(effects, item)).collect::<Result<_, _>>()?;
    let fee = bench.fee(effects)?;
    Ok(Appraisal { items, fee, spends: bench.spends, stale: bench.stale })
}

struct Bench<'a, B> {
    book: &'a B,
    stale: bool,
    spends: Vec<Spend>,
    unlimited: Vec<Address>,
}

impl<B: Book> Bench<'_, B> {
    fn item(&mut self, effects: &Effects, item: &Effect) -> Result<Worth, Overflow> {
        match item {
            Effect::TransferOut { asset, amount, to, .. } => {
                let worth = self.gross(asset, *amount)?;
                // Between own accounts under the same rules nothing is spent.
                if !self.book.is_own(to) {
                    self.spend(SpendKind::Out, asset, Some(*to), worth);
                }
                Ok(worth)
            }
            Effect::Allowance { asset, spender, change, .. } => {
                let (AllowanceChange::Set(amount) | AllowanceChange::Increase(amount)) = change else {
                    return Ok(Worth::default());
                };
                let worth = if self.unlimited.contains(spender) {
                    Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 0 }
                } else {
                    // An allowance too large to be counted is no known amount: it is as good as unlimited.
                    self.gross(asset, *amount).unwrap_or(Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 0 })
                };
                if !amount.is_zero() {
                    self.spend(SpendKind::Allowance, asset, Some(*spender), worth);
                }
                Ok(worth)
            }
            Effect::Swap { sell, most_in, buy, least_out, recipient, .. } => self.swap(effects, sell, *most_in, buy, *least_out, recipient),
            Effect::Wrap { asset, amount } => self.gross(asset, *amount),
            Effect::Unwrap { asset, amount, recipient } => {
                let worth = self.gross(asset, *amount)?;
                if *recipient != effects.account && !self.book.is_own(recipient) {
                    self.spend(SpendKind::Out, asset, Some(*recipient), worth);
                }
                Ok(worth)
            }
            Effect::DeferredTransfer { asset, amount, to, .. } => {
                let worth = self.gross(asset, *amount)?;
                if !to.is_some_and(|to| self.book.is_own(&to)) {
                    self.spend(SpendKind::Deferred, asset, *to, worth);
                }
                Ok(worth)
            }
            Effect::CreditLine { asset, limit, .. } | Effect::CreditApplication { asset, limit, .. } => self.gross(asset, *limit),
            Effect::Borrow { asset, amount, to, .. } => {
                let worth = self.gross(asset, *amount)?;
                let (units, usd, gross) = (Units::ZERO, Usd::ZERO, worth.usd);
                self.spends.push(Spend { kind: SpendKind::Borrow, asset: asset.into(), recipient: None, units, usd, gross });
                if *to != effects.account && !self.book.is_own(to) {
                    self.spend(SpendKind::Out, asset, Some(*to), worth);
                }
                Ok(worth)
            }
            Effect::Repay { pool, asset, most, .. } => {
                let worth = self.gross(asset, *most)?;
                self.spend(SpendKind::Out, asset, Some(*pool), worth);
                Ok(worth)
            }
            Effect::UnknownCall { to, value, .. } => {
                self.native_value(effects, *value, Some(*to))?;
                Ok(Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 0 })
            }
            Effect::Deploy { value, .. } => self.native_value(effects, *value, None),
            Effect::UnknownTypedData { .. } | Effect::Delegation { .. } => {
                Ok(Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 0 })
            }
            Effect::CreditClose { .. } | Effect::TransferIn { .. } | Effect::Message { .. } | Effect::Nothing => Ok(Worth::default()),
        }
    }

    /// What goes in less the least that comes back to an own account; in full where that is not known.
    fn swap(
        &mut self,
        effects: &Effects,
        sell: &Asset,
        most_in: U256,
        buy: &Asset,
        least_out: U256,
        recipient: &Address,
    ) -> Result<Worth, Overflow> {
        let mut worth = self.gross(sell, most_in)?;
        let back = self.usd(buy, least_out, Round::Down)?;
        let returns = *recipient == effects.account || self.book.is_own(recipient);
        let known = !worth.usd.is_boundless() && !back.is_boundless();
        worth.slippage = if !known {
            10_000
        } else if worth.usd == Usd::ZERO {
            0
        } else {
            let lost = u128::from(worth.usd.minus(back).micro());
            (lost * 10_000).div_ceil(u128::from(worth.usd.micro())).min(10_000) as u32
        };
        let net = if known && returns { worth.usd.minus(back) } else { worth.usd };
        self.spends.push(Spend {
            kind: SpendKind::Swap,
            asset: sell.into(),
            recipient: (!returns).then_some(*recipient),
            units: worth.units,
            usd: net,
            gross: worth.usd,
        });
        Ok(worth)
    }

    fn fee(&mut self, effects: &Effects) -> Result<Worth, Overflow> {
        let (Some(fee), Some(chain)) = (effects.fee, effects.chain) else {
            return Ok(Worth::default());
        };
        let native = native(chain);
        let data = if fee.data_fee_unbounded {
            match self.book.data_fee_per_byte(chain) {
                Some(rate) => rate.saturating_mul(U256::from(fee.data_bytes)),
                None => {
                    let worth = Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 0 };
                    self.spend(SpendKind::Fee, &native, None, worth);
                    return Ok(worth);
                }
            }
        } else {
            U256::ZERO
        };
        let worth = self.gross(&native, fee.execution.saturating_add(data))?;
        self.spend(SpendKind::Fee, &native, None, worth);
        Ok(worth)
    }

    fn native_value(&mut self, effects: &Effects, value: U256, to: Option<Address>) -> Result<Worth, Overflow> {
        if value.is_zero() {
            return Ok(Worth::default());
        }
        let native = native(effects.chain.unwrap_or_default());
        let worth = self.gross(&native, value)?;
        self.spend(SpendKind::Out, &native, to, worth);
        Ok(worth)
    }

    fn spend(&mut self, kind: SpendKind, asset: &Asset, recipient: Option<Address>, worth: Worth) {
        let (units, usd) = (worth.units, worth.usd);
        self.spends.push(Spend { kind, asset: asset.into(), recipient, units, usd, gross: usd });
    }

    fn gross(&mut self, asset: &Asset, amount: U256) -> Result<Worth, Overflow> {
        let units = match decimals(asset) {
            Some(decimals) => Units::of(amount, decimals)?,
            None if amount.is_zero() => Units::ZERO,
            None => Units::BOUNDLESS,
        };
        Ok(Worth { units, usd: self.usd(asset, amount, Round::Up)?, slippage: 0 })
    }

    fn usd(&mut self, asset: &Asset, amount: U256, round: Round) -> Result<Usd, Overflow> {
        if amount.is_zero() {
            return Ok(Usd::ZERO);
        }
        let (Some(decimals), Some(price)) = (decimals(asset), self.price(asset)) else {
            return Ok(Usd::BOUNDLESS);
        };
        Usd::of(amount, decimals, price, round)
    }

    fn price(&mut self, asset: &Asset) -> Option<u64> {
        let book = self.book.price(asset);
        if asset.known.as_ref().is_some_and(|known| known.usd_stable) {
            return Some(book.map_or(MICRO, |price| price.micro_usd.max(MICRO)));
        }
        let book = book?;
        self.stale |= !book.fresh;
        Some(book.micro_usd)
    }
}

/// The native coin has 18 decimals on every chain of the registry; a token's are the registry's or unknown.
fn decimals(asset: &Asset) -> Option<u8> {
    match (&asset.known, asset.kind) {
        (Some(known), _) => Some(known.decimals),
        (None, AssetKind::Native) => Some(18),
        (None, AssetKind::Token(_)) => None,
    }
}

fn native(chain: ChainId) -> Asset {
    Asset { chain, kind: AssetKind::Native, known: None }
}

pub(crate) fn unlimited_spenders(effects: &Effects) -> Vec<Address> {
    let named = effects.warnings.iter().filter_map(|warning| match warning {
        Warning::UnlimitedAllowance { spender } => Some(*spender),
        _ => None,
    });
    named.collect()
}

//! What inclusion costs: quotes from the fee history, ceilings, and the fees of a replacement.

use alloy_primitives::{U128, U256};
use alloy_rpc_types_eth::BlockNumberOrTag;
use serde::{Deserialize, Serialize};

use super::client::ChainClient;
use super::wire::FeeHistoryWire;
use crate::error::{Result, WalletError};

/// Blocks that a quote looks back on.
const BLOCKS: u64 = 20;
/// Of the priority fees that transactions of a block paid: slow, normal, fast.
const PERCENTILES: [f64; 3] = [10.0, 50.0, 90.0];
/// Nodes ask for 10 % more than the transaction that is replaced; some for 12.5 %.
const BUMP: (u128, u128) = (1125, 1000);

/// The fee fields of a transaction, in wei per gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fees {
    /// EIP-1559.
    Eip1559 {
        /// At most this in all.
        #[serde(with = "decimal")]
        max_fee_per_gas: u128,
        /// At most this above the base fee.
        #[serde(with = "decimal")]
        max_priority_fee_per_gas: u128,
    },
    /// Before EIP-1559.
    Legacy {
        /// Exactly this.
        #[serde(with = "decimal")]
        gas_price: u128,
    },
}

/// Three speeds at one moment; `slow <= normal <= fast` in every field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeQuotes {
    /// Some minutes.
    pub slow: Fees,
    /// One of the next blocks.
    pub normal: Fees,
    /// The next block, very likely.
    pub fast: Fees,
    /// Base fee of the next block, wei per gas; `None` where there is none.
    pub base_fee: Option<u128>,
}

/// How urgent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Speed {
    Slow,
    #[default]
    Normal,
    Fast,
}

impl FeeQuotes {
    /// The quote for a speed.
    pub const fn at(&self, speed: Speed) -> Fees {
        match speed {
            Speed::Slow => self.slow,
            Speed::Normal => self.normal,
            Speed::Fast => self.fast,
        }
    }

    /// What a transaction of that much gas is expected to cost, in wei: less than its ceiling, since the base fee is paid as it is.
    pub fn expected(&self, speed: Speed, gas: u64) -> U256 {
        let per_gas = match (self.at(speed), self.base_fee) {
            (Fees::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas }, Some(base)) => {
                base.saturating_add(max_priority_fee_per_gas).min(max_fee_per_gas)
            }
            (fees, _) => fees.per_gas_ceiling(),
        };
        U256::from(per_gas) * U256::from(gas)
    }
}

impl Fees {
    /// The most that one gas can cost, in wei.
    pub const fn per_gas_ceiling(self) -> u128 {
        match self {
            Self::Eip1559 { max_fee_per_gas, .. } => max_fee_per_gas,
            Self::Legacy { gas_price } => gas_price,
        }
    }

    /// The most that execution can cost, in wei.
    pub fn ceiling(self, gas_limit: u64) -> U256 {
        // 128 and 64 bits fit 256.
        U256::from(self.per_gas_ceiling()) * U256::from(gas_limit)
    }

    /// Fees with which a transaction takes the place of one that pays `old`: every field at least 12.5 % higher (rounded up),
    /// and at least what the market asks. `None` where that does not fit 128 bits.
    pub fn replacing(old: Self, market: Self) -> Option<Self> {
        Some(match old {
            Self::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas } => {
                let (market_max, market_tip) = match market {
                    Self::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas } => (max_fee_per_gas, max_priority_fee_per_gas),
                    Self::Legacy { gas_price } => (gas_price, 0),
                };
                let tip = bumped(max_priority_fee_per_gas)?.max(market_tip);
                let max = bumped(max_fee_per_gas)?.max(market_max).max(tip);
                Self::Eip1559 { max_fee_per_gas: max, max_priority_fee_per_gas: tip }
            }
            Self::Legacy { gas_price } => Self::Legacy { gas_price: bumped(gas_price)?.max(market.per_gas_ceiling()) },
        })
    }
}

/// 12.5 % more, rounded up, and at least one more.
fn bumped(fee: u128) -> Option<u128> {
    // In two parts, so that the product does not overflow where the result fits.
    let (whole, rest) = (fee / BUMP.1, fee % BUMP.1);
    let more = whole.checked_mul(BUMP.0)?.checked_add((rest * BUMP.0).div_ceil(BUMP.1))?;
    Some(more.max(fee.checked_add(1)?))
}

/// 128-bit integers as decimal text: JSON numbers, and serde's tagged enums, hold 64 bits.
pub(crate) mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl ChainClient {
    /// What inclusion costs now: priority fees from the last 20 blocks, base fee with room to rise.
    pub async fn fees(&self) -> Result<FeeQuotes> {
        let params = (U128::from(BLOCKS), BlockNumberOrTag::Latest, PERCENTILES);
        match self.request::<_, FeeHistoryWire>("eth_feeHistory", params).await {
            Ok(history) => match quotes(&history, self.inner.chain.min_tip) {
                Some(quotes) => Ok(quotes),
                None => self.legacy_fees().await,
            },
            Err(WalletError::Unsupported { .. } | WalletError::Rpc { .. } | WalletError::BadAnswer { .. }) => self.legacy_fees().await,
            Err(error) => Err(error),
        }
    }

    /// The fees with which a pending transaction is replaced now.
    pub async fn replacement_fees(&self, old: Fees) -> Result<Fees> {
        let market = self.fees().await?.fast;
        Fees::replacing(old, market).ok_or_else(|| WalletError::Amount { got: format!("{old:?}"), why: "a higher fee does not fit".into() })
    }

    async fn legacy_fees(&self) -> Result<FeeQuotes> {
        let price: U128 = self.request("eth_gasPrice", [(); 0]).await?;
        let price: u128 = price.to();
        let legacy = |gas_price| Fees::Legacy { gas_price };
        Ok(FeeQuotes { slow: legacy(price), normal: legacy(price), fast: legacy(price.saturating_add(price / 4)), base_fee: None })
    }
}

/// `None` where the chain has no base fee.
fn quotes(history: &FeeHistoryWire, min_tip: u128) -> Option<FeeQuotes> {
    let base: u128 = history.base_fee_per_gas.last()?.to();
    if base == 0 && history.base_fee_per_gas.iter().all(|fee| fee.is_zero()) && history.reward.is_none() {
        return None;
    }
    let mut tips = [0usize, 1, 2].map(|which| median_tip(history, which).max(min_tip));
    // Medians of different percentiles are ordered in theory; a node's answer need not be.
    tips[1] = tips[1].max(tips[0]);
    tips[2] = tips[2].max(tips[1]);
    // The base fee rises by at most 12.5 % a block: 1.3 covers two full blocks, 2 covers six.
    let room = [base.saturating_add(base / 10 * 3), base.saturating_mul(2), base.saturating_mul(2)];
    let fees = |i: usize| Fees::Eip1559 { max_fee_per_gas: room[i].saturating_add(tips[i]), max_priority_fee_per_gas: tips[i] };
    Some(FeeQuotes { slow: fees(0), normal: fees(1), fast: fees(2), base_fee: Some(base) })
}

/// Over the blocks that had transactions: empty ones report 0.
fn median_tip(history: &FeeHistoryWire, which: usize) -> u128 {
    let rewards = history.reward.as_deref().unwrap_or_default();
    let mut tips: Vec<u128> = rewards
        .iter()
        .enumerate()
        .filter(|(block, _)| history.gas_used_ratio.get(*block).is_none_or(|ratio| *ratio > 0.0))
        .filter_map(|(_, tips)| tips.get(which).map(|tip| tip.to()))
        .collect();
    tips.sort_unstable();
    tips.get(tips.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eip1559(max: u128, tip: u128) -> Fees {
        Fees::Eip1559 { max_fee_per_gas: max, max_priority_fee_per_gas: tip }
    }

    fn history(base: &[u64], rewards: &[[u64; 3]]) -> FeeHistoryWire {
        FeeHistoryWire {
            base_fee_per_gas: base.iter().map(|b| U128::from(*b)).collect(),
            gas_used_ratio: vec![0.5; rewards.len()],
            reward: Some(rewards.iter().map(|r| r.iter().map(|x| U128::from(*x)).collect()).collect()),
        }
    }

    #[test]
    fn quotes_from_a_history() {
        let q = quotes(&history(&[90, 100], &[[1, 5, 9], [3, 6, 7], [2, 4, 100]]), 1).unwrap();
        assert_eq!(q.slow, eip1559(132, 2));
        assert_eq!(q.normal, eip1559(205, 5));
        assert_eq!(q.fast, eip1559(209, 9));
        assert_eq!(q.expected(Speed::Normal, 21_000), U256::from(105 * 21_000));
        assert!(quotes(&FeeHistoryWire { base_fee_per_gas: vec![], gas_used_ratio: vec![], reward: None }, 1).is_none());
    }

    #[test]
    fn a_replacement_pays_an_eighth_more() {
        assert_eq!(Fees::replacing(eip1559(1000, 100), eip1559(1, 1)), Some(eip1559(1125, 113)));
        assert_eq!(Fees::replacing(eip1559(1000, 0), eip1559(5000, 7)), Some(eip1559(5000, 7)));
        assert_eq!(Fees::replacing(Fees::Legacy { gas_price: 8 }, eip1559(1, 1)), Some(Fees::Legacy { gas_price: 9 }));
        assert_eq!(Fees::replacing(eip1559(u128::MAX, 1), eip1559(1, 1)), None);
    }

    proptest! {
        #[test]
        fn every_field_rises_enough(max in 0u128..=u128::MAX / 2, tip in 0u128..=u128::MAX / 2, m_max in any::<u128>(), m_tip in any::<u128>()) {
            let old = eip1559(max.max(tip), tip);
            let Some(Fees::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas }) = Fees::replacing(old, eip1559(m_max.max(m_tip), m_tip)) else {
                return Err(TestCaseError::fail("no replacement"));
            };
            let enough = |new: u128, old: u128| U256::from(new) * U256::from(1000) >= U256::from(old) * U256::from(1125) && new > old;
            prop_assert!(enough(max_fee_per_gas, max.max(tip)));
            prop_assert!(enough(max_priority_fee_per_gas, tip));
            prop_assert!(max_fee_per_gas >= max_priority_fee_per_gas);
        }

        #[test]
        fn speeds_are_ordered_and_above_the_base_fee(
            base in 0u64..=u64::MAX,
            rewards in proptest::collection::vec(any::<[u64; 3]>(), 1..20),
            min_tip in 0u128..=1 << 60,
        ) {
            let q = quotes(&history(&[base], &rewards), min_tip).unwrap();
            let parts = |fees| match fees {
                Fees::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas } => (max_fee_per_gas, max_priority_fee_per_gas),
                Fees::Legacy { .. } => panic!("the chain has a base fee"),
            };
            let all = [q.slow, q.normal, q.fast].map(parts);
            for pair in all.windows(2) {
                prop_assert!(pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1);
            }
            for (max, tip) in all {
                prop_assert!(max >= tip && max >= u128::from(base) && tip >= min_tip);
            }
        }

        #[test]
        fn ceilings_never_overflow(max in any::<u128>(), gas in any::<u64>()) {
            prop_assert_eq!(eip1559(max, 0).ceiling(gas), U256::from(max) * U256::from(gas));
        }
    }
}

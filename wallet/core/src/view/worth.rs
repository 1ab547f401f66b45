//! What an account was worth, as often as the wallet looked.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Wallet,
    error::Result,
    store::{Store, now},
};

/// Points closer together than this are one, the newest: within a day, a month, and for good.
const STEPS: [(u64, u64); 3] = [(2 * DAY, 600), (60 * DAY, 3600), (u64::MAX, DAY)];
/// Older points are forgotten.
const KEPT: u64 = 750 * DAY;
const DAY: u64 = 86_400;

/// What an account was worth at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WorthPoint {
    /// Unix seconds.
    pub at: u64,
    /// Micro-USD.
    pub usd_micro: u64,
}

/// What the paying account was worth on a chain over the last days, oldest first.
///
/// # Errors
/// As `Signer::account`; store errors.
pub async fn worth_over_time(wallet: &Wallet, chain: Option<&str>, days: u32) -> Result<Vec<WorthPoint>> {
    let chain = match chain {
        Some(name) => wallet.catalogue().by_name(name)?.name.clone(),
        None => wallet.current_chain()?.name,
    };
    let account = wallet.signer.account().await?;
    let from = now().saturating_sub(u64::from(days) * DAY);
    Ok(points(&wallet.store, &chain, account)?.into_iter().filter(|p| p.at >= from).collect())
}

/// Keep what was just read.
pub(super) fn note(store: &Store, chain: &str, account: Address, usd_micro: u64) -> Result<()> {
    let mut known = points(store, chain, account)?;
    known.push(WorthPoint { at: now(), usd_micro });
    store.set(&key(chain, account), &thinned(known, now()))
}

fn points(store: &Store, chain: &str, account: Address) -> Result<Vec<WorthPoint>> {
    Ok(store.setting(&key(chain, account))?.unwrap_or_default())
}

fn key(chain: &str, account: Address) -> String {
    format!("worth:{chain}:{account}")
}

/// The fewer points, the older they are; of those in one step the newest stays, and the first of all stays.
fn thinned(points: Vec<WorthPoint>, now: u64) -> Vec<WorthPoint> {
    let mut kept: Vec<WorthPoint> = Vec::new();
    for point in points.into_iter().filter(|p| p.at + KEPT >= now) {
        let age = now.saturating_sub(point.at);
        let step = STEPS.iter().find(|(limit, _)| age <= *limit).map_or(DAY, |(_, step)| *step);
        let replaces = kept.len() > 1 && kept.last().is_some_and(|last| last.at / step == point.at / step);
        if replaces {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_points_thin_out_and_the_newest_of_each_step_stays() {
        let now = 1_800_000_000;
        let every_minute = |from: u64, minutes: u64| (0..minutes).map(move |m| WorthPoint { at: from + m * 60, usd_micro: m });
        let fresh = thinned(every_minute(now - 3600, 60).collect(), now);
        assert!(fresh.len() <= 9, "{}", fresh.len());
        assert_eq!(fresh.last(), Some(&WorthPoint { at: now - 60, usd_micro: 59 }));
        let old = thinned(every_minute(now - 100 * DAY, 3 * 1440).collect(), now);
        assert!(old.len() <= 5, "{}", old.len());
        assert!(thinned(vec![WorthPoint { at: now - KEPT - 1, usd_micro: 1 }], now).is_empty());
    }

    #[test]
    fn thinning_again_changes_nothing() {
        let now = 1_800_000_000;
        let points: Vec<_> = (0..5000).map(|i| WorthPoint { at: now - 5000 * 700 + i * 700, usd_micro: i }).collect();
        let once = thinned(points, now);
        assert_eq!(thinned(once.clone(), now), once);
    }
}

//! Uniswap V3 `SwapRouter` and `SwapRouter02`: calls and multicalls become steps, and [`till`] follows the money.

mod steps;
mod till;

use alloy_primitives::Address;

use super::call::{Call, NotUnderstood, Outcome};

/// Nested multicalls deeper than this are not understood.
const MOST_DEPTH: usize = 4;

/// Multicalls with more calls than this, all levels together, are not understood.
const MOST_CALLS: usize = 64;

/// Which of the two routers it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// `SwapRouter`: deadlines in the structs; recipient zero means the router.
    V3,
    /// `SwapRouter02`: recipients 1 and 2 mean the sender and the router; amount zero means the router's balance.
    V3Router02,
}

impl Version {
    /// The recipient that the router puts in the place of a swap's `recipient`.
    fn recipient(self, stated: Address, account: Address, router: Address) -> Address {
        match (self, stated) {
            (Self::V3, Address::ZERO) => router,
            (Self::V3Router02, stated) if stated == Address::with_last_byte(1) => account,
            (Self::V3Router02, stated) if stated == Address::with_last_byte(2) => router,
            (_, stated) => stated,
        }
    }
}

/// A call to one of the routers.
pub(super) fn decode(call: &Call<'_>, version: Version) -> Result<Outcome, NotUnderstood> {
    let plan = steps::flatten(call, version)?;
    let effects = till::run(call, &plan)?;
    let batch = (plan.steps.len() > 1).then_some(plan.steps.len());
    Ok(Outcome { effects, batch, one_block: plan.one_block })
}

//! Follows the money through a router: what is paid from where, what lies in the router in between, who gets it.
//!
//! The routers keep no accounts: whoever calls `sweepToken`, `unwrapWETH9` or `refundETH` gets all that lies there.
//! So whatever a plan leaves behind is as good as given away, and while a contract that is not in the registry is
//! called in between (a token in a path), it could take what lies there. Both are "not understood", except that a
//! sweep's own minimum is a guarantee even then.

use alloy_primitives::{Address, U256};

use super::super::call::{Call, NotUnderstood};
use super::super::unix_seconds;
use super::steps::{Plan, Step, Swap};
use crate::{AllowanceChange, AllowanceVia, Asset, Effect};

/// Effects of a plan.
pub(super) fn run(call: &Call<'_>, plan: &Plan) -> Result<Vec<Effect>, NotUnderstood> {
    let place = call.place;
    let registered = |token: &Address| place.is_registered_token(*token);
    let strangers = plan.steps.iter().any(|step| match step {
        Step::Swap(swap) => !swap.tokens.iter().all(registered),
        Step::Sweep { token, .. } | Step::SelfPermit { token, .. } => !registered(token),
        Step::Unwrap { .. } | Step::Refund => false,
    });
    if strangers && !call.value.is_zero() {
        return Err("a token that is not in the registry could take the coin while it lies in the router".into());
    }
    let mut till = Till {
        call,
        wrapped: place.registry.wrapped_native(place.chain),
        deadline: plan.deadline.and_then(unix_seconds),
        strangers,
        coin: Coin { least: call.value, most: call.value },
        held: Vec::new(),
        effects: Vec::new(),
    };
    for step in &plan.steps {
        till.step(step)?;
    }
    till.close()
}

struct Till<'a, 'c> {
    call: &'a Call<'c>,
    wrapped: Option<Address>,
    deadline: Option<u64>,
    /// True where contracts that are not in the registry are called.
    strangers: bool,
    coin: Coin,
    held: Vec<Held>,
    effects: Vec<Effect>,
}

/// Native coin of the sender that lies in the router, wei.
struct Coin {
    least: U256,
    most: U256,
}

/// A swap's output that lies in the router.
struct Held {
    token: Address,
    sell: Asset,
    most_in: U256,
    least_out: U256,
}

impl Till<'_, '_> {
    fn step(&mut self, step: &Step) -> Result<(), NotUnderstood> {
        match step {
            Step::Swap(swap) => self.swap(swap),
            Step::Unwrap { min, recipient } => match self.wrapped {
                Some(wrapped) => self.hand_out(wrapped, self.call.place.native(), *min, *recipient),
                None => Err("the chain's wrapped coin is not in the registry".into()),
            },
            Step::Sweep { token, min, recipient } => self.hand_out(*token, self.call.place.token(*token), *min, *recipient),
            Step::Refund => {
                self.coin = Coin { least: U256::ZERO, most: U256::ZERO };
                Ok(())
            }
            Step::SelfPermit { token, value } => {
                self.effects.push(Effect::Allowance {
                    asset: self.call.place.token(*token),
                    spender: self.call.to,
                    change: AllowanceChange::Set(*value),
                    expires: None,
                    via: AllowanceVia::Eip2612,
                });
                Ok(())
            }
        }
    }

    fn swap(&mut self, swap: &Swap) -> Result<(), NotUnderstood> {
        let [first, between @ .., last] = swap.tokens.as_slice() else {
            return Err("the swap's path is too short".into());
        };
        let wrapped_between = between.iter().any(|token| self.wrapped == Some(*token));
        if swap.pays_between && wrapped_between && !self.coin.most.is_zero() {
            return Err("the router would pay with the coin that goes along where a wrapped coin is meant".into());
        }
        let sell = self.pay(*first, swap)?;
        let held = Held { token: *last, sell, most_in: swap.most_in, least_out: swap.least_out };
        if swap.recipient == self.call.to {
            self.held.push(held);
        } else {
            let buy = self.call.place.token(*last);
            self.push_swap(held, buy, swap.recipient);
        }
        Ok(())
    }

    /// The router pays with native coin where the token is the wrapped coin and it has enough, otherwise it pulls the
    /// token from the sender. Where that can't be told before, the call is not understood.
    fn pay(&mut self, token: Address, swap: &Swap) -> Result<Asset, NotUnderstood> {
        if self.wrapped != Some(token) || self.coin.most.is_zero() {
            return Ok(self.call.place.token(token));
        }
        let Some(least) = self.coin.least.checked_sub(swap.most_in) else {
            return Err("the coin that goes along may not pay for the swap, and the wrapped coin be taken too".into());
        };
        self.coin.least = least;
        if swap.spends_all {
            self.coin.most = self.coin.most.saturating_sub(swap.most_in);
        }
        Ok(self.call.place.native())
    }

    /// All that lies in the router of `token` goes to `recipient`, as `buy`.
    fn hand_out(&mut self, token: Address, buy: Asset, min: U256, recipient: Address) -> Result<(), NotUnderstood> {
        if recipient == self.call.to {
            return Err("the router would hand the output to itself".into());
        }
        let (mut taken, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.held).into_iter().partition(|held| held.token == token);
        self.held = rest;

        if self.strangers {
            // A stranger may have taken it in between; then only the sweep's own minimum is left.
            taken.iter_mut().for_each(|held| held.least_out = U256::ZERO);
        }
        // Swaps of the same asset are one to the reader.
        let mut merged: Vec<Held> = Vec::new();
        for held in taken {
            match merged.iter_mut().find(|earlier| earlier.sell == held.sell) {
                Some(earlier) => {
                    earlier.most_in = earlier.most_in.saturating_add(held.most_in);
                    earlier.least_out = earlier.least_out.saturating_add(held.least_out);
                }
                None => merged.push(held),
            }
        }
        // The minimum is one for all of them together: what it adds is counted once.
        let promised = merged.iter().fold(U256::ZERO, |sum, held| sum.saturating_add(held.least_out));
        if let Some(first) = merged.first_mut() {
            first.least_out = first.least_out.saturating_add(min.saturating_sub(promised));
        }
        for held in merged {
            self.push_swap(held, buy.clone(), recipient);
        }
        Ok(())
    }

    fn push_swap(&mut self, held: Held, buy: Asset, recipient: Address) {
        self.effects.push(Effect::Swap {
            sell: held.sell,
            most_in: held.most_in,
            buy,
            least_out: held.least_out,
            recipient,
            router: self.call.to,
            deadline: self.deadline,
        });
    }

    fn close(self) -> Result<Vec<Effect>, NotUnderstood> {
        if !self.coin.most.is_zero() {
            return Err("coin that goes along would stay in the router, where anyone can take it".into());
        }
        if !self.held.is_empty() {
            return Err("the output would stay in the router, where anyone can take it".into());
        }
        if self.effects.is_empty() {
            return Err("nothing in the call moves anything".into());
        }
        Ok(self.effects)
    }
}

//! What a router call says, as a flat list of steps: both struct shapes and nested multicalls become one form.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;

use super::super::abi::{Periphery, PeripheryOneBlock, PeripheryTimed, Router02, V3Router};
use super::super::call::{Call, NotUnderstood, strict, unknown_function};
use super::{MOST_CALLS, MOST_DEPTH, Version};

/// A router call, flattened.
pub(super) struct Plan {
    /// In order of execution.
    pub steps: Vec<Step>,
    /// The earliest deadline of all, since one that is missed reverts the whole.
    pub deadline: Option<U256>,
    /// True where a previous block hash is demanded.
    pub one_block: bool,
}

/// One call to the router.
pub(super) enum Step {
    Swap(Swap),
    /// `unwrapWETH9`: all WETH of the router, at least `min`, as native coin to `recipient`.
    Unwrap {
        min: U256,
        recipient: Address,
    },
    /// `sweepToken`: all of the router's `token`, at least `min`, to `recipient`.
    Sweep {
        token: Address,
        min: U256,
        recipient: Address,
    },
    /// `refundETH`: all native coin of the router to the sender.
    Refund,
    /// `selfPermit` and kin: the router hands in the sender's permit for itself.
    SelfPermit {
        token: Address,
        value: U256,
    },
}

/// A swap on Uniswap V2 or V3.
pub(super) struct Swap {
    /// From what goes in to what comes out; at least two.
    pub tokens: Vec<Address>,
    pub most_in: U256,
    pub least_out: U256,
    /// Sentinels are replaced.
    pub recipient: Address,
    /// True where exactly `most_in` is spent.
    pub spends_all: bool,
    /// True where the router itself pays the pools in between (V3, exact input).
    pub pays_between: bool,
}

/// Decodes the call with all the calls inside it.
pub(super) fn flatten(call: &Call<'_>, version: Version) -> Result<Plan, NotUnderstood> {
    let mut reader = Reader { call, version, calls: 0, plan: Plan { steps: Vec::new(), deadline: None, one_block: false } };
    reader.read(call.data, 0)?;
    Ok(reader.plan)
}

struct Reader<'a, 'c> {
    call: &'a Call<'c>,
    version: Version,
    calls: usize,
    plan: Plan,
}

impl Reader<'_, '_> {
    fn read(&mut self, data: &[u8], depth: usize) -> Result<(), NotUnderstood> {
        let Some(selector) = data.first_chunk::<4>().copied() else {
            return Err("a call inside the multicall has no function".into());
        };
        match selector {
            Periphery::multicallCall::SELECTOR => {
                let Periphery::multicallCall { data } = strict(data)?;
                return self.read_all(&data, depth);
            }
            PeripheryTimed::multicallCall::SELECTOR if self.version == Version::V3Router02 => {
                let PeripheryTimed::multicallCall { deadline, data } = strict(data)?;
                self.until(deadline);
                return self.read_all(&data, depth);
            }
            PeripheryOneBlock::multicallCall::SELECTOR if self.version == Version::V3Router02 => {
                let PeripheryOneBlock::multicallCall { data, .. } = strict(data)?;
                self.plan.one_block = true;
                return self.read_all(&data, depth);
            }
            _ => {}
        }
        let step = match self.payment(selector, data)? {
            Some(step) => step,
            None => Step::Swap(match self.version {
                Version::V3 => self.v3_swap(selector, data)?,
                Version::V3Router02 => self.router02_swap(selector, data)?,
            }),
        };
        self.plan.steps.push(step);
        Ok(())
    }

    fn read_all(&mut self, calls: &[Bytes], depth: usize) -> Result<(), NotUnderstood> {
        if depth == MOST_DEPTH {
            return Err(format!("multicalls are nested more than {MOST_DEPTH} deep"));
        }
        self.calls = self.calls.saturating_add(calls.len());
        if self.calls > MOST_CALLS {
            return Err(format!("more than {MOST_CALLS} calls in one"));
        }
        calls.iter().try_for_each(|inner| self.read(inner, depth + 1))
    }

    /// What both routers, or only the second one, have beside swaps; `None` for other functions.
    fn payment(&self, selector: [u8; 4], data: &[u8]) -> Result<Option<Step>, NotUnderstood> {
        let account = self.call.place.account;
        let second = self.version == Version::V3Router02;
        Ok(Some(match selector {
            Periphery::unwrapWETH9Call::SELECTOR => {
                let Periphery::unwrapWETH9Call { amountMinimum: min, recipient } = strict(data)?;
                Step::Unwrap { min, recipient }
            }
            Periphery::sweepTokenCall::SELECTOR => {
                let Periphery::sweepTokenCall { token, amountMinimum: min, recipient } = strict(data)?;
                Step::Sweep { token, min, recipient }
            }
            PeripheryTimed::unwrapWETH9Call::SELECTOR if second => {
                let PeripheryTimed::unwrapWETH9Call { amountMinimum: min } = strict(data)?;
                Step::Unwrap { min, recipient: account }
            }
            PeripheryTimed::sweepTokenCall::SELECTOR if second => {
                let PeripheryTimed::sweepTokenCall { token, amountMinimum: min } = strict(data)?;
                Step::Sweep { token, min, recipient: account }
            }
            Periphery::refundETHCall::SELECTOR => {
                let Periphery::refundETHCall {} = strict(data)?;
                Step::Refund
            }
            Periphery::selfPermitCall::SELECTOR => {
                let Periphery::selfPermitCall { token, value, .. } = strict(data)?;
                Step::SelfPermit { token, value }
            }
            Periphery::selfPermitIfNecessaryCall::SELECTOR => {
                let Periphery::selfPermitIfNecessaryCall { token, value, .. } = strict(data)?;
                Step::SelfPermit { token, value }
            }
            // DAI's permit allows all or nothing.
            Periphery::selfPermitAllowedCall::SELECTOR => {
                let Periphery::selfPermitAllowedCall { token, .. } = strict(data)?;
                Step::SelfPermit { token, value: U256::MAX }
            }
            Periphery::selfPermitAllowedIfNecessaryCall::SELECTOR => {
                let Periphery::selfPermitAllowedIfNecessaryCall { token, .. } = strict(data)?;
                Step::SelfPermit { token, value: U256::MAX }
            }
            _ => return Ok(None),
        }))
    }

    fn v3_swap(&mut self, selector: [u8; 4], data: &[u8]) -> Result<Swap, NotUnderstood> {
        match selector {
            V3Router::exactInputSingleCall::SELECTOR => {
                let V3Router::exactInputSingleCall { params: p } = strict(data)?;
                self.until(p.deadline);
                let limited = !p.sqrtPriceLimitX96.is_zero();
                self.exact_input(vec![p.tokenIn, p.tokenOut], p.recipient, p.amountIn, p.amountOutMinimum, limited)
            }
            V3Router::exactInputCall::SELECTOR => {
                let V3Router::exactInputCall { params: p } = strict(data)?;
                self.until(p.deadline);
                self.exact_input(v3_path(&p.path)?, p.recipient, p.amountIn, p.amountOutMinimum, false)
            }
            V3Router::exactOutputSingleCall::SELECTOR => {
                let V3Router::exactOutputSingleCall { params: p } = strict(data)?;
                self.until(p.deadline);
                let limited = !p.sqrtPriceLimitX96.is_zero();
                Ok(self.exact_output(vec![p.tokenIn, p.tokenOut], p.recipient, p.amountOut, p.amountInMaximum, limited))
            }
            V3Router::exactOutputCall::SELECTOR => {
                let V3Router::exactOutputCall { params: p } = strict(data)?;
                self.until(p.deadline);
                let tokens = v3_path_reversed(&p.path)?;
                Ok(self.exact_output(tokens, p.recipient, p.amountOut, p.amountInMaximum, false))
            }
            _ => Err(unknown_function("the Uniswap V3 router", selector)),
        }
    }

    fn router02_swap(&self, selector: [u8; 4], data: &[u8]) -> Result<Swap, NotUnderstood> {
        match selector {
            Router02::exactInputSingleCall::SELECTOR => {
                let Router02::exactInputSingleCall { params: p } = strict(data)?;
                let limited = !p.sqrtPriceLimitX96.is_zero();
                self.exact_input(vec![p.tokenIn, p.tokenOut], p.recipient, p.amountIn, p.amountOutMinimum, limited)
            }
            Router02::exactInputCall::SELECTOR => {
                let Router02::exactInputCall { params: p } = strict(data)?;
                self.exact_input(v3_path(&p.path)?, p.recipient, p.amountIn, p.amountOutMinimum, false)
            }
            Router02::exactOutputSingleCall::SELECTOR => {
                let Router02::exactOutputSingleCall { params: p } = strict(data)?;
                let limited = !p.sqrtPriceLimitX96.is_zero();
                Ok(self.exact_output(vec![p.tokenIn, p.tokenOut], p.recipient, p.amountOut, p.amountInMaximum, limited))
            }
            Router02::exactOutputCall::SELECTOR => {
                let Router02::exactOutputCall { params: p } = strict(data)?;
                let tokens = v3_path_reversed(&p.path)?;
                Ok(self.exact_output(tokens, p.recipient, p.amountOut, p.amountInMaximum, false))
            }
            Router02::swapExactTokensForTokensCall::SELECTOR => {
                let Router02::swapExactTokensForTokensCall { amountIn, amountOutMin, path, to } = strict(data)?;
                super::super::uniswap_v2::ends(&path)?;
                let swap = self.exact_input(path, to, amountIn, amountOutMin, false)?;
                Ok(Swap { pays_between: false, ..swap })
            }
            Router02::swapTokensForExactTokensCall::SELECTOR => {
                let Router02::swapTokensForExactTokensCall { amountOut, amountInMax, path, to } = strict(data)?;
                super::super::uniswap_v2::ends(&path)?;
                Ok(self.exact_output(path, to, amountOut, amountInMax, false))
            }
            _ => Err(unknown_function("the Uniswap router 02", selector)),
        }
    }

    fn exact_input(
        &self,
        tokens: Vec<Address>,
        recipient: Address,
        amount: U256,
        least_out: U256,
        price_limited: bool,
    ) -> Result<Swap, NotUnderstood> {
        if amount.is_zero() {
            return Err("the swap takes an amount of zero, which stands for whatever the router holds".into());
        }
        Ok(Swap {
            pays_between: tokens.len() > 2,
            tokens,
            most_in: amount,
            least_out,
            recipient: self.recipient(recipient),
            // A price limit can end the swap before all is spent.
            spends_all: !price_limited,
        })
    }

    fn exact_output(&self, tokens: Vec<Address>, recipient: Address, amount: U256, most_in: U256, price_limited: bool) -> Swap {
        Swap {
            tokens,
            most_in,
            // With a price limit the router does not check that the whole output came.
            least_out: if price_limited { U256::ZERO } else { amount },
            recipient: self.recipient(recipient),
            spends_all: false,
            pays_between: false,
        }
    }

    fn recipient(&self, stated: Address) -> Address {
        self.version.recipient(stated, self.call.place.account, self.call.to)
    }

    fn until(&mut self, deadline: U256) {
        self.plan.deadline = Some(self.plan.deadline.map_or(deadline, |earlier| earlier.min(deadline)));
    }
}

/// Tokens of a V3 path: 20 bytes of token, then any number of 3 bytes of fee and 20 bytes of token.
fn v3_path(path: &[u8]) -> Result<Vec<Address>, NotUnderstood> {
    let malformed = || format!("got a path of {} bytes, expected 20 and then 23 for each pool", path.len());
    let (first, hops) = path.split_first_chunk::<20>().ok_or_else(malformed)?;
    let (hops, rest) = hops.as_chunks::<23>();
    if hops.is_empty() || !rest.is_empty() {
        return Err(malformed());
    }
    let tokens = hops.iter().map(|hop| Address::from_slice(&hop[3..]));
    Ok(std::iter::once(Address::from(*first)).chain(tokens).collect())
}

/// `exactOutput` lists what comes out first.
fn v3_path_reversed(path: &[u8]) -> Result<Vec<Address>, NotUnderstood> {
    let mut tokens = v3_path(path)?;
    tokens.reverse();
    Ok(tokens)
}

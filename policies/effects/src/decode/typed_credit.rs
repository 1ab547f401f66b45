//! The borrower's signature under a lender's offer: EIP-712 `Application` in the domain of a credit pool.

use alloy_dyn_abi::DynSolValue;
use alloy_primitives::{Address, U256};

use super::credit::{checked, for_account};
use super::typed_permits::{Recognised, struct_fields, uint};
use super::{Place, unix_seconds};
use crate::warnings::one_line;
use crate::{Effect, TypedDomain};

/// `encodeType`, as `credit/terms` has it.
pub(super) const APPLICATION: &str = "Application(Offer offer,bytes32 proof)Offer(bytes32 nonce,address borrower,string lender,bytes32 template,uint256 atLeast,string currency,bytes8 scope,uint256 limit,uint256 rate,uint32 cycle,uint64 expiry,string terms)";

const NAME: &str = "Parlance Credit";
const VERSION: &str = "1";

/// Longer names and terms are shown by nobody as a whole, so nobody signs them. Characters.
const LONGEST_NAME: usize = 64;
const LONGEST_TERMS: usize = 2_000;

/// The domain is that of pools.
pub(super) fn check_domain(domain: &TypedDomain) -> Result<(), String> {
    if domain.name.as_deref() == Some(NAME) && domain.version.as_deref() == Some(VERSION) {
        return Ok(());
    }
    Err(format!("its domain is not {NAME}, version {VERSION}"))
}

/// Outer `None`: the fields have other types than `encodeType` says (can't be, but is not assumed).
pub(super) fn application(place: Place<'_>, pool: Address, fields: &[DynSolValue]) -> Option<Result<Recognised, String>> {
    let [offer, _proof] = fields else {
        return None;
    };
    Some(Offer::read(offer)?.accepted(place, pool))
}

/// What an offer says, but for what binds it to a proof.
struct Offer<'a> {
    borrower: Address,
    lender: &'a str,
    at_least: U256,
    currency: &'a str,
    limit: U256,
    rate: U256,
    cycle: u32,
    expiry: u64,
    terms: &'a str,
}

impl<'a> Offer<'a> {
    fn read(offer: &'a DynSolValue) -> Option<Self> {
        let [_nonce, borrower, lender, _template, at_least, currency, _scope, limit, rate, cycle, expiry, terms] = struct_fields(offer)?
        else {
            return None;
        };
        Some(Self {
            borrower: borrower.as_address()?,
            lender: lender.as_str()?,
            at_least: uint(at_least)?,
            currency: currency.as_str()?,
            limit: uint(limit)?,
            rate: uint(rate)?,
            cycle: u32::try_from(uint(cycle)?).ok()?,
            expiry: u64::try_from(uint(expiry)?).ok()?,
            terms: terms.as_str()?,
        })
    }

    fn accepted(self, place: Place<'_>, pool: Address) -> Result<Recognised, String> {
        let Self { limit, cycle, expiry, at_least, .. } = self;
        for_account(self.borrower, place.account)?;
        let rate = checked(limit, self.rate, cycle)?;
        let asset = place.registry.pool_asset(place.chain, pool).ok_or("its pool is not in the registry")?;
        if self.lender.chars().count() > LONGEST_NAME || self.terms.chars().count() > LONGEST_TERMS {
            return Err(format!("its lender's name or terms are longer than {LONGEST_NAME} or {LONGEST_TERMS} characters"));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err("its currency is not three capital letters (ISO 4217)".into());
        }
        let effect = Effect::CreditApplication {
            pool,
            asset,
            lender: one_line(self.lender),
            limit,
            rate,
            cycle,
            at_least,
            currency: self.currency.to_owned(),
            expiry,
            terms: one_line(self.terms),
        };
        Ok(Recognised { effects: vec![effect], deadline: unix_seconds(U256::from(expiry)), timed: true })
    }
}

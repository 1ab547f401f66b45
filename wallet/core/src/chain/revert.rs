//! Why a call reverted, in words.

use alloy_primitives::{Bytes, hex};
use alloy_sol_types::{Panic, Revert as SolRevert, SolError, SolInterface};

use parlance_credit::pool::{Pool::PoolErrors, Registry::RegistryErrors};

use super::abi::KnownErrors::KnownErrorsErrors as Known;
use crate::tokens::clean;

/// Longest reason that is shown.
const MAX_REASON: usize = 200;

/// A revert, decoded as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Revert {
    /// In words.
    pub reason: String,
    /// As the contract gave it.
    pub data: Bytes,
}

impl Revert {
    /// Decodes `Error(string)`, `Panic(uint256)` and the errors of well-known contracts; else the raw selector is named.
    pub fn decode(data: Bytes) -> Self {
        Self { reason: reason(&data), data }
    }

    /// A halt without data: out of gas, invalid opcode.
    pub fn halt(why: &str) -> Self {
        Self { reason: clean(why, MAX_REASON), data: Bytes::new() }
    }
}

impl std::fmt::Display for Revert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

fn reason(data: &[u8]) -> String {
    if data.is_empty() {
        return "it gave no reason".into();
    }
    if let Ok(SolRevert { reason }) = SolRevert::abi_decode(data) {
        let shown = clean(&reason, MAX_REASON);
        return match plain_words(&shown) {
            Some(words) => format!("{words} ({shown})"),
            None if shown.is_empty() => "it gave no reason".into(),
            None => shown,
        };
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return clean(&panic.to_string(), MAX_REASON);
    }
    if let Ok(known) = Known::abi_decode(data) {
        return of_known(&known);
    }
    if let Ok(error) = PoolErrors::abi_decode(data) {
        return of_pool(&error);
    }
    if let Ok(error) = RegistryErrors::abi_decode(data) {
        return match error {
            RegistryErrors::NullifierHeld(_) => "that bank account stands behind another line already".into(),
            RegistryErrors::NullifierCoolingDown(e) => {
                format!("that bank account can't stand behind a line again before {} (Unix time)", e.freeAt)
            }
        };
    }
    match data.get(..4) {
        Some(selector) => format!("an error that this wallet does not know (0x{})", hex::encode(selector)),
        None => format!("an error of {} bytes", data.len()),
    }
}

/// Terse reasons of contracts that everybody meets.
fn plain_words(reason: &str) -> Option<&'static str> {
    let lower = reason.to_lowercase();
    let table = [
        ("transfer amount exceeds balance", "the balance is too small"),
        ("transfer amount exceeds allowance", "the allowance is too small"),
        ("insufficient allowance", "the allowance is too small"),
        ("insufficient_output_amount", "the price moved: less would come out than agreed"),
        ("too little received", "the price moved: less would come out than agreed"),
        ("excessive_input_amount", "the price moved: more would go in than agreed"),
        ("too much requested", "the price moved: more would go in than agreed"),
        ("transaction too old", "the deadline of the swap has passed"),
        ("expired", "the deadline has passed"),
        ("blacklisted", "the token's issuer has blocked an account"),
        ("paused", "the token is paused by its issuer"),
        ("transfer_from_failed", "the token could not be taken: balance or allowance is too small"),
    ];
    if reason == "STF" {
        return Some("the token could not be taken: balance or allowance is too small");
    }
    table.iter().find(|(words, _)| lower.contains(words)).map(|(_, plain)| *plain)
}

fn of_known(error: &Known) -> String {
    match error {
        Known::ERC20InsufficientBalance(e) => format!("the balance is too small: {} of {} smallest units", e.balance, e.needed),
        Known::ERC20InsufficientAllowance(e) => {
            format!("the allowance of {} is too small: {} of {} smallest units", e.spender, e.allowance, e.needed)
        }
        Known::ERC20InvalidReceiver(e) => format!("the token refuses to be sent to {}", e.receiver),
        Known::ERC20InvalidSender(e) => format!("the token refuses to be sent from {}", e.sender),
        Known::ERC20InvalidApprover(e) => {
            format!("the token refuses an approval by {}", e.approver)
        }
        Known::ERC20InvalidSpender(e) => format!("the token refuses {} as spender", e.spender),
        Known::OwnableUnauthorizedAccount(e) => format!("{} may not do this: it is not the contract's owner", e.account),
        Known::EnforcedPause(_) => "the contract is paused".into(),
        Known::AllowanceExpired(_) => "the Permit2 allowance has expired".into(),
        Known::InsufficientAllowance(_) => "the Permit2 allowance is too small".into(),
        Known::SignatureExpired(_) => "the signature has expired".into(),
        Known::InvalidNonce(_) => "the signature was used already".into(),
        Known::InvalidSigner(_) => "the signature is another account's".into(),
        Known::V3TooLittleReceived(_) | Known::V2TooLittleReceived(_) => "the price moved: less would come out than agreed".into(),
        Known::V3TooMuchRequested(_) => "the price moved: more would go in than agreed".into(),
        Known::TransactionDeadlinePassed(_) => "the deadline of the swap has passed".into(),
    }
}

/// Errors of a credit pool.
fn of_pool(error: &PoolErrors) -> String {
    match error {
        PoolErrors::AttestationUsed(e) => format!("this attestation serves line {} already", e.line),
        PoolErrors::CapExceeded(_) => "the pool trusts the lender's attester or notary with no more than is lent already".into(),
        PoolErrors::DebtAbove(e) => format!("the debt is {} by now, above the {} that were allowed, in smallest units", e.debt, e.atMost),
        PoolErrors::Expired(_) => "the line or its attestation has expired".into(),
        PoolErrors::LimitExceeded(e) => format!("{} would be drawn of at most {}, in smallest units", e.got, e.limit),
        PoolErrors::NotBorrower(_) | PoolErrors::WrongBorrower(_) => "it is another account's line".into(),
        PoolErrors::NotEnoughCash(e) => format!("the pool has {} in cash and not {}, in smallest units", e.idle, e.got),
        PoolErrors::Overpaid(e) => format!("only {} are owed, not {}, in smallest units", e.debt, e.got),
        PoolErrors::Revoked(_) => "the lender has withdrawn the attestation behind this line".into(),
        PoolErrors::Stopped(_) => "the line was stopped: it can only be repaid and closed".into(),
        PoolErrors::TermsOutOfBounds(_) => "the pool takes no line with such a limit, rate or cycle".into(),
        PoolErrors::TooOld(_) => "the balance was observed too long ago: prove it again".into(),
        PoolErrors::WrongStatus(_) => "the line is not in good standing: a payment is overdue, or it is closed".into(),
        PoolErrors::ZeroAmount(_) => "nothing is no amount".into(),
        PoolErrors::EnforcedPause(_) => "the pool is paused".into(),
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{U256, address};
    use proptest::prelude::*;

    use super::super::abi::KnownErrors;
    use super::*;

    #[test]
    fn says_what_contracts_mean() {
        let text = |reason: &str| Revert::decode(SolRevert { reason: reason.into() }.abi_encode().into()).reason;
        assert!(text("ERC20: transfer amount exceeds balance").starts_with("the balance is too small"));
        assert!(text("STF").contains("allowance"));
        assert_eq!(text("some\u{202e} own words\n"), "some own words");
        assert_eq!(Revert::decode(Bytes::new()).reason, "it gave no reason");
        let known = KnownErrors::ERC20InsufficientBalance {
            sender: address!("0x00000000000000000000000000000000000000aa"),
            balance: U256::from(1),
            needed: U256::from(2),
        };
        assert!(Revert::decode(known.abi_encode().into()).reason.contains("1 of 2"));
        assert!(Revert::decode(Bytes::from_static(&[1, 2, 3, 4, 5])).reason.contains("0x01020304"));
        let panic = Panic { code: U256::from(0x11) };
        assert!(Revert::decode(panic.abi_encode().into()).reason.contains("overflow"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_some_short_words(data in proptest::collection::vec(any::<u8>(), 0..600)) {
            let reason = Revert::decode(data.into()).reason;
            prop_assert!(!reason.is_empty() && reason.chars().count() <= 300);
        }
    }
}

//! Unsigned transactions of the local world, as a wallet process (honest or not) would hand them to the signer.

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, Bytes, TxKind, U256, address};
use alloy_sol_types::{SolCall, sol};
use parlance_signer_protocol::Payload;

sol! {
    #[allow(missing_docs, reason = "ERC-20")]
    function transfer(address to, uint256 amount) returns (bool);
    #[allow(missing_docs, reason = "ERC-20")]
    function approve(address spender, uint256 amount) returns (bool);
}

/// Chain id of the local world.
pub const LOCAL: u64 = 31337;
/// The play-money account.
pub const DEMO: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
/// A contact of the play-money wallet.
pub const ALICE: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
/// Nobody's contact.
pub const STRANGER: Address = address!("00000000000000000000000000000000DeaDBeef");
/// USDC of the local world.
pub const USDC: Address = address!("b19b36b1456E65E3A6D514D3F715f204BD59f431");

/// An EIP-1559 transaction with a fee of at most 0.0001 ETH.
#[must_use]
pub fn unsigned(chain: u64, nonce: u64, to: Address, value: U256, data: Bytes) -> Payload {
    let tx = TxEip1559 {
        chain_id: chain,
        nonce,
        gas_limit: 100_000,
        max_fee_per_gas: 1_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(to),
        value,
        access_list: alloy_eips::eip2930::AccessList::default(),
        input: data,
    };
    Payload::Transaction { account: DEMO, unsigned: tx.encoded_for_signing().into() }
}

/// USDC, in cents, to somebody.
#[must_use]
pub fn usdc(nonce: u64, to: Address, cents: u64) -> Payload {
    let amount = U256::from(cents) * U256::from(10_000);
    unsigned(LOCAL, nonce, USDC, U256::ZERO, transferCall { to, amount }.abi_encode().into())
}

/// An allowance of USDC in its smallest unit.
#[must_use]
pub fn allowance(nonce: u64, spender: Address, amount: U256) -> Payload {
    unsigned(LOCAL, nonce, USDC, U256::ZERO, approveCall { spender, amount }.abi_encode().into())
}

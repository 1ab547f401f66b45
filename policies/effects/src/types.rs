//! The vocabulary of effects.

use alloy_primitives::{Address, B256, Bytes, U256};
use serde::{Deserialize, Serialize};

/// EIP-155 chain id. `0` never names a chain (in EIP-7702 it means "any", see [`Effect::Delegation`]).
pub type ChainId = u64;

/// Everything that a signature would let happen, as decoded from the bytes to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// What is signed.
    pub subject: Subject,
    /// The chain on which the signature is valid. `None` for EIP-191 messages and for typed data whose domain names no chain.
    pub chain: Option<ChainId>,
    /// The account whose key would sign.
    pub account: Address,
    /// In the order in which they happen; never empty.
    pub items: Vec<Effect>,
    /// The most that the sender can be charged for inclusion. `None` for off-chain signatures.
    pub fee: Option<FeeCeiling>,
    /// What a person should be told beside the effects.
    pub warnings: Vec<Warning>,
}

/// What is signed, with the digest that the key would see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Subject {
    /// A transaction of type legacy (EIP-155), EIP-2930, EIP-1559 or EIP-7702.
    Transaction {
        /// EIP-2718 type byte: 0, 1, 2 or 4.
        tx_type: u8,
        /// Account nonce.
        nonce: u64,
        /// `None` for a contract creation.
        to: Option<Address>,
        /// In wei.
        value: U256,
        /// First four bytes of calldata, where there are any.
        selector: Option<[u8; 4]>,
        /// Length of calldata, in bytes.
        data_len: usize,
        /// The signing hash.
        digest: B256,
    },
    /// EIP-712 typed data.
    TypedData {
        /// The domain as stated.
        domain: TypedDomain,
        /// `primaryType`.
        primary_type: String,
        /// The whole message as a tree, for display and for rules.
        tree: TypedNode,
        /// The signing hash.
        digest: B256,
    },
    /// EIP-191 version 0x45 (`personal_sign`).
    Message {
        /// The text, control and bidirectional characters made visible; `None` where it is not UTF-8.
        text: Option<String>,
        /// The raw bytes.
        bytes: Bytes,
        /// The signing hash.
        digest: B256,
    },
    /// An EIP-7702 authorization that is signed on its own.
    Authorization {
        /// The signing hash.
        digest: B256,
    },
}

/// EIP-712 domain, as stated in the message; fields that are absent there are absent here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedDomain {
    /// `name`.
    pub name: Option<String>,
    /// `version`.
    pub version: Option<String>,
    /// `chainId`.
    pub chain_id: Option<U256>,
    /// `verifyingContract`.
    pub verifying_contract: Option<Address>,
    /// `salt`.
    pub salt: Option<B256>,
}

/// One node of EIP-712 typed data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedNode {
    /// Field name; the primary type's name at the root, `[i]` for array elements.
    pub name: String,
    /// Solidity type.
    pub r#type: String,
    /// A leaf's value as text (addresses checksummed, integers decimal, bytes hex).
    pub value: Option<String>,
    /// A struct's fields or an array's elements.
    pub children: Vec<TypedNode>,
}

/// An asset on a chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Asset {
    /// EIP-155 chain id.
    pub chain: ChainId,
    /// Native coin or token contract.
    pub kind: AssetKind,
    /// From the compiled-in registry (or its owner-approved extension); never from the caller.
    pub known: Option<KnownToken>,
}

/// Native coin or token contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// The chain's own coin.
    Native,
    /// An ERC-20 contract.
    Token(Address),
}

/// What the registry says of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownToken {
    /// Symbol as the registry spells it, e.g. `USDC`.
    pub symbol: String,
    /// Decimals of the smallest unit.
    pub decimals: u8,
    /// True where one unit is one US dollar by design (USDC, USDT, DAI...).
    pub usd_stable: bool,
}

/// One thing that happens, or that a signature permits to happen later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// The asset leaves `from` for `to`. `from` is the signing account except in `transferFrom`.
    TransferOut {
        /// What.
        asset: Asset,
        /// In the asset's smallest unit.
        amount: U256,
        /// Whose balance falls.
        from: Address,
        /// Who receives.
        to: Address,
    },
    /// The asset arrives at the signing account.
    TransferIn {
        /// What.
        asset: Asset,
        /// At least this much, in the smallest unit.
        at_least: U256,
        /// From whom, where it is known.
        from: Option<Address>,
    },
    /// A spender may move the asset later without another signature of the account.
    Allowance {
        /// What.
        asset: Asset,
        /// Who may move it.
        spender: Address,
        /// How the allowance changes.
        change: AllowanceChange,
        /// When it ends, Unix seconds; `None` for never.
        expires: Option<u64>,
        /// By which mechanism.
        via: AllowanceVia,
    },
    /// An exchange through a known router.
    Swap {
        /// What goes in.
        sell: Asset,
        /// The most that goes in, in the smallest unit.
        most_in: U256,
        /// What comes out.
        buy: Asset,
        /// The least that comes out, in the smallest unit.
        least_out: U256,
        /// Who receives it.
        recipient: Address,
        /// The router.
        router: Address,
        /// Unix seconds after which it fails, where the call carries one.
        deadline: Option<u64>,
    },
    /// Native coin to its wrapped token, one to one.
    Wrap {
        /// The wrapped token.
        asset: Asset,
        /// In wei.
        amount: U256,
    },
    /// Wrapped token to native coin, one to one.
    Unwrap {
        /// The wrapped token.
        asset: Asset,
        /// In wei.
        amount: U256,
        /// Who receives the coin.
        recipient: Address,
    },
    /// A signature with which somebody can move the asset later (EIP-3009, Permit2 transfers).
    DeferredTransfer {
        /// What.
        asset: Asset,
        /// In the smallest unit.
        amount: U256,
        /// Who receives; `None` where whoever holds the signature decides.
        to: Option<Address>,
        /// Who may use the signature, where it is bound to one.
        spender: Option<Address>,
        /// Unix seconds.
        valid_after: Option<u64>,
        /// Unix seconds; `None` for never.
        valid_before: Option<u64>,
        /// By which mechanism.
        via: DeferredVia,
    },
    /// A credit line is opened, or put on other terms. Moves nothing by itself: see [`Effect::Borrow`].
    CreditLine {
        /// The pool that lends.
        pool: Address,
        /// What it lends.
        asset: Asset,
        /// Most that may be owed at a time, without interest, in the smallest unit.
        limit: U256,
        /// Interest in basis points a year.
        rate: u32,
        /// Seconds in a repayment cycle.
        cycle: u32,
        /// Unix seconds from which on nothing can be drawn.
        expiry: u64,
        /// Who owes; always the signing account.
        borrower: Address,
        /// The line that is put on these terms; `None` for a new one.
        renews: Option<U256>,
    },
    /// The account borrows on a credit line of its own.
    Borrow {
        /// The pool that lends.
        pool: Address,
        /// What is lent.
        asset: Asset,
        /// In the smallest unit.
        amount: U256,
        /// Who receives it. The account owes it, whoever that is.
        to: Address,
        /// Number of the line.
        line: U256,
    },
    /// The account pays on a credit line: its own or, as far as the bytes tell, anybody's.
    Repay {
        /// The pool that lent.
        pool: Address,
        /// What is paid.
        asset: Asset,
        /// At most this much, in the smallest unit.
        most: U256,
        /// Number of the line.
        line: U256,
    },
    /// A repaid credit line ends.
    CreditClose {
        /// The pool that lent.
        pool: Address,
        /// What was lent.
        asset: Asset,
        /// Number of the line.
        line: U256,
    },
    /// The account accepts a lender's offer (EIP-712 `Application` of Parlance Credit). Moves nothing by itself.
    CreditApplication {
        /// The pool that would lend.
        pool: Address,
        /// What it would lend.
        asset: Asset,
        /// The lender's name, in its own words: without invisible characters, white space run together.
        lender: String,
        /// Most that may be owed at a time, without interest, in the smallest unit.
        limit: U256,
        /// Interest in basis points a year.
        rate: u32,
        /// Seconds in a repayment cycle.
        cycle: u32,
        /// The bank balance that was to be proved, in minor units of `currency`.
        at_least: U256,
        /// ISO 4217.
        currency: String,
        /// Unix seconds from which on the offer can't be accepted.
        expiry: u64,
        /// The lender's terms, in its own words, as `lender`.
        terms: String,
    },
    /// A call that is not understood.
    UnknownCall {
        /// The contract.
        to: Address,
        /// Selector, where there is calldata.
        selector: Option<[u8; 4]>,
        /// Wei that go along.
        value: U256,
        /// Why it is not understood, in a sentence.
        reason: String,
    },
    /// Typed data that is not understood.
    UnknownTypedData {
        /// Why it is not understood, in a sentence.
        reason: String,
    },
    /// A contract creation.
    Deploy {
        /// keccak256 of the init code.
        init_code_hash: B256,
        /// Wei that go along.
        value: U256,
    },
    /// EIP-7702: the account would run this code.
    Delegation {
        /// The code's address; zero clears a delegation.
        to: Address,
        /// Chain on which it is valid; `0` means every chain.
        chain: ChainId,
        /// Authorization nonce.
        nonce: u64,
        /// The signing authority where it can be recovered; `None` when this signer would sign it.
        authority: Option<Address>,
    },
    /// An EIP-191 message: moves nothing by itself.
    Message {
        /// True where the text could be a digest (32 bytes, or 64 hex digits).
        looks_like_hash: bool,
    },
    /// A transaction to oneself without value and data, e.g. the replacement that cancels another one.
    Nothing,
}

/// How an allowance changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", content = "amount", rename_all = "snake_case")]
pub enum AllowanceChange {
    /// To this amount, in the smallest unit; zero revokes.
    Set(U256),
    /// By this much more.
    Increase(U256),
    /// By this much less.
    Decrease(U256),
}

/// By which mechanism an allowance is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowanceVia {
    /// ERC-20 `approve` and kin.
    Erc20,
    /// EIP-2612 `permit` (a signature or a call).
    Eip2612,
    /// Permit2 `approve` or `PermitSingle` / `PermitBatch`.
    Permit2,
}

/// By which mechanism a signature moves money later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferredVia {
    /// `TransferWithAuthorization`.
    Eip3009Transfer,
    /// `ReceiveWithAuthorization`.
    Eip3009Receive,
    /// Permit2 `PermitTransferFrom` and its batch and witness forms.
    Permit2Transfer,
}

/// The most that inclusion can cost the sender, in wei of the native coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeCeiling {
    /// gas limit × (max fee per gas, or gas price). Wei.
    pub execution: U256,
    /// Gas limit.
    pub gas_limit: u64,
    /// `maxFeePerGas` or `gasPrice`, wei per gas.
    #[serde(with = "wei_text")]
    pub max_fee_per_gas: u128,
    /// Size of the signed transaction in bytes, for the data fee of OP-stack chains, which has no ceiling.
    pub data_bytes: usize,
    /// True where the chain charges such a data fee.
    pub data_fee_unbounded: bool,
}

/// What a person should be told beside the effects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum Warning {
    /// The allowance is at least half of the type's range or more than the token's plausible supply.
    UnlimitedAllowance {
        /// To whom.
        spender: Address,
    },
    /// Tokens sent to the token's own contract, or to the zero address, are usually lost.
    LikelyLost {
        /// To where.
        to: Address,
    },
    /// A swap without a least output.
    NoMinimumOut,
    /// A swap's or a signature's deadline is missing or far away.
    NoDeadline,
    /// An approval that changes a non-zero allowance directly can be front-run.
    ApproveRace,
    /// A message that could be the digest of something else.
    LooksLikeHash,
    /// The text has control, bidirectional or mixed-script characters.
    DeceptiveText,
    /// Typed data whose domain names another chain than the one in use, or none.
    DomainChain,
    /// Interest of more than 30 % a year.
    HighRate {
        /// Basis points a year.
        rate: u32,
    },
    /// A repayment cycle of less than a week.
    ShortCycle {
        /// Seconds.
        cycle: u32,
    },
    /// Somebody else than the account gets what the account will owe.
    BorrowedFor {
        /// Who gets it.
        to: Address,
    },
    /// Several calls in one, `count` of them.
    Batch {
        /// How many.
        count: usize,
    },
}

/// A number of 128 bits as decimal text: serde can't buffer such numbers, as it must inside of tagged enums.
mod wei_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

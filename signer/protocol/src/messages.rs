//! What a wallet process can ask of the signer, and what it hears back.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use parlance_effects::{ChainId, Effects};
use serde::{Deserialize, Serialize};

/// One request with its id and deadline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Chosen by the client, rising; echoed in the reply.
    pub id: u64,
    /// Milliseconds from receipt after which the signer must not sign any more.
    pub deadline_ms: u64,
    /// What is asked.
    pub request: Request,
}

/// One answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    /// Of the request; 0 where the frame could not be read.
    pub id: u64,
    /// The answer.
    pub response: Response,
}

/// What a wallet process can ask. Nothing here carries a secret, and nothing here changes rules, contacts,
/// accounts, prices or the lock without the approver (locking excepted).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// State of the signer: [`Response::Status`].
    Status {},
    /// Take back what was asked for and not answered yet, by any client of the same origin: its question closes, and it
    /// is refused as [`RefusalCode::Rejected`]. [`Response::Done`], also where nothing is asked.
    Withdraw {},
    /// Decide without signing (a preview): [`Response::Decided`]. Reserves nothing.
    Decide {
        /// What would be signed.
        payload: Payload,
        /// What only the wallet knows.
        #[serde(default)]
        claims: Claims,
    },
    /// Decide, ask for approval where the rules say so, reserve, sign: [`Response::Signed`].
    Sign {
        /// What is to be signed.
        payload: Payload,
        /// What only the wallet knows.
        #[serde(default)]
        claims: Claims,
    },
    /// Ask the approver to unlock the vault: [`Response::Done`].
    Unlock {},
    /// Lock at once: [`Response::Done`].
    Lock {},
    /// Ask the approver for first run (create or import), import, export, backup...: [`Response::Done`].
    Ceremony {
        /// Which.
        kind: Ceremony,
    },
    /// The rules in force: [`Response::Rules`].
    Rules {},
    /// Propose new rule text; enacted only through the approver: [`Response::Done`].
    ProposeRules {
        /// The complete new Cedar source of the owner's own rules.
        source: String,
        /// Why, in the words of the person. A claim.
        #[serde(default)]
        quote: Option<String>,
    },
    /// Propose a rule pack by name; enacted only through the approver: [`Response::Done`].
    ProposePack {
        /// `cautious`, `everyday`, `agent-micropayments`, `savings` or `paranoid`.
        name: String,
    },
    /// The address book: [`Response::Contacts`].
    Contacts {},
    /// Propose a contact; enacted only through the approver: [`Response::Done`].
    ProposeContact {
        /// Display name.
        name: String,
        /// Address.
        address: Address,
        /// What the person said. A claim.
        #[serde(default)]
        quote: Option<String>,
    },
    /// Propose removal of a contact; enacted only through the approver: [`Response::Done`].
    ProposeContactRemoval {
        /// Display name.
        name: String,
    },
    /// Propose a price for the price book; enacted only through the approver: [`Response::Done`].
    ProposePrice {
        /// Chain.
        chain: ChainId,
        /// Token contract; `None` for the native coin.
        token: Option<Address>,
        /// Micro-USD for one whole unit.
        micro_usd: u64,
    },
    /// Propose a token for the registry; enacted only through the approver: [`Response::Done`].
    ProposeToken {
        /// Chain.
        chain: ChainId,
        /// Contract.
        token: Address,
        /// Symbol as the wallet read it. A claim.
        symbol: String,
        /// Decimals as the wallet read it. A claim.
        decimals: u8,
    },
    /// Give back the reservation of a signature that never took effect; through the approver: [`Response::Done`].
    ProposeRelease {
        /// Digest that was signed.
        digest: B256,
    },
    /// Propose the next nonce of an account, where another wallet uses the same key too; through the approver:
    /// [`Response::Done`].
    ProposeNonce {
        /// Account.
        account: Address,
        /// Chain.
        chain: ChainId,
        /// The chain's count of the account's transactions, as the wallet read it. A claim.
        next: u64,
    },
    /// Acknowledge a rolled-back ledger; through the approver with the password: [`Response::Done`].
    AcknowledgeRollback {},
    /// The audit log, `limit` entries from sequence number `from`: [`Response::Audit`].
    Audit {
        /// First sequence number.
        from: u64,
        /// At most 500.
        limit: u32,
    },
    /// Verify the audit log's hash chain: [`Response::AuditVerified`].
    AuditVerify {},
}

/// A dialogue that belongs to the approver alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceremony {
    /// Create or import, whichever the person chooses; only without a vault.
    FirstRun,
    /// Import a phrase, key or keystore into an existing vault.
    Import,
    /// Add the next BIP-44 account.
    AddAccount,
    /// Add a watch-only account.
    WatchAccount,
    /// Show the phrase or a key, or write a keystore file.
    Export,
    /// Write an encrypted backup of vault, rules and contacts.
    Backup,
    /// Restore such a backup; only without a vault.
    Restore,
    /// Change the password.
    ChangePassword,
    /// Lock at once, and list what can be revoked.
    Incident,
}

/// What is to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "payload", rename_all = "snake_case", deny_unknown_fields)]
pub enum Payload {
    /// The EIP-2718 signing payload of an unsigned transaction (legacy: with EIP-155 chain id).
    Transaction {
        /// The signing account.
        account: Address,
        /// The bytes whose keccak256 is signed.
        unsigned: Bytes,
    },
    /// EIP-712 typed data as `eth_signTypedData_v4` JSON.
    TypedData {
        /// The signing account.
        account: Address,
        /// The JSON text.
        json: String,
    },
    /// An EIP-191 message.
    Message {
        /// The signing account.
        account: Address,
        /// The bytes of the message.
        bytes: Bytes,
    },
    /// An EIP-7702 authorization.
    Authorization {
        /// The signing account.
        account: Address,
        /// EIP-155 chain id; 0 means any chain.
        chain: ChainId,
        /// The code's address.
        address: Address,
        /// Authorization nonce.
        nonce: u64,
    },
}

/// What only the wallet knows. Rules may use it to tighten, never to permit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Claims {
    /// What the person said; shown as a quote, cut at 140 characters.
    pub quote: Option<String>,
    /// Where each argument came from: field → `typed`, `address_book`, `ens`, `computed`, `chain`.
    pub provenance: BTreeMap<String, String>,
    /// ENS name that the wallet resolved, per address.
    pub names: BTreeMap<Address, String>,
    /// Host that asked, for x402 and dapps.
    pub host: Option<String>,
    /// Which part of the wallet asks: `chat`, `schedule`, `x402`.
    pub via: Option<String>,
    /// Claimed prices in micro-USD per whole unit, by symbol; may only make a spend dearer.
    pub prices: BTreeMap<String, u64>,
    /// BLAKE3 of model file, prompt and intent, hex; for the audit log.
    pub model_hash: Option<String>,
    /// See `model_hash`.
    pub prompt_hash: Option<String>,
    /// See `model_hash`.
    pub intent_hash: Option<String>,
    /// Current native balance or other facts that the preview showed, in words. Shown as "the wallet says".
    pub notes: Vec<String>,
}

/// What the signer answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one value at a time lives on the wire")]
pub enum Response {
    /// To [`Request::Status`].
    Status(Status),
    /// To [`Request::Decide`].
    Decided(Decided),
    /// To [`Request::Sign`].
    Signed(Signed),
    /// To requests that only succeed or not.
    Done {
        /// What happened, in a sentence.
        message: String,
    },
    /// To [`Request::Rules`].
    Rules(RulesInForce),
    /// To [`Request::Contacts`].
    Contacts {
        /// The address book.
        contacts: Vec<Contact>,
    },
    /// To [`Request::Audit`].
    Audit {
        /// JSON lines as stored.
        entries: Vec<serde_json::Value>,
        /// Entries in all.
        total: u64,
    },
    /// To [`Request::AuditVerify`].
    AuditVerified {
        /// Entries whose chain holds.
        entries: u64,
        /// Hash of the last one, hex.
        head: String,
    },
    /// The rules, the owner or the signer said no.
    Refused(Refusal),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable, for programs.
    pub code: RefusalCode,
    /// In a sentence: what was got, what was expected.
    pub reason: String,
    /// What the person can do.
    pub remedy: String,
    /// The decision, where one was made.
    pub decision: Option<Box<Decided>>,
}

/// Stable codes of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// A rule forbids it, or none permits it.
    Rules,
    /// The owner rejected it, or the wallet took it back.
    Rejected,
    /// The approval was not given in time.
    Expired,
    /// The vault is locked and was not unlocked.
    Locked,
    /// There is no vault yet.
    NoVault,
    /// There is nobody to ask: no display and no terminal.
    NoApprover,
    /// The payload can't be decoded or is of a kind that is never signed.
    Payload,
    /// No such account, or it is watch-only.
    Account,
    /// Wrong password, or too many of them.
    Password,
    /// Too many requests, or the origin is paused.
    Busy,
    /// The client may not ask this (its capability is narrower), or the frame was wrong.
    NotAllowed,
    /// The nonce leaves a gap, or too much is outstanding.
    Outstanding,
    /// State on disk is damaged, newer, or was rolled back.
    State,
    /// The signer failed.
    Internal,
}

/// A decision by the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What the bytes would do, as the signer decoded them.
    pub effects: Effects,
    /// The same in plain sentences, with the signer's own contact names.
    pub sentences: Vec<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// The rules that decided, in order of weight.
    pub rules: Vec<RuleRef>,
    /// Why, in plain sentences: `refused: $200 a day, already $180`.
    pub why: Vec<String>,
    /// Value at book prices in micro-USD; `None` where it can't be priced.
    pub usd: Option<u64>,
}

/// The outcome of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Level 0: signed without asking.
    Allow,
    /// Level 1: a click.
    Click,
    /// Level 2: the password.
    Password,
    /// Level 3: a hardware key.
    Hardware,
    /// Not at any level.
    Refused,
}

/// A rule, by name and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// `@id` of the policy.
    pub id: String,
    /// Plain sentence.
    pub sentence: String,
}

/// A signature and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The signed EIP-2718 transaction, ready to be broadcast; or the 65-byte signature `r || s || v` of a message.
    pub bytes: Bytes,
    /// Transaction hash, or the digest that was signed.
    pub hash: B256,
    /// The decision under which it was signed.
    pub decision: Decided,
    /// Sequence number in the audit log.
    pub audit: u64,
}

/// State of the signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Release of the signer.
    pub version: String,
    /// True where there is a vault.
    pub vault: bool,
    /// True while keys are not in memory.
    pub locked: bool,
    /// True where the vault is marked as play money.
    pub play_money: bool,
    /// Accounts, without keys.
    pub accounts: Vec<Account>,
    /// Version of the rules, rising with each change.
    pub rules_version: u64,
    /// Name of the pack in force.
    pub pack: String,
    /// Gauges: what is used of each limit of the rules.
    pub limits: Vec<Limit>,
    /// What the sandbox holds on this kernel, a sentence each.
    pub sandbox: Vec<String>,
    /// Where the vault's second secret comes from, in a sentence.
    pub keyring: String,
    /// Set while a rollback is not acknowledged: why everything is level 2.
    pub rollback: Option<String>,
    /// Kind of approver: `terminal`, `window` or `none`.
    pub approver: String,
    /// True while the owner is being asked something, whoever caused it.
    pub asking: bool,
    /// Seconds until auto-lock; `None` while locked.
    pub lock_in: Option<u64>,
}

/// An account of the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Address.
    pub address: Address,
    /// Name given by the owner.
    pub label: String,
    /// BIP-32 path, where derived.
    pub path: Option<String>,
    /// True where there is no key.
    pub watch_only: bool,
}

/// A limit and what is used of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// In words: `without asking, a day`.
    pub label: String,
    /// Used, micro-USD.
    pub used: u64,
    /// Limit, micro-USD.
    pub limit: u64,
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesInForce {
    /// Rising with each change.
    pub version: u64,
    /// Name of the pack.
    pub pack: String,
    /// Cedar source of the pack.
    pub pack_source: String,
    /// Cedar source of the owner's own rules.
    pub own_source: String,
    /// Plain sentences, one a rule.
    pub sentences: Vec<RuleRef>,
}

/// An entry of the address book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Display name, unique without regard to case.
    pub name: String,
    /// Address.
    pub address: Address,
    /// When it was added, Unix seconds.
    pub added: u64,
    /// How often the owner's accounts have paid it.
    pub paid: u64,
}

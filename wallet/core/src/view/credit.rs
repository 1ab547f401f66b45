//! Bank-balance proofs and credit lines: lenders, banks, logins, proofs, lines.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Problem;

/// All that a page about proofs and loans shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct CreditView {
    /// Lenders that the wallet knows.
    pub lenders: Vec<LenderView>,
    /// Banks that the wallet can ask.
    pub banks: Vec<BankView>,
    /// Bank logins that are kept.
    pub logins: Vec<LoginView>,
    /// Proofs that were made, the latest first.
    pub proofs: Vec<ProofView>,
    /// Credit lines of the account that pays, the latest first.
    pub lines: Vec<LineView>,
    /// What of the lines could not be read from a chain, in a sentence; they are shown as they were read last then.
    pub lines_problem: Option<Problem>,
}

/// A lender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct LenderView {
    /// As it calls itself.
    pub name: String,
    /// Where its interface is.
    pub url: String,
    /// Id-name of the chain that it lends on; empty while it was never reached.
    pub chain: String,
    /// The pool, checksummed; empty while it was never reached.
    pub pool: String,
    /// Symbol of what it lends; empty while it was never reached.
    pub asset: String,
    /// Play money: invented banks, local addresses.
    pub demo: bool,
    /// Whether it answered just now.
    pub reachable: bool,
    /// Why not, or what is wrong with its answer.
    pub problem: Option<Problem>,
    /// What it offers, by rising threshold.
    pub tiers: Vec<TierView>,
    /// Ids of the bank templates that it accepts and the wallet knows in the same version.
    pub banks: Vec<String>,
}

/// Terms by proven balance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct TierView {
    /// Balance to be proved, for people: `$10,000`.
    pub at_least: String,
    /// The same as exact decimal, as an intent takes it: `10000`.
    pub at_least_units: String,
    /// ISO 4217.
    pub currency: String,
    /// Highest principal, for people: `1,500 USDC`.
    pub limit: String,
    /// The same as exact decimal: `1500`.
    pub limit_units: String,
    /// Interest, for people: `12% a year`.
    pub rate: String,
    /// Days in a repayment cycle.
    pub cycle_days: u32,
}

/// A bank that the wallet can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct BankView {
    /// Template id: `starling`.
    pub template: String,
    /// For people.
    pub name: String,
    /// The host that is asked.
    pub domain: String,
    /// What the login needs besides the token: `account`, `profile`; `None`: the token alone.
    pub parameter: Option<String>,
    /// Why a lender may not accept it yet, in sentences.
    pub notes: Option<String>,
}

/// A bank login. Its token is in the keyring and never shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct LoginView {
    /// Template id.
    pub template: String,
    /// The bank's name.
    pub bank: String,
    /// Account id, shortened; empty where the login is the token alone.
    pub account: String,
}

/// A proof that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ProofView {
    /// SHA-256 of the proof file, `0x` hexadecimal.
    pub id: String,
    /// For which lender.
    pub lender: String,
    /// Name of the bank.
    pub bank: String,
    /// What is proved, in a sentence.
    pub statement: String,
    /// Unix seconds.
    pub made_at: u64,
    /// Unix seconds: the lender counts it until then.
    pub expires_at: u64,
    /// Whether the lender accepted it.
    pub accepted: bool,
    /// Whether the lender has answered; false while the proof is kept to be sent again.
    pub answered: bool,
    /// Highest principal that goes with it, for people; `None` where none does.
    pub limit: Option<String>,
    /// What the lender learned besides, in sentences.
    pub visible: Vec<String>,
    /// Each check that the lender made.
    pub checks: Vec<CheckView>,
    /// Why there is no line with it, or why it was not accepted.
    pub reasons: Vec<String>,
}

/// One check of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckView {
    /// `certificate`.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was found.
    pub sentence: String,
}

/// A credit line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct LineView {
    /// The pool's number for it, decimal.
    pub id: String,
    /// Name of the lender.
    pub lender: String,
    /// Id-name of the chain.
    pub chain: String,
    /// The pool, checksummed.
    pub pool: String,
    /// Symbol of what is lent.
    pub asset: String,
    /// Highest principal, exact decimal.
    pub limit: String,
    /// Principal that is drawn, exact decimal.
    pub drawn: String,
    /// What is owed in this second, with interest, exact decimal.
    pub owed: String,
    /// What can be drawn now, exact decimal.
    pub available: String,
    /// The next payment, exact decimal; `None` where nothing is due.
    pub due: Option<String>,
    /// When, Unix seconds.
    pub due_at: Option<i64>,
    /// Interest, for people: `12% a year`.
    pub rate: String,
    /// Where it stands.
    pub status: LineStatus,
    /// Unix seconds.
    pub opened_at: u64,
    /// Unix seconds: it can be drawn on until then.
    pub expires_at: u64,
    /// What was proved for it, where this wallet keeps the proof.
    pub statement: Option<String>,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LineStatus {
    /// Nothing is overdue.
    Current,
    /// A payment is overdue; nothing is lost yet.
    Grace,
    /// Overdue for so long that the line loses value.
    Delinquent,
    /// Lost to the lender.
    Default,
    /// Repaid and over.
    Closed,
}

//! What a chat message can become: a small typed value in the person's own terms.
//!
//! Every field holds the person's words in canonical form (amounts as `"50"`, `"$50"`, `"50%"` or `"max"`; symbols
//! upper case; addresses as typed). Nothing is resolved here. Absent fields are left out of the JSON form.

use serde::{Deserialize, Serialize};

/// One message, understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "field names are the vocabulary's own; docs/intents.md tabulates them")]
pub enum Intent {
    Send {
        asset: String,
        amount: String,
        to: Recipients,
        #[serde(default, skip_serializing_if = "is_false")]
        split: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
        /// `"previous"`: the amount is of what the step before gave.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    Swap {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<Side>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slippage: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    Bridge {
        asset: String,
        amount: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_chain: Option<String>,
        to_chain: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    Wrap {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    Unwrap {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    Balance {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
    },
    Receive {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
    },
    History {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<HistoryKind>,
    },
    Spending {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<String>,
    },
    Price {
        asset: String,
    },
    Fees {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
    },
    Status {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tx: Option<String>,
    },
    SpeedUp {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tx: Option<String>,
    },
    CancelTx {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tx: Option<String>,
    },
    Approve {
        asset: String,
        spender: String,
        amount: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
    Revoke {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spender: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<String>,
    },
    ContactAdd {
        name: String,
        address: String,
    },
    ContactRemove {
        name: String,
    },
    Contacts {},
    Rule {
        effect: RuleEffect,
        action: RuleAction,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<RulePer>,
    },
    Rules {},
    Pay {
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
    },
    AgentFind {
        task: String,
    },
    AgentHire {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
    },
    AgentRegister {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    ProveBalance {
        at_least: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bank: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lender: Option<String>,
    },
    LoanApply {
        amount: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lender: Option<String>,
    },
    LoanDraw {
        amount: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
    },
    LoanRepay {
        amount: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
    },
    LoanStatus {},
    Schedule {
        every: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
        r#do: Box<Intent>,
    },
    When {
        asset: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        above: Option<String>,
        r#do: Box<Intent>,
    },
    Schedules {},
    ScheduleCancel {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asset: Option<String>,
    },
    ChainSwitch {
        chain: String,
    },
    SignMessage {
        text: String,
    },
    Lock {},
    Help {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
    },
    Confirm {},
    Cancel {},
    Amend {
        /// The fields that change, as a JSON object in the pending intent's terms.
        set: serde_json::Map<String, serde_json::Value>,
    },
    Steps {
        r#do: Vec<Intent>,
    },
    Unclear {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<UnclearReason>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        missing: Vec<String>,
        /// What was understood so far; an intent object in which required fields may be absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partial: Option<serde_json::Value>,
    },
}

/// One recipient, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recipients {
    /// A contact, ENS name or address.
    One(String),
    /// Several of them.
    Many(Vec<String>),
}

/// Which side of a swap the amount names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What is given.
    In,
    /// What is received.
    Out,
}

/// Which entries of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum HistoryKind {
    In,
    Out,
    Swap,
    X402,
    Loan,
}

/// What a proposed rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RuleEffect {
    Allow,
    Ask,
    Forbid,
}

/// What a proposed rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RuleAction {
    Send,
    Swap,
    Approve,
    X402,
    Any,
}

/// The span over which a proposed rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RulePer {
    Tx,
    Day,
    Week,
    Month,
}

/// Why a message is unclear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnclearReason {
    Ambiguous,
    Incomplete,
    OutOfScope,
    Unsafe,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(b: &bool) -> bool {
    !*b
}

//! What a conversation says to whoever shows it: the terminal, a script, the desktop app.

use std::collections::BTreeMap;

use parlance_grounding::Intent;
use parlance_signer_protocol::{Decided, Outcome, RuleRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

use crate::{
    error::WalletError,
    shapes::{AnyIntent, AnyJson, Rule},
    store::ConversationId,
    view::ProofView,
};

/// An event with its place: what a front end gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Row of the message; `None` where it could not be written down.
    pub message: Option<i64>,
    /// Unix seconds.
    pub at: u64,
    /// What is told.
    pub event: Event,
}

/// One event. In `chat --json` each is one line with the name under `event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// What the message means.
    Understood {
        /// The intent.
        #[specta(type = AnyIntent)]
        intent: Intent,
        /// 0 to 1.
        confidence: f64,
        /// Milliseconds that understanding took.
        ms: f64,
        /// Where each argument came from.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        provenance: BTreeMap<String, String>,
    },
    /// What exactly would happen.
    Preview(Preview),
    /// What the owner's rules say, transaction by transaction.
    Decision {
        /// 0 to 3, or `refused`.
        level: Level,
        /// The rules that decided.
        #[specta(type = Vec<Rule>)]
        rules: Vec<RuleRef>,
        /// Why, in plain sentences.
        why: Vec<String>,
        /// The effects in the signer's own words.
        effects: Vec<String>,
        /// Worth at the signer's prices, micro-USD; `None` where it can't be priced.
        #[serde(default)]
        usd_micro: Option<u64>,
    },
    /// The owner is asked, or has answered, in the approver.
    Approval {
        /// What stands.
        state: ApprovalState,
        /// 1 to 3.
        level: Level,
    },
    /// A transaction is on its way.
    Sent {
        /// Row in the wallet's store.
        id: i64,
        /// Transaction hash.
        hash: String,
        /// Id-name of the chain.
        chain: String,
        /// Link to a block explorer, where the chain has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        explorer: Option<String>,
    },
    /// A transaction is in a block.
    Receipt {
        /// Row in the wallet's store.
        id: i64,
        /// Transaction hash.
        hash: String,
        /// True where it did what it said; false where it reverted.
        success: bool,
        /// Block number.
        block: u64,
        /// In a sentence.
        text: String,
    },
    /// Something that takes a while goes on. Told, but not written down with the conversation.
    Progress {
        /// What goes on: `proof`.
        what: String,
        /// Which stage it is in, from 1.
        stage: u32,
        /// How many there are.
        stages: u32,
        /// The stage in words.
        sentence: String,
        /// Seconds until the end, as it took before; `None` where nothing is known.
        #[serde(default)]
        seconds_left: Option<f64>,
    },
    /// A bank-balance proof was made and the lender has answered.
    Proof {
        /// The proof with the lender's verdict.
        proof: ProofView,
    },
    /// An answer in words.
    Say {
        /// For people.
        text: String,
        /// The same for programs.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        #[specta(type = AnyJson)]
        data: Value,
    },
    /// It did not work.
    Error {
        /// Stable name.
        code: String,
        /// What was got and what was expected.
        message: String,
        /// What to do.
        remedy: String,
    },
}

/// What exactly would happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Preview {
    /// What was wished; can be amended.
    #[specta(type = AnyIntent)]
    pub intent: Intent,
    /// Id-name of the chain.
    pub chain: String,
    /// The account that pays, checksummed.
    pub account: String,
    /// In words, a sentence a transaction.
    pub steps: Vec<String>,
    /// Balance changes by simulation, without the fee.
    pub changes: Vec<Change>,
    /// Most that inclusion can cost, in words.
    pub fee: String,
    /// Who is paid or trusted: full checksummed addresses with where they came from.
    pub parties: Vec<Party>,
    /// What could go wrong, in sentences.
    pub risks: Vec<String>,
    /// `node` or `local`, by whom it was simulated; absent where it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated_by: Option<String>,
}

/// One balance change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Change {
    /// `+2.5 USDC` or `-50 USDC`.
    pub text: String,
    /// Symbol.
    pub symbol: String,
    /// What it is worth, as `$50.00`; `None` without a price.
    #[serde(default)]
    pub usd: Option<String>,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Party {
    /// `to`, `spender`...
    pub role: String,
    /// Name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Full EIP-55 address.
    pub address: String,
    /// `typed`, `address_book`, `ens`, `own`, `registry`.
    pub source: String,
}

/// A decision's level as the command line says it: a number, or the word `refused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(untagged)]
pub enum Level {
    /// 0 none, 1 click, 2 password, 3 hardware key.
    Number(u8),
    /// Not at any level.
    Refused(RefusedWord),
}

/// The word `refused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RefusedWord {
    /// Not at any level.
    Refused,
}

impl From<Outcome> for Level {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allow => Self::Number(0),
            Outcome::Click => Self::Number(1),
            Outcome::Password => Self::Number(2),
            Outcome::Hardware => Self::Number(3),
            Outcome::Refused => Self::Refused(RefusedWord::Refused),
        }
    }
}

/// How an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// The approver shows the question now.
    Asked,
    /// The owner said yes.
    Approved,
    /// The owner said no, or nothing in time.
    Rejected,
}

impl Event {
    /// Words only.
    pub fn say(text: impl Into<String>) -> Self {
        Self::Say { text: text.into(), data: Value::Null }
    }

    /// An error with its remedy.
    #[must_use]
    pub fn error(e: &WalletError) -> Self {
        Self::Error { code: e.code().into(), message: e.to_string(), remedy: e.remedy() }
    }

    /// A decision of the signer.
    #[must_use]
    pub fn decision(decided: &Decided) -> Self {
        Self::Decision {
            level: decided.outcome.into(),
            rules: decided.rules.clone(),
            why: decided.why.clone(),
            effects: decided.sentences.clone(),
            usd_micro: decided.usd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_numbers_or_the_word_refused() {
        let text = |o: Outcome| serde_json::to_string(&Level::from(o)).unwrap();
        assert_eq!(text(Outcome::Allow), "0");
        assert_eq!(text(Outcome::Hardware), "3");
        assert_eq!(text(Outcome::Refused), "\"refused\"");
    }
}

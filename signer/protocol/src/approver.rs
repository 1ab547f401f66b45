//! What the signer says to the approver, and what the approver answers. Secrets travel here only.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

use crate::{Decided, Outcome};

/// What the signer says. While a question is open it says nothing but [`ToApprover::Withdraw`], or goes away: either
/// way the question has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one value at a time lives on the wire")]
pub enum ToApprover {
    /// Ask the person.
    Ask(Ask),
    /// The question has ended: it was taken back, or its time is over. To be closed; an answer counts for nothing.
    Withdraw {
        /// Of the question. Another one than the open one's means nothing.
        id: B256,
    },
    /// What led to the last questions is over, and no question is open: a window needs to wait for no further one.
    Rest {},
}

/// A question to the person at the computer. Each is answered by one [`Answer`] with the same `id`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// One-time id, random.
    pub id: B256,
    /// Seconds for which an answer counts; the approver closes the question after that.
    pub seconds: u32,
    /// The question.
    pub prompt: Prompt,
}

/// The question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "prompt", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one value at a time lives on the wire")]
pub enum Prompt {
    /// Approve a signature. Answer: [`Verdict::Approved`] (with the password where `level` says so) or [`Verdict::Rejected`].
    Approve(Approval),
    /// Approve a change of rules, contacts, prices, tokens or ledger: both sides shown.
    Change {
        /// Heading: `New rule`, `New contact`...
        title: String,
        /// What is so far; empty where there was nothing.
        old: Vec<String>,
        /// What would be.
        new: Vec<String>,
        /// What it means and what could go wrong, in sentences.
        notes: Vec<String>,
        /// What the person said in chat, as a quote: sanitised by the signer.
        quote: Option<String>,
        /// `Click` or `Password`.
        level: Outcome,
    },
    /// Ask for a password. Answer: [`Verdict::Secret`].
    Password {
        /// Why: `Unlock your wallet`.
        title: String,
        /// What else to say: wrong password, wait, play money.
        notes: Vec<String>,
    },
    /// Ask for a new password, typed twice by the approver. Answer: [`Verdict::Secret`].
    NewPassword {
        /// Heading.
        title: String,
        /// Fewest characters.
        min_chars: u32,
        /// What to say beside it.
        notes: Vec<String>,
    },
    /// Choose one of several. Answer: [`Verdict::Chosen`].
    Choose {
        /// Heading.
        title: String,
        /// The options, in words.
        options: Vec<String>,
    },
    /// Ask for a secret text: phrase, private key, BIP-39 passphrase. Answer: [`Verdict::Secret`].
    SecretText {
        /// Heading.
        title: String,
        /// What is expected.
        notes: Vec<String>,
    },
    /// Ask for a plain text: label, address, file path. Answer: [`Verdict::Text`].
    Text {
        /// Heading.
        title: String,
        /// What is expected.
        notes: Vec<String>,
    },
    /// Show secret words; they leave the screen afterwards. Answer: [`Verdict::Approved`] once written down.
    ShowSecret {
        /// Heading.
        title: String,
        /// Words of a phrase, or one line of a key.
        words: Vec<String>,
        /// What to do with them.
        notes: Vec<String>,
    },
    /// Say something. Answer: [`Verdict::Approved`].
    Notice {
        /// Heading.
        title: String,
        /// Sentences.
        lines: Vec<String>,
    },
}

/// A signature to be approved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// The decision, with effects as decoded by the signer.
    pub decision: Decided,
    /// `Click`, `Password` or `Hardware`.
    pub level: Outcome,
    /// Every address that takes part: checksummed, with the signer's own contact name or what it knows of it.
    pub addresses: Vec<AddressLine>,
    /// Look-alikes, mixed scripts, bad checksums, first payments, unlimited approvals...
    pub warnings: Vec<String>,
    /// What the person said in chat, as a quote; control and bidi characters stripped, cut at 140 characters.
    pub quote: Option<String>,
    /// What the wallet says and the signer can't check, each as a sentence that starts with "The wallet says".
    pub claims: Vec<String>,
    /// Which origin asks, in words.
    pub origin: String,
    /// True where the vault is marked as play money.
    pub play_money: bool,
}

/// An address and what the signer knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressLine {
    /// EIP-55 form, never shortened.
    pub address: String,
    /// Role: `to`, `spender`, `router`, `token`...
    pub role: String,
    /// Contact name, registry name, `your account "Main"`, or `unknown to you`.
    pub known_as: String,
}

/// The answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct Answer {
    /// Of the question.
    pub id: B256,
    /// What the person said.
    pub verdict: Verdict,
}

/// What the person said.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Yes. `password` where the question's level asks for it.
    Approved {
        /// Typed password.
        #[serde(default)]
        password: Option<String>,
    },
    /// No.
    Rejected,
    /// No, and lock everything at once: what the incident button says.
    Incident,
    /// A password, phrase or key.
    Secret {
        /// As typed.
        text: String,
    },
    /// A plain text.
    Text {
        /// As typed.
        text: String,
    },
    /// Index of the chosen option.
    Chosen {
        /// From 0.
        index: u32,
    },
    /// Nobody answered in time.
    TimedOut,
    /// There is nobody to ask.
    Unavailable {
        /// Why, in a sentence.
        reason: String,
    },
}

/// First frame of the approver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// `terminal`, `window` or `none`.
    pub kind: String,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("id", &self.id).finish_non_exhaustive()
    }
}

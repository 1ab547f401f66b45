//! How values that other crates define look in TypeScript: stand-ins for `specta`, never constructed.

use std::collections::HashMap;

use serde::Serialize;
use specta::Type;

/// Any JSON value.
#[derive(Serialize, Type)]
#[serde(untagged, rename = "JsonValue")]
#[allow(missing_docs, reason = "the names say it")]
pub enum AnyJson {
    Null(()),
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<AnyJson>),
    Object(HashMap<String, AnyJson>),
}

/// An intent of `parlance-grounding`: its name, and fields of its own.
#[derive(Serialize, Type)]
#[serde(rename = "Intent")]
pub struct AnyIntent {
    /// Name of the intent.
    pub intent: String,
    /// Its fields.
    #[serde(flatten)]
    pub fields: HashMap<String, AnyJson>,
}

/// A rule of `parlance-signer-protocol`, by name and in words.
#[derive(Serialize, Type)]
pub struct Rule {
    /// `@id` of the policy.
    pub id: String,
    /// Plain sentence.
    pub sentence: String,
}

/// What `conversation::State::name` says.
#[derive(Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// Nothing is pending.
    Idle,
    /// A question stands.
    Asking,
    /// Several readings stand.
    Hesitating,
    /// Whether to use the public mempool.
    AskingPublic,
    /// Something was interrupted.
    Resuming,
    /// The signer has it.
    Signing,
    /// A transaction is on its way.
    Waiting,
    /// A bank-balance proof is being made or sent; it can be stopped.
    Proving,
    /// An application for a loan is being signed or sent.
    Applying,
    /// The rules refused it.
    Refused,
}

//! All commands and events, with their types for the pages.

use parlance_wallet_core::{conversation::Event, conversation::Standing, view::TransactionRow};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::commands::{
    activity, allowances, balances, chat, contacts, credit, data, models, networks, preferences, rules, security, session,
};

/// Something was said in a conversation.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct ChatEvent {
    /// In which.
    pub conversation: i64,
    /// Row of the message; `None` for what is not written down.
    pub message: Option<i64>,
    /// Unix seconds.
    pub at: u64,
    /// What.
    pub event: Said,
    /// Where the conversation stands now.
    pub state: Standing,
    /// True while a message is being dealt with.
    pub busy: bool,
}

/// An event of the conversation, or that a message is dealt with.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "one value at a time goes to the pages")]
pub enum Said {
    /// Of the conversation.
    Event(Event),
    /// A message is dealt with.
    Done(Done),
}

/// A message is dealt with. Not written down.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Done {
    /// The only one.
    Done {},
}

/// Signer, model or network: how they do now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct StatusChanged(pub session::StatusView);

/// A transaction went a step further.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct TransactionChanged(pub TransactionRow);

/// From the tray or another start of the program: show this screen.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct GoTo {
    /// Name of the screen.
    pub screen: String,
}

/// All commands and events.
#[must_use]
pub fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .error_handling(ErrorHandlingMode::Throw)
        // Micro-dollars, seconds, rows and blocks: all far below 2^53.
        .dangerously_cast_bigints_to_number()
        .commands(collect_commands![
            session::session,
            session::status,
            session::unlock,
            session::lock,
            session::ceremony,
            session::withdraw,
            chat::conversations,
            chat::conversation_open,
            chat::conversation_new,
            chat::conversation_rename,
            chat::conversation_delete,
            chat::say,
            chat::act,
            activity::activity,
            activity::activity_detail,
            activity::outstanding,
            activity::activity_export,
            balances::balances,
            balances::worth_over_time,
            balances::receive,
            contacts::contacts,
            contacts::contact_add,
            contacts::contact_remove,
            contacts::contact_check,
            allowances::allowances,
            credit::credit,
            credit::add_lender,
            credit::remove_lender,
            credit::add_login,
            credit::remove_login,
            credit::forget_proof,
            credit::export_proof,
            rules::rules,
            rules::rules_check,
            rules::rules_format,
            rules::rules_propose,
            rules::rules_form,
            rules::rules_packs,
            rules::rules_propose_pack,
            rules::rules_history,
            rules::rules_words,
            networks::networks,
            networks::network_check,
            networks::network_use,
            networks::network_save,
            networks::network_remove,
            models::models,
            models::model_setup,
            models::model_use,
            models::model_layers,
            models::model_add,
            models::model_stop,
            models::model_remove,
            models::model_exam,
            models::model_bench,
            security::security,
            security::audit_verify,
            preferences::preferences,
            preferences::set_preferences,
            preferences::currencies,
            data::data,
        ])
        .events(collect_events![ChatEvent, StatusChanged, TransactionChanged, GoTo, models::ModelProgress])
}

//! What the pages can ask: one file a topic, each command a call or two into the wallet's core.

pub mod activity;
pub mod allowances;
pub mod balances;
pub mod chat;
pub mod contacts;
pub mod credit;
pub mod data;
pub mod models;
pub mod networks;
pub mod preferences;
pub mod rules;
pub mod security;
pub mod session;

//! What a front end shows, typed for people: one file a topic. Values come ready for the eye, with exact ones beside them
//! where they are acted on; nothing here decides.

mod activity;
mod allowances;
mod balances;
mod contacts;
mod credit;
mod data;
mod networks;
mod preferences;
mod problem;
mod receive;
mod rules;
mod transaction;
mod worth;

pub use crate::credit::LineStatus;
pub use activity::{
    ActivityDetail, ActivityFilter, ActivityKind, ActivityPage, ActivityRow, LegView, activity, activity_detail, activity_export,
};
pub use allowances::{AllowanceRow, AllowancesView, ViaView, allowances};
pub use balances::{BalancesView, HoldingRow, balances};
pub use contacts::{ContactCheck, ContactRow, contact_check, contacts};
pub use credit::{
    BankView, CheckView, CreditView, LenderView, LineView, LoginView, ProofView, TierView, add_lender, add_login, banks, credit,
    export_proof, forget_proof, lenders, line_view, logins, proof_view, remove_lender, remove_login,
};
pub use data::{DataPart, DataView, data, downloads};
pub use networks::{
    EndpointRow, EndpointState, NetworkForm, NetworkRow, network_check, network_remove, network_save, network_use, networks,
};
pub use preferences::{CurrencyRow, LanguageChoice, Preferences, Theme, currencies, preferences, set_preferences};
pub use problem::Problem;
pub use receive::{ReceiveView, receive};
pub use rules::{
    FormActionView, FormEffectView, FormPerView, Gauge, PackView, RuleDraft, RuleFormView, RuleProblem, RuleRefView, RuleSeverity,
    RulesCheck, RulesVersion, RulesView, SchemaWord, WordKind, rules, rules_check, rules_form, rules_format, rules_history, rules_packs,
    rules_words,
};
pub use transaction::{TransactionRow, TransactionStage, outstanding, transaction_row};
pub use worth::{WorthPoint, worth_over_time};

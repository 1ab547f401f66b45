//! The owner's rules: looked at, checked, proposed. Enacting them takes the signer's window.

use parlance_signer_protocol::Request;
use parlance_wallet_core::view::{self, PackView, Problem, RuleDraft, RuleFormView, RulesCheck, RulesVersion, RulesView, SchemaWord};
use tauri::State;

use crate::session::Session;

/// The rules in force.
#[tauri::command]
#[specta::specta]
pub async fn rules(session: State<'_, Session>) -> Result<RulesView, Problem> {
    Ok(view::rules(&*session.wallet()?).await?)
}

/// What the signer would say of a text as the owner's own rules, together with the pack in force.
#[tauri::command]
#[specta::specta]
pub async fn rules_check(session: State<'_, Session>, source: String) -> Result<RulesCheck, Problem> {
    let pack = session.wallet()?.signer.status().await?.pack;
    Ok(view::rules_check(&pack, &source))
}

/// One way to lay out rules.
#[tauri::command]
#[specta::specta]
pub async fn rules_format(source: String) -> Result<String, Problem> {
    Ok(view::rules_format(&source)?)
}

/// Propose a complete new text of the owner's own rules.
#[tauri::command]
#[specta::specta]
pub async fn rules_propose(session: State<'_, Session>, source: String) -> Result<String, Problem> {
    let said = session.wallet()?.signer.propose(Request::ProposeRules { source, quote: None }).await;
    session.nudge.notify_one();
    Ok(said?)
}

/// What a filled form stands for.
#[tauri::command]
#[specta::specta]
pub async fn rules_form(session: State<'_, Session>, form: RuleFormView) -> Result<RuleDraft, Problem> {
    Ok(view::rules_form(&*session.wallet()?, &form).await?)
}

/// All packs.
#[tauri::command]
#[specta::specta]
pub async fn rules_packs(session: State<'_, Session>) -> Result<Vec<PackView>, Problem> {
    Ok(view::rules_packs(&*session.wallet()?).await?)
}

/// Propose another pack.
#[tauri::command]
#[specta::specta]
pub async fn rules_propose_pack(session: State<'_, Session>, name: String) -> Result<String, Problem> {
    let said = session.wallet()?.signer.propose(Request::ProposePack { name }).await;
    session.nudge.notify_one();
    Ok(said?)
}

/// Versions that this wallet has seen, the latest first.
#[tauri::command]
#[specta::specta]
pub async fn rules_history(session: State<'_, Session>) -> Result<Vec<RulesVersion>, Problem> {
    Ok(view::rules_history(&*session.wallet()?)?)
}

/// Words of the rule language.
#[tauri::command]
#[specta::specta]
pub async fn rules_words() -> Result<Vec<SchemaWord>, Problem> {
    Ok(view::rules_words())
}

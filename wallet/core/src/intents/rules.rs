//! Rules: shown as sentences, proposed as Cedar text, enacted by nobody but the owner in the approver.

use parlance_grounding::{RuleAction, RuleEffect, RulePer};
use parlance_policy::propose::{RuleForm, add};
use parlance_signer_protocol::Request;
use serde_json::json;

use crate::{
    Wallet,
    conversation::Event,
    error::{Result, WalletError},
    tokens::Usd,
};

/// A `rule` intent's fields.
pub(super) struct Wish<'a> {
    pub effect: RuleEffect,
    pub action: RuleAction,
    pub asset: Option<&'a str>,
    pub to: Option<&'a str>,
    pub over: Option<&'a str>,
    pub per: Option<RulePer>,
}

pub(super) async fn show(wallet: &Wallet) -> Result<Event> {
    let rules = wallet.signer.rules().await?;
    let status = wallet.signer.status().await?;
    let mut lines = vec![format!("Rules in force (pack {}, version {}):", rules.pack, rules.version)];
    lines.extend(rules.sentences.iter().map(|r| format!("- {} [{}]", r.sentence, r.id)));
    if !status.limits.is_empty() {
        lines.push("Used of your limits:".into());
        lines.extend(
            status
                .limits
                .iter()
                .map(|l| format!("- {}: {} of {}", l.label, Usd::from_micro(l.used.into()), Usd::from_micro(l.limit.into()))),
        );
    }
    Ok(Event::Say { text: lines.join("\n"), data: json!({ "rules": rules, "limits": status.limits }) })
}

/// Propose a rule: the approver shows old and new; the sentence and the source are told here.
pub(super) async fn propose(wallet: &Wallet, wish: &Wish<'_>, quote: Option<&str>) -> Result<Event> {
    let in_force = wallet.signer.rules().await?;
    let chain = wallet.current_chain()?.id;
    let stable = |symbol: &str| wallet.tokens.resolve(chain, symbol).is_ok_and(|t| t.usd_stable);
    let effect = word(&wish.effect)?;
    let action = word(&wish.action)?;
    let per = wish.per.as_ref().map(word).transpose()?;
    let proposal = RuleForm::from_words(&effect, &action, wish.asset, wish.to, wish.over, per.as_deref(), stable)
        .and_then(|form| form.propose())
        .map_err(|e| WalletError::Ask { code: "rule", message: e.to_string(), remedy: e.remedy() })?;
    let source = add(&in_force.own_source, &proposal);
    let data = json!({ "id": proposal.id, "sentence": proposal.sentence, "source": proposal.source });
    if source == in_force.own_source {
        return Ok(Event::Say { text: format!("That rule is in force already: {}", proposal.sentence), data });
    }
    let message = wallet.signer.propose(Request::ProposeRules { source, quote: quote.map(str::to_owned) }).await?;
    Ok(Event::Say { text: format!("{}\n\n{}\n{message}", proposal.sentence, proposal.source), data })
}

/// A field as the vocabulary spells it.
fn word(value: &impl serde::Serialize) -> Result<String> {
    match serde_json::to_value(value).map_err(WalletError::json("a rule's field"))? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(WalletError::Task("a rule's field is not a word".into())),
    }
}

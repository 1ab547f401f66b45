//! Intents that are answered without sending a transaction, one file a family; and the plans that replace or revoke.

pub(crate) mod allowances;
mod balance;
mod book;
mod fees;
mod help;
mod loans;
mod past;
pub mod period;
pub(crate) mod replace;
mod rules;

use parlance_grounding::Intent;
use parlance_signer_protocol::Request;
use serde_json::{Value, json};

use crate::{
    Wallet,
    conversation::Event,
    error::{Result, WalletError},
    receive,
};

/// The intent's name in the vocabulary.
#[must_use]
pub fn name(intent: &Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|v| v["intent"].as_str().map(str::to_owned)).unwrap_or_default()
}

/// Answer an intent that sends no transaction. `quote` is what the person said.
///
/// # Errors
/// What reading chain, store and signer can fail with; [`WalletError::Ask`] with code `not_there_yet` for what a later
/// release brings.
pub async fn answer(wallet: &Wallet, intent: &Intent, quote: Option<&str>) -> Result<Event> {
    match intent {
        Intent::Balance { asset, chain } => balance::balance(wallet, asset.as_deref(), chain.as_deref()).await,
        Intent::Receive { asset, chain } => show_address(wallet, asset.as_deref(), chain.as_deref()).await,
        Intent::History { asset, with, period, kind } => past::history(wallet, asset.as_deref(), with.as_deref(), period.as_deref(), *kind),
        Intent::Spending { of, with, period } => past::spending(wallet, of.as_deref(), with.as_deref(), period.as_deref()),
        Intent::Price { asset } => balance::price(wallet, asset).await,
        Intent::Fees { chain } => fees::fees(wallet, chain.as_deref()).await,
        Intent::Status { tx } => past::status(wallet, tx.as_deref()).await,
        Intent::Revoke { chain, .. } => allowances::list(wallet, chain.as_deref()).await,
        Intent::ContactAdd { name, address } => book::add(wallet, name, address, quote).await,
        Intent::ContactRemove { name } => book::remove(wallet, name).await,
        Intent::Contacts {} => book::list(wallet).await,
        Intent::Rule { effect, action, asset, to, over, per } => {
            let wish = rules::Wish {
                effect: *effect,
                action: *action,
                asset: asset.as_deref(),
                to: to.as_deref(),
                over: over.as_deref(),
                per: *per,
            };
            rules::propose(wallet, &wish, quote).await
        }
        Intent::Rules {} => rules::show(wallet).await,
        Intent::ChainSwitch { chain } => {
            let chain = wallet.switch_chain(chain)?;
            Ok(Event::Say {
                text: format!("From now on {} is meant where no network is named.", chain.title),
                data: json!({ "chain": chain.name }),
            })
        }
        Intent::LoanStatus {} => loans::status(wallet).await,
        Intent::Lock {} => Ok(Event::say(wallet.signer.lock().await?)),
        Intent::Help { topic } => Ok(help::help(topic.as_deref())),
        other => Err(not_there_yet(other)),
    }
}

async fn show_address(wallet: &Wallet, asset: Option<&str>, chain: Option<&str>) -> Result<Event> {
    let client = wallet.client(chain)?;
    let account = wallet.signer.account().await?;
    let token = match asset {
        Some(asset) => Some(wallet.token(&client, asset).await?),
        None => None,
    };
    let card = receive::card(account, client.chain(), token.as_ref(), None)?;
    let what = token.map_or_else(|| "anything".to_owned(), |t| t.symbol);
    let text = format!("Your address on {}, for {what}:\n{}\n\n{}", client.chain().title, card.address, card.qr);
    Ok(Event::Say { text, data: json!({ "address": card.address, "uri": card.uri, "chain": client.chain().name }) })
}

fn not_there_yet(intent: &Intent) -> WalletError {
    let what = match intent {
        Intent::Swap { .. } => "Exchanging one asset for another",
        Intent::Bridge { .. } => "Moving assets between networks",
        Intent::Pay { .. } => "Paying for web resources (x402)",
        Intent::AgentFind { .. } | Intent::AgentHire { .. } | Intent::AgentRegister { .. } => "Agents (ERC-8004)",
        Intent::Schedule { .. } | Intent::When { .. } | Intent::Schedules {} | Intent::ScheduleCancel { .. } => "Automations",
        _ => "That",
    };
    WalletError::Ask {
        code: "not_there_yet",
        message: format!("I understood you, but this is not there yet: {what}."),
        remedy: "What works is in \"help\": send, wrap, unwrap, approve, revoke, balances, history, fees, contacts, rules, proofs, loans."
            .into(),
    }
}

/// Propose through the approver and say how it ended.
async fn proposed(wallet: &Wallet, request: Request, data: Value) -> Result<Event> {
    let message = wallet.signer.propose(request).await?;
    Ok(Event::Say { text: message, data })
}

//! What is there, and what it is worth.

use alloy_primitives::U256;
use parlance_effects::AssetKind;
use serde_json::json;

use crate::{
    Wallet,
    chain::{ScanLimits, portfolio},
    conversation::Event,
    error::Result,
    tokens::{Token, format_short, format_units},
};

/// One asset, or everything.
pub(super) async fn balance(wallet: &Wallet, asset: Option<&str>, chain: Option<&str>) -> Result<Event> {
    match asset {
        Some(asset) => one(wallet, asset, chain).await,
        None => all(wallet, chain).await,
    }
}

async fn one(wallet: &Wallet, asset: &str, chain: Option<&str>) -> Result<Event> {
    let client = wallet.client(chain)?;
    let account = wallet.signer.account().await?;
    let token = wallet.token(&client, asset).await?;
    let amount = match token.kind {
        AssetKind::Native => client.balance(account).await?,
        AssetKind::Token(contract) => client.token_balance(contract, account).await?,
    };
    let worth = match wallet.prices.of(&client, &token).await {
        Ok(price) => Some(price.value(amount, token.decimals)),
        Err(_) => None,
    };
    let words = worth.map(|w| format!(" ({w})")).unwrap_or_default();
    Ok(Event::Say {
        text: format!("You have {} {}{words} on {}.", format_short(amount, token.decimals), token.symbol, client.chain().title),
        data: json!({
            "asset": token.symbol,
            "amount": format_units(amount, token.decimals),
            "usd_micro": worth.map(|w| w.micro_u64()),
            "chain": client.chain().name,
            "account": account,
        }),
    })
}

async fn all(wallet: &Wallet, chain: Option<&str>) -> Result<Event> {
    let client = wallet.client(chain)?;
    let account = wallet.signer.account().await?;
    let portfolio = portfolio::read(&client, &wallet.tokens, &wallet.prices, account, ScanLimits::default()).await?;
    let line = |token: &Token, amount: U256, worth: Option<crate::tokens::Usd>| {
        let worth = worth.map(|w| format!("  {w}")).unwrap_or_default();
        format!("{:>20} {:<8}{worth}", format_short(amount, token.decimals), token.symbol)
    };
    let mut lines = vec![format!("On {}, account {account}:", client.chain().title)];
    for holding in &portfolio.holdings {
        let mark = holding.remark().map(|n| format!("  ({n})")).unwrap_or_default();
        lines.push(line(&holding.token, holding.amount, holding.usd) + &mark);
    }
    if portfolio.holdings.is_empty() {
        lines.push("Nothing yet. \"show my address\" tells where to send something to.".into());
    }
    lines.push(format!("In all about {}.", portfolio.total));
    for holding in &portfolio.hidden {
        let why = holding.remark().unwrap_or_else(|| "it looks like spam".into());
        lines.push(format!("Hidden: {} ({why}).", holding.token.symbol));
    }
    if !portfolio.complete {
        lines.push("The search for other tokens was cut short; known ones are complete.".into());
    }
    let data = json!({
        "chain": client.chain().name,
        "account": account,
        "holdings": portfolio.holdings.iter().map(|h| json!({
            "asset": h.token.symbol,
            "amount": format_units(h.amount, h.token.decimals),
            "usd_micro": h.usd.map(|u| u.micro_u64()),
            "note": h.remark(),
        })).collect::<Vec<_>>(),
        "hidden": portfolio.hidden.iter().map(|h| json!({ "asset": h.token.symbol, "note": h.remark() })).collect::<Vec<_>>(),
        "total_usd_micro": portfolio.total.micro_u64(),
    });
    Ok(Event::Say { text: lines.join("\n"), data })
}

/// What one unit is worth.
pub(super) async fn price(wallet: &Wallet, asset: &str) -> Result<Event> {
    let client = wallet.client(None)?;
    let token = wallet.token(&client, asset).await?;
    let price = wallet.prices.of(&client, &token).await?;
    let source = price.caveat().map(|c| format!(" ({c})")).unwrap_or_default();
    Ok(Event::Say {
        text: format!("1 {} is {}{source}.", token.symbol, price.usd),
        data: json!({ "asset": token.symbol, "usd_micro": price.usd.micro_u64(), "stale": price.stale, "chain": client.chain().name }),
    })
}

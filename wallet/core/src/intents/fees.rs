//! What a transaction costs now.

use alloy_primitives::U256;
use serde_json::json;

use crate::{Wallet, chain::Fees, conversation::Event, error::Result, tokens::format_short};

/// Gas of a plain transfer and of a typical token transfer.
const KINDS: [(&str, u64); 2] = [("sending the network's coin", 21_000), ("sending a token", 65_000)];

pub(super) async fn fees(wallet: &Wallet, chain: Option<&str>) -> Result<Event> {
    let client = wallet.client(chain)?;
    let quotes = client.fees().await?;
    let native = wallet.native(&client);
    let price = wallet.prices.of(&client, &native).await.ok().filter(|p| !p.stale);
    let data_fee = client.l1_data_fee(&[0xff; 180]).await?.unwrap_or(U256::ZERO);
    let mut lines = vec![format!("Fees on {} now, at most:", client.chain().title)];
    let mut table = Vec::new();
    for (speed, fees) in [("slow", quotes.slow), ("normal", quotes.normal), ("fast", quotes.fast)] {
        let per_gas = gwei(fees);
        for (what, gas) in KINDS {
            let cost = fees.ceiling(gas).saturating_add(data_fee);
            let worth = price.as_ref().map(|p| format!(" ({})", p.value(cost, native.decimals))).unwrap_or_default();
            lines.push(format!(
                "{speed:>7}: {what} {} {}{worth}, {per_gas} gwei a gas",
                format_short(cost, native.decimals),
                native.symbol
            ));
            table.push(json!({ "speed": speed, "what": what, "wei": cost, "gas": gas }));
        }
    }
    if !data_fee.is_zero() {
        lines.push("The part for data on Ethereum is an estimate; it has no ceiling.".into());
    }
    Ok(Event::Say { text: lines.join("\n"), data: json!({ "chain": client.chain().name, "fees": table }) })
}

fn gwei(fees: Fees) -> String {
    format_short(U256::from(per_gas(fees)), 9)
}

fn per_gas(fees: Fees) -> u128 {
    match fees {
        Fees::Eip1559 { max_fee_per_gas, .. } => max_fee_per_gas,
        Fees::Legacy { gas_price } => gas_price,
    }
}

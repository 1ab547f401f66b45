//! `parlance vault`: starts the signer's own dialogues; nothing secret passes through here.

use std::process::ExitCode;

use parlance_signer_protocol::{Ceremony, Request};
use parlance_wallet_core::tokens::Usd;
use serde_json::json;

use crate::{
    args::{Place, Vault},
    error::CliError,
    open, show,
};

pub async fn run(place: &Place, command: &Vault) -> Result<ExitCode, CliError> {
    let kind = match command {
        Vault::Create => Ceremony::FirstRun,
        Vault::Import => Ceremony::Import,
        Vault::AddAccount => Ceremony::AddAccount,
        Vault::Watch => Ceremony::WatchAccount,
        Vault::Export => Ceremony::Export,
        Vault::Backup => Ceremony::Backup,
        Vault::Restore => Ceremony::Restore,
        Vault::Password => Ceremony::ChangePassword,
        Vault::Incident => Ceremony::Incident,
        Vault::Status { json } => return status(place, *json).await,
        Vault::Price { dollars, chain, token } => {
            let micro_usd = Usd::parse(dollars)?.micro_u64();
            return propose(place, Request::ProposePrice { chain: *chain, token: *token, micro_usd }).await;
        }
        Vault::Token { token, chain, symbol, decimals } => {
            return propose(place, Request::ProposeToken { chain: *chain, token: *token, symbol: symbol.clone(), decimals: *decimals })
                .await;
        }
        Vault::Release { digest } => return propose(place, Request::ProposeRelease { digest: *digest }).await,
        Vault::Nonce { account, chain, next } => {
            return propose(place, Request::ProposeNonce { account: *account, chain: *chain, next: *next }).await;
        }
        Vault::AcknowledgeRollback => return propose(place, Request::AcknowledgeRollback {}).await,
    };
    println!("{}", open::signer(place)?.ceremony(kind).await?);
    Ok(ExitCode::SUCCESS)
}

async fn propose(place: &Place, request: Request) -> Result<ExitCode, CliError> {
    println!("{}", open::signer(place)?.propose(request).await?);
    Ok(ExitCode::SUCCESS)
}

async fn status(place: &Place, json: bool) -> Result<ExitCode, CliError> {
    let status = open::signer(place)?.status().await?;
    if json {
        println!("{}", json!(status));
        return Ok(ExitCode::SUCCESS);
    }
    if status.play_money {
        println!("{}", show::PLAY_MONEY);
    }
    println!(
        "Signer {}: {}",
        status.version,
        if !status.vault {
            "no wallet yet"
        } else if status.locked {
            "locked"
        } else {
            "unlocked"
        }
    );
    for account in &status.accounts {
        let path = account.path.as_deref().unwrap_or(if account.watch_only { "watch-only" } else { "imported" });
        println!("  {}  {}  {path}", account.address, account.label);
    }
    println!("Rules: pack {}, version {}", status.pack, status.rules_version);
    for limit in &status.limits {
        println!("  {}: {} of {}", limit.label, Usd::from_micro(limit.used.into()), Usd::from_micro(limit.limit.into()));
    }
    println!("Keyring: {}", status.keyring);
    println!("Approver: {}", status.approver);
    for line in &status.sandbox {
        println!("Sandbox: {line}");
    }
    if let Some(why) = &status.rollback {
        println!("Careful: {why}");
    }
    Ok(ExitCode::SUCCESS)
}

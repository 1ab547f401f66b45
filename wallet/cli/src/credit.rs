//! `parlance prove`, `loan`, `lenders`, `banks`.

use std::process::ExitCode;

use parlance_grounding::Intent;
use parlance_wallet_core::{
    credit,
    view::{self, BankView, LenderView, LoginView},
};
use serde_json::json;

use crate::{
    act,
    args::{Banks, Lenders, Loan, Place, Prove},
    error::CliError,
    hidden, open,
};

pub async fn prove(place: &Place, prove: Prove) -> Result<ExitCode, CliError> {
    let login = if prove.token_stdin { Some((prove.account.unwrap_or_default(), hidden::piped()?)) } else { None };
    let at_least = match prove.currency {
        Some(currency) => format!("{} {currency}", prove.at_least),
        None => prove.at_least,
    };
    let intent = Intent::ProveBalance { at_least, bank: prove.bank, lender: prove.lender };
    let outcome = act::act(place, intent, prove.json, login).await?;
    // Stopped: nothing failed, and there is no proof either.
    let Some(proof) = &outcome.proof else { return Ok(ExitCode::FAILURE) };
    if let Some(path) = prove.out {
        view::export_proof(&outcome.wallet, &proof.id, &path)?;
        if !prove.json {
            println!("The proof's file is {}.", path.display());
        }
    }
    Ok(outcome.code())
}

pub async fn loan(place: &Place, command: Loan) -> Result<ExitCode, CliError> {
    let (intent, json) = match command {
        Loan::Status { json } => (Intent::LoanStatus {}, json),
        Loan::Apply { amount, asset, lender, json } => (Intent::LoanApply { amount, asset, lender }, json),
        Loan::Draw { amount, asset, json } => (Intent::LoanDraw { amount: all(amount), asset }, json),
        Loan::Repay { amount, asset, json } => (Intent::LoanRepay { amount: all(amount), asset }, json),
    };
    Ok(act::act(place, intent, json, None).await?.code())
}

fn all(amount: String) -> String {
    if amount == "all" { "max".into() } else { amount }
}

pub async fn lenders(place: &Place, command: &Lenders) -> Result<ExitCode, CliError> {
    let (wallet, _) = open::wallet(place)?;
    match command {
        Lenders::List { json } => {
            let lenders = view::lenders(&wallet).await?;
            if *json {
                println!("{}", json!(lenders));
            } else if lenders.is_empty() {
                println!("No lender is known yet. Add one: parlance lenders add https://...");
            }
            lenders.iter().filter(|_| !json).for_each(say_lender);
        }
        Lenders::Add { url, json } => {
            let lender = view::add_lender(&wallet, url).await?;
            if *json { println!("{}", json!(lender)) } else { say_lender(&lender) }
        }
        Lenders::Remove { name, json } => {
            view::remove_lender(&wallet, name)?;
            done(*json, &format!("{name} is forgotten. Proofs and lines stay."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn say_lender(lender: &LenderView) {
    let play = if lender.demo { ", play money" } else { "" };
    println!("{} ({}{play})", lender.name, lender.url);
    if let Some(problem) = &lender.problem {
        println!("  ! {}\n    {}", problem.message, problem.remedy);
    }
    if !lender.pool.is_empty() {
        println!("  lends {} on {} from {}", lender.asset, lender.chain, lender.pool);
    }
    for tier in &lender.tiers {
        println!("  up to {} at {} for at least {}, a payment every {} days", tier.limit, tier.rate, tier.at_least, tier.cycle_days);
    }
    if !lender.banks.is_empty() {
        println!("  banks: {}", lender.banks.join(", "));
    }
}

pub async fn banks(place: &Place, command: Banks) -> Result<ExitCode, CliError> {
    let (wallet, _) = open::wallet(place)?;
    match command {
        Banks::List { json } => {
            let (banks, logins) = (view::banks(), view::logins(&wallet)?);
            if json {
                println!("{}", json!({ "banks": banks, "logins": logins }));
            } else {
                banks.iter().for_each(|bank| say_bank(bank, &logins));
            }
        }
        Banks::Add { bank, account, token_stdin, json } => {
            let name = credit::bank(&bank)?.template.name.clone();
            let token = if token_stdin { hidden::piped()? } else { hidden::typed(&format!("Token of {name} (not shown)"))? };
            let login = view::add_login(&wallet, &bank, &account.unwrap_or_default(), token).await?;
            if json {
                println!("{}", json!(login));
            } else {
                println!("The login for {} {} is in the keyring of this computer.", login.bank, login.account);
            }
        }
        Banks::Remove { bank, json } => {
            view::remove_login(&wallet, &bank).await?;
            done(json, "The login is forgotten.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn say_bank(bank: &BankView, logins: &[LoginView]) {
    let login = match logins.iter().find(|l| l.template == bank.template) {
        Some(login) => format!("login {}", login.account),
        None => "no login".into(),
    };
    println!("{:<10} {} ({}), {login}", bank.template, bank.name, bank.domain);
    if let Some(notes) = &bank.notes {
        println!("           careful: {notes}");
    }
}

fn done(json: bool, text: &str) {
    if json { println!("{}", json!({ "ok": true })) } else { println!("{text}") }
}

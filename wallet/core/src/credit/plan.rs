//! The transactions of a loan: open or renew, draw, repay. As in `plan/`, a plan is data; nothing is signed here.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use parlance_credit::{api::Attested, pool::Pool};
use parlance_effects::ChainId;
use parlance_grounding::Intent;

use super::{CreditLine, LineStatus, day, lines, rate};
use crate::{
    Wallet,
    chain::{Call, ChainClient, Fees, abi::Erc20},
    conversation::Party,
    error::{Result, WalletError},
    plan::{AmountContext, Moves, Plan, PlannedTx, estimate, resolve_amount},
    store::{ProofRecord, Purpose},
    tokens::{Token, clean, format_amount},
};

/// Gas for a repayment that can't be estimated before its allowance stands; what is not used is not paid.
const REPAY_GAS: u64 = 400_000;
/// Head room over the debt where all of it is repaid: interest of so many seconds, since blocks come later than plans.
const HEAD_ROOM: u64 = 86_400;
const BASIS_POINTS: u64 = 10_000;
const YEAR: u64 = 365 * 86_400;

/// Draw from the line that has so much left, at the lowest rate where there are several.
///
/// # Errors
/// [`WalletError::Ask`] with code `no_line`, `overdue`, `no_credit_left` or `which_asset`; amounts; chain and signer errors.
pub async fn draw(wallet: &Wallet, intent: &Intent, amount: &str, asset: Option<&str>) -> Result<Plan> {
    let account = wallet.signer.account().await?;
    let open = open_lines(wallet, account, asset).await?;
    let line = choose(&open, amount)?;
    let token = line.token();
    let client = wallet.client_of(line.chain)?;
    if line.is_overdue() {
        return Err(WalletError::Ask {
            code: "overdue",
            message: format!(
                "A payment of {} to {} is overdue, so nothing can be drawn.",
                format_amount(line.state.due, &token),
                line.lender
            ),
            remedy: format!("Pay it first: \"repay {} {}\".", crate::tokens::format_units(line.state.due, token.decimals), token.symbol),
        });
    }
    let wanted = resolve(wallet, &client, &token, amount, line.state.available).await.map_err(|e| left(e, line, &token))?;
    let mut drafter = Drafter::new(wallet, client, account, intent, line).await?;
    let data = Pool::drawCall { id: line.id, amount: wanted, to: account }.abi_encode();
    let sentence = format!("Draw {} from {}", format_amount(wanted, &token), line.lender);
    drafter.push(sentence, Purpose::Loan, Some(moves(&token, wanted, line)), line.pool, data, None).await?;
    drafter.plan.risks.push(format!("It costs {}; the first payment is due a cycle later.", rate(line.state.rate)));
    Ok(drafter.plan)
}

/// Repay what is owed, or part of it.
///
/// # Errors
/// [`WalletError::Ask`] with code `no_line`, `nothing_owed`, `insufficient_balance` or `which_asset`; amounts; chain and signer errors.
pub async fn repay(wallet: &Wallet, intent: &Intent, amount: &str, asset: Option<&str>) -> Result<Plan> {
    let account = wallet.signer.account().await?;
    let open = open_lines(wallet, account, asset).await?;
    // What is late comes first, then what is due first.
    let owing = open.iter().filter(|l| !l.owed().is_zero()).min_by_key(|l| (!l.is_overdue(), l.state.due_at));
    let line = owing.ok_or_else(|| WalletError::Ask {
        code: "nothing_owed",
        message: "Nothing is owed on your lines.".into(),
        remedy: "Ask \"how are my loans\" to see them.".into(),
    })?;
    let token = line.token();
    let client = wallet.client_of(line.chain)?;
    let owed = line.owed();
    let balance = client.token_balance(line.asset.address, account).await?;
    let (all, hesitates, paid) = match resolve(wallet, &client, &token, amount, U256::MAX).await {
        _ if amount == "max" => (true, None, owed),
        _ if amount.ends_with('%') => {
            let part = resolve(wallet, &client, &token, amount, owed).await?;
            (part == owed, None, part)
        }
        Ok(wanted) if wanted > owed => {
            let question = format!("You owe {} to {}, less than that. Pay all of it?", format_amount(owed, &token), line.lender);
            (true, Some(question), owed)
        }
        Ok(wanted) => (wanted == owed, None, wanted),
        Err(e) => return Err(e),
    };
    // Interest goes on until the block: without head room all of it would not be all of it.
    let most = if all { owed.saturating_add(head_room(line)).min(balance.max(owed)) } else { paid };
    if paid > balance {
        return Err(WalletError::Ask {
            code: "insufficient_balance",
            message: format!("This account has {}; {} were to be paid.", format_amount(balance, &token), format_amount(paid, &token)),
            remedy: "Say a smaller amount, or get more of it first.".into(),
        });
    }
    let allowance = client.allowance(line.asset.address, account, line.pool).await?;
    let mut drafter = Drafter::new(wallet, client, account, intent, line).await?;
    drafter.plan.hesitates = hesitates;
    let waits = allowance < most;
    if waits {
        let data = Erc20::approveCall { spender: line.pool, amount: most }.abi_encode();
        let sentence = format!("Let {}'s pool take up to {}", line.lender, format_amount(most, &token));
        drafter.push(sentence, Purpose::Approve, Some(moves(&token, most, line)), line.asset.address, data, None).await?;
    }
    let (data, sentence) = if all {
        let data = Pool::repayAllCall { id: line.id, atMost: most }.abi_encode();
        (data, format!("Repay all that you owe {}: {} now, with interest until the block", line.lender, format_amount(owed, &token)))
    } else {
        let data = Pool::repayCall { id: line.id, amount: paid }.abi_encode();
        (data, format!("Repay {} to {}", format_amount(paid, &token), line.lender))
    };
    drafter.push(sentence, Purpose::Loan, Some(moves(&token, paid, line)), line.pool, data, waits.then_some(REPAY_GAS)).await?;
    Ok(drafter.plan)
}

/// Open a line with an attestation, or put the line on it that rests on the same bank account.
///
/// # Errors
/// Chain and signer errors; [`WalletError::Reverted`] where the pool does not take it.
pub async fn open(
    wallet: &Wallet,
    intent: &Intent,
    proof: &ProofRecord,
    attested: &Attested,
    token: &Token,
    line: Option<&CreditLine>,
) -> Result<Plan> {
    let account = proof.offer.borrower;
    let client = wallet.client_of(proof.chain)?;
    let Attested { attestation, notaries, signatures } = attested.clone();
    let limit = format_amount(attestation.limit, token);
    let (data, sentence) = match line {
        Some(line) => {
            let data = Pool::renewCall { id: line.id, attestation, notaries, signatures }.abi_encode();
            (data, format!("Renew your line at {}: up to {limit}", proof.lender))
        }
        None => {
            let data = Pool::openCall { attestation, notaries, signatures }.abi_encode();
            (data, format!("Open a credit line at {} for up to {limit}", proof.lender))
        }
    };
    let mut drafter = Drafter::at(wallet, client, account, intent, (proof.chain, proof.pool, &proof.lender)).await?;
    drafter.push(sentence, Purpose::Loan, None, proof.pool, data, None).await?;
    let offer = &proof.offer;
    let cycle = offer.cycle / 86_400;
    let rate = u32::try_from(offer.rate).map_or_else(|_| offer.rate.to_string(), rate);
    drafter.plan.risks.push(format!("Nothing is drawn by this. What you draw costs {rate}, and a payment is due every {cycle} days."));
    if !offer.terms.trim().is_empty() {
        drafter.plan.risks.push(format!("{}'s terms, which you accept: {}", proof.lender, clean(&offer.terms, 600)));
    }
    Ok(drafter.plan)
}

/// Open lines of the account, of an asset where one is named.
async fn open_lines(wallet: &Wallet, account: Address, asset: Option<&str>) -> Result<Vec<CreditLine>> {
    let read = lines(wallet, account).await?;
    let mut open: Vec<CreditLine> = read.lines.into_iter().filter(|l| l.state.status != LineStatus::Closed).collect();
    if open.is_empty() {
        // A chain out of reach is no reason to say that there is no line.
        return Err(read.problem.unwrap_or_else(|| WalletError::Ask {
            code: "no_line",
            message: "You have no credit line yet.".into(),
            remedy: "Ask for one, for example \"lend me 500 usdc\": you then prove a bank balance to a lender.".into(),
        }));
    }
    if let Some(asset) = asset {
        let has: Vec<String> = open.iter().map(|l| l.asset.symbol.clone()).collect();
        open.retain(|l| l.asset.symbol.eq_ignore_ascii_case(asset) || l.asset.address.to_string().eq_ignore_ascii_case(asset));
        if open.is_empty() {
            return Err(WalletError::Ask {
                code: "which_asset",
                message: format!("None of your lines is in {}.", clean(asset, 48)),
                remedy: format!("They are in {}.", has.join(", ")),
            });
        }
    }
    Ok(open)
}

/// The line to draw from.
fn choose<'a>(open: &'a [CreditLine], amount: &str) -> Result<&'a CreditLine> {
    let mut assets: Vec<Address> = open.iter().map(|l| l.asset.address).collect();
    assets.sort_unstable();
    assets.dedup();
    if assets.len() > 1 && !amount.starts_with('$') {
        let symbols: Vec<&str> = open.iter().map(|l| l.asset.symbol.as_str()).collect();
        return Err(WalletError::Ask {
            code: "which_asset",
            message: "You have lines in several assets.".into(),
            remedy: format!("Say which one: {}.", symbols.join(", ")),
        });
    }
    let enough = |line: &&CreditLine| {
        crate::tokens::parse_units(amount, line.asset.decimals).map_or(!line.state.available.is_zero(), |a| a <= line.state.available)
    };
    let cheapest = |line: &&CreditLine| line.state.rate;
    let most = |line: &&CreditLine| line.state.available;
    open.iter()
        .filter(enough)
        .min_by_key(cheapest)
        .or_else(|| open.iter().max_by_key(most))
        .ok_or_else(|| WalletError::Task("a line to draw from was looked for among none".into()))
}

/// An amount of a line's asset, of which there is `whole`.
async fn resolve(wallet: &Wallet, client: &ChainClient, token: &Token, amount: &str, whole: U256) -> Result<U256> {
    let price = if amount.starts_with('$') { Some(wallet.prices.of(client, token).await?) } else { None };
    let context = AmountContext { token, balance: whole, fee: U256::ZERO, price: price.as_ref(), previous: None };
    resolve_amount(amount, &context)
}

/// Too much for a line is not too much for an account.
fn left(error: WalletError, line: &CreditLine, token: &Token) -> WalletError {
    let WalletError::Ask { code: "insufficient_balance", .. } = error else { return error };
    let why = if line.state.stopped {
        "it was stopped".to_owned()
    } else if let Some(why) = &line.state.blocked {
        format!("{why}. A new proof may renew it")
    } else if line.state.available.is_zero() && line.state.principal < line.state.limit {
        format!("it ended on {}, or the pool has no money at present", day(line.state.expiry))
    } else if line.state.principal.is_zero() {
        "that is all of it".into()
    } else {
        format!("{} of {} are drawn", format_amount(line.state.principal, token), format_amount(line.state.limit, token))
    };
    WalletError::Ask {
        code: "no_credit_left",
        message: format!("Your line at {} has {} left: {why}.", line.lender, format_amount(line.state.available, token)),
        remedy: "Draw less, repay first, or prove more to the lender for a higher limit.".into(),
    }
}

/// Interest of a day, and a unit for rounding.
fn head_room(line: &CreditLine) -> U256 {
    let a_day = line.state.principal.saturating_mul(U256::from(line.state.rate)).saturating_mul(U256::from(HEAD_ROOM));
    (a_day / U256::from(BASIS_POINTS * YEAR)).saturating_add(U256::from(1))
}

fn moves(token: &Token, amount: U256, line: &CreditLine) -> Moves {
    Moves {
        asset: token.kind,
        symbol: token.symbol.clone(),
        decimals: token.decimals,
        amount,
        counterparty: Some(line.pool),
        name: Some(line.lender.clone()),
        becomes: None,
    }
}

/// A plan that is being made.
struct Drafter {
    client: ChainClient,
    fees: Fees,
    plan: Plan,
}

impl Drafter {
    async fn new(wallet: &Wallet, client: ChainClient, account: Address, intent: &Intent, line: &CreditLine) -> Result<Self> {
        Self::at(wallet, client, account, intent, (line.chain, line.pool, &line.lender)).await
    }

    async fn at(wallet: &Wallet, client: ChainClient, account: Address, intent: &Intent, pool: (ChainId, Address, &str)) -> Result<Self> {
        let (chain, pool, lender) = pool;
        let party = Party { role: "pool".into(), name: Some(lender.to_owned()), address: pool.to_checksum(None), source: "lender".into() };
        let mut plan =
            Plan { intent: intent.clone(), chain, account, txs: Vec::new(), parties: vec![party], risks: Vec::new(), hesitates: None };
        // The signer has the same registry compiled in, and reads nothing of a contract that is not in it.
        if wallet.tokens.registry().contract(chain, pool).is_none() {
            plan.risks.push(format!(
                "The signer does not know {lender}'s pool {}, so it can't read what this does, and your rules may refuse it.",
                pool.to_checksum(None)
            ));
        }
        Ok(Self { fees: client.fees().await?.normal, client, plan })
    }

    /// Add a transaction; with `gas` it comes after one without which it can't be tried out.
    async fn push(
        &mut self,
        sentence: String,
        purpose: Purpose,
        moves: Option<Moves>,
        to: Address,
        data: Vec<u8>,
        gas: Option<u64>,
    ) -> Result<()> {
        let data = Bytes::from(data);
        let gas_limit = match gas {
            Some(gas) => gas,
            None => estimate(&self.client, &Call::new(self.plan.account, to).data(data.clone())).await?,
        };
        let tx = PlannedTx {
            sentence,
            purpose,
            moves,
            to,
            value: U256::ZERO,
            data,
            gas_limit,
            fees: self.fees,
            replaces: None,
            follows: gas.is_some(),
        };
        self.plan.txs.push(tx);
        Ok(())
    }
}

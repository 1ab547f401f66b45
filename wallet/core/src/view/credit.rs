//! Bank-balance proofs and credit lines: lenders, banks, logins, proofs, lines.

use std::{io::Write, path::Path};

use alloy_primitives::U256;
use parlance_credit::api;
use serde::{Deserialize, Serialize};
use specta::Type;
use zeroize::Zeroizing;

use super::Problem;
use crate::{
    Wallet,
    credit::{self, CreditLine, KnownLender, KnownLogin, LineStatus, TIER_SCALE},
    error::{Result, WalletError},
    store::ProofRecord,
    tokens::{format_short, format_units},
};

/// All that a page about proofs and loans shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct CreditView {
    /// Lenders that the wallet knows.
    pub lenders: Vec<LenderView>,
    /// Banks that the wallet can ask.
    pub banks: Vec<BankView>,
    /// Bank logins that are kept.
    pub logins: Vec<LoginView>,
    /// Proofs that were made, the latest first.
    pub proofs: Vec<ProofView>,
    /// Credit lines of the account that pays, the latest first.
    pub lines: Vec<LineView>,
    /// What of the lines could not be read from a chain, in a sentence; they are shown as they were read last then.
    pub lines_problem: Option<Problem>,
}

/// A lender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct LenderView {
    /// As it calls itself.
    pub name: String,
    /// Where its interface is.
    pub url: String,
    /// Id-name of the chain that it lends on; empty while it was never reached.
    pub chain: String,
    /// The pool, checksummed; empty while it was never reached.
    pub pool: String,
    /// Symbol of what it lends; empty while it was never reached.
    pub asset: String,
    /// Play money: invented banks, local addresses.
    pub demo: bool,
    /// Whether it answered just now.
    pub reachable: bool,
    /// Why not, or what is wrong with its answer.
    pub problem: Option<Problem>,
    /// What it offers, by rising threshold.
    pub tiers: Vec<TierView>,
    /// Ids of the bank templates that it accepts and the wallet knows in the same version.
    pub banks: Vec<String>,
}

/// Terms by proven balance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct TierView {
    /// Balance to be proved, for people: `$10,000`.
    pub at_least: String,
    /// The same as exact decimal, as an intent takes it: `10000`.
    pub at_least_units: String,
    /// ISO 4217.
    pub currency: String,
    /// Highest principal, for people: `1,500 USDC`.
    pub limit: String,
    /// The same as exact decimal: `1500`.
    pub limit_units: String,
    /// Interest, for people: `12% a year`.
    pub rate: String,
    /// Days in a repayment cycle.
    pub cycle_days: u32,
}

/// A bank that the wallet can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct BankView {
    /// Template id: `starling`.
    pub template: String,
    /// For people.
    pub name: String,
    /// The host that is asked.
    pub domain: String,
    /// What the login needs besides the token: `account`, `profile`; `None`: the token alone.
    pub parameter: Option<String>,
    /// Why a lender may not accept it yet, in sentences.
    pub notes: Option<String>,
}

/// A bank login. Its token is in the keyring and never shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct LoginView {
    /// Template id.
    pub template: String,
    /// The bank's name.
    pub bank: String,
    /// Account id, shortened; empty where the login is the token alone.
    pub account: String,
}

/// A proof that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ProofView {
    /// SHA-256 of the proof file, `0x` hexadecimal.
    pub id: String,
    /// For which lender.
    pub lender: String,
    /// Name of the bank.
    pub bank: String,
    /// What is proved, in a sentence.
    pub statement: String,
    /// Unix seconds.
    pub made_at: u64,
    /// Unix seconds: the lender counts it until then.
    pub expires_at: u64,
    /// Whether the lender accepted it.
    pub accepted: bool,
    /// Whether the lender has answered; false while the proof is kept to be sent again.
    pub answered: bool,
    /// Highest principal that goes with it, for people; `None` where none does.
    pub limit: Option<String>,
    /// What the lender learned besides, in sentences.
    pub visible: Vec<String>,
    /// Each check that the lender made.
    pub checks: Vec<CheckView>,
    /// Why there is no line with it, or why it was not accepted.
    pub reasons: Vec<String>,
}

/// One check of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckView {
    /// `certificate`.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was found.
    pub sentence: String,
}

/// A credit line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct LineView {
    /// The pool's number for it, decimal.
    pub id: String,
    /// Name of the lender.
    pub lender: String,
    /// Id-name of the chain.
    pub chain: String,
    /// The pool, checksummed.
    pub pool: String,
    /// Symbol of what is lent.
    pub asset: String,
    /// Highest principal, exact decimal.
    pub limit: String,
    /// Principal that is drawn, exact decimal.
    pub drawn: String,
    /// What is owed in this second, with interest, exact decimal.
    pub owed: String,
    /// What can be drawn now, exact decimal.
    pub available: String,
    /// The next payment, exact decimal; `None` where nothing is due.
    pub due: Option<String>,
    /// When, Unix seconds.
    pub due_at: Option<i64>,
    /// Interest, for people: `12% a year`.
    pub rate: String,
    /// Where it stands.
    pub status: LineStatus,
    /// Unix seconds.
    pub opened_at: u64,
    /// Unix seconds: it can be drawn on until then.
    pub expires_at: u64,
    /// What was proved for it, where this wallet keeps the proof.
    pub statement: Option<String>,
}

/// Everything, with the lenders asked and the chains read just now.
///
/// # Errors
/// Store errors; what a lender, a chain or the signer fails with stands beside it.
pub async fn credit(wallet: &Wallet) -> Result<CreditView> {
    let lenders = lenders(wallet).await?;
    let proofs = wallet.store.proofs()?;
    // A locked signer hides whose lines are meant, and nothing else.
    let lines = match wallet.signer.account().await {
        Ok(account) => credit::lines(wallet, account).await?,
        Err(e) => credit::Lines { lines: Vec::new(), problem: Some(e) },
    };
    Ok(CreditView {
        lenders,
        banks: banks(),
        logins: logins(wallet)?,
        lines: lines.lines.iter().map(|line| line_view(wallet, line, &proofs)).collect(),
        lines_problem: lines.problem.map(Problem::from),
        proofs: proofs.iter().map(|proof| proof_view(wallet, proof)).collect::<Result<_>>()?,
    })
}

/// Lenders, each asked just now.
///
/// # Errors
/// Store errors; what a lender fails with stands beside it.
pub async fn lenders(wallet: &Wallet) -> Result<Vec<LenderView>> {
    let known = credit::lenders(wallet)?;
    Ok(futures::future::join_all(known.iter().map(|lender| lender_view(wallet, lender))).await)
}

/// Banks that can be asked.
#[must_use]
pub fn banks() -> Vec<BankView> {
    credit::banks().iter().map(bank_view).collect()
}

/// Logins that are kept.
///
/// # Errors
/// Store errors.
pub fn logins(wallet: &Wallet) -> Result<Vec<LoginView>> {
    Ok(credit::logins(wallet)?.iter().map(login_view).collect())
}

/// Ask a lender who it is, and add it.
///
/// # Errors
/// As [`credit::add_lender`].
pub async fn add_lender(wallet: &Wallet, url: &str) -> Result<LenderView> {
    let lender = credit::add_lender(wallet, url).await?;
    Ok(shown(wallet, &lender, lender.info.as_ref(), None))
}

/// Forget a lender; its proofs and lines stay.
///
/// # Errors
/// As [`credit::remove_lender`].
pub fn remove_lender(wallet: &Wallet, name: &str) -> Result<()> {
    credit::remove_lender(wallet, name)
}

/// Keep a bank login in the keyring; one a bank.
///
/// # Errors
/// As [`credit::add_login`].
pub async fn add_login(wallet: &Wallet, template: &str, account: &str, token: Zeroizing<String>) -> Result<LoginView> {
    credit::add_login(wallet, template, account, &token).await.map(|login| login_view(&login))
}

/// Forget a bank login, in the keyring too.
///
/// # Errors
/// As [`credit::remove_login`].
pub async fn remove_login(wallet: &Wallet, template: &str) -> Result<()> {
    credit::remove_login(wallet, template).await
}

/// Forget a proof and its file. A line that was opened with it stays.
///
/// # Errors
/// [`WalletError::NotFound`].
pub fn forget_proof(wallet: &Wallet, id: &str) -> Result<()> {
    wallet.store.delete_proof(by_id(wallet, id)?.id)
}

/// Write a proof's file for a lender, never over another file. Who has it learns what the proof view tells, and can't prove
/// anything else with it.
///
/// # Errors
/// [`WalletError::NotFound`], [`WalletError::Io`].
pub fn export_proof(wallet: &Wallet, id: &str, path: &Path) -> Result<()> {
    let file = wallet.store.proof_file(by_id(wallet, id)?.id)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(path).map_err(WalletError::io(path))?;
    out.write_all(&file).and_then(|()| out.sync_all()).map_err(WalletError::io(path))
}

/// A kept proof, for people.
///
/// # Errors
/// Store errors.
pub fn proof_view(wallet: &Wallet, proof: &ProofRecord) -> Result<ProofView> {
    let bank = credit::bank(&proof.bank).map_or_else(|_| proof.bank.clone(), |bank| bank.template.name.clone());
    let verdict = proof.verdict.as_ref();
    let lent = credit::lenders(wallet)?.into_iter().find(|l| l.name == proof.lender).and_then(|l| l.info);
    // An accepted proof with reasons is one that no line goes with at present.
    let lends = proof.accepted() && !proof.offer.limit.is_zero() && verdict.is_some_and(|v| v.reasons.is_empty());
    let limit = lent.filter(|_| lends).map(|info| amount(proof.offer.limit, &info.pool));
    let checks = verdict.map(|v| v.checks.as_slice()).unwrap_or_default();
    Ok(ProofView {
        id: proof.digest.to_string(),
        lender: proof.lender.clone(),
        bank,
        statement: verdict.and_then(|v| v.statement.clone()).unwrap_or_else(|| credit::claim(proof)),
        made_at: proof.made_at,
        expires_at: proof.expires_at(),
        accepted: proof.accepted(),
        answered: verdict.is_some(),
        limit,
        visible: verdict.map(|v| v.visible.clone()).unwrap_or_default(),
        checks: checks
            .iter()
            .map(|check| CheckView { name: check.name.clone(), passed: check.passed, sentence: check.sentence.clone() })
            .collect(),
        reasons: verdict.map(|v| v.reasons.clone()).unwrap_or_default(),
    })
}

/// A line, for people.
#[must_use]
pub fn line_view(wallet: &Wallet, line: &CreditLine, proofs: &[ProofRecord]) -> LineView {
    let state = &line.state;
    let exact = |of: U256| format_units(of, line.asset.decimals);
    let due = (state.due_at != 0 && !state.due.is_zero()).then_some(state.due);
    let behind = proofs.iter().find(|p| p.attested.as_ref().is_some_and(|a| a.attestation.id == state.attestation));
    LineView {
        id: line.id.to_string(),
        lender: line.lender.clone(),
        chain: chain_name(wallet, line.chain),
        pool: line.pool.to_checksum(None),
        asset: line.asset.symbol.clone(),
        limit: exact(state.limit),
        drawn: exact(state.principal),
        owed: exact(line.owed()),
        available: exact(state.available),
        due: due.map(exact),
        due_at: due.and_then(|_| i64::try_from(state.due_at).ok()),
        rate: credit::rate(state.rate),
        status: state.status,
        opened_at: line.opened_at,
        expires_at: state.expiry,
        statement: behind.map(credit::claim),
    }
}

fn by_id(wallet: &Wallet, id: &str) -> Result<ProofRecord> {
    let wanted = id.trim().to_lowercase();
    let found = wallet.store.proofs()?.into_iter().find(|proof| proof.digest.to_string() == wanted);
    found.ok_or_else(|| WalletError::NotFound { what: "such proof".into() })
}

async fn lender_view(wallet: &Wallet, lender: &KnownLender) -> LenderView {
    match credit::refresh(wallet, lender).await {
        Ok(info) => shown(wallet, lender, Some(&info), None),
        Err(e) => shown(wallet, lender, lender.info.as_ref(), Some(e)),
    }
}

fn shown(wallet: &Wallet, lender: &KnownLender, info: Option<&api::Lender>, error: Option<WalletError>) -> LenderView {
    let tiers = info.map(|info| info.tiers.iter().map(|tier| tier_view(tier, info)).collect()).unwrap_or_default();
    let accepted = |info: &api::Lender| {
        let banks = credit::banks().iter().filter(|b| info.templates.iter().any(|t| t.digest == b.digest));
        banks.map(|b| b.template.id.clone()).collect()
    };
    LenderView {
        name: lender.name.clone(),
        url: lender.url.to_string(),
        chain: info.map(|i| chain_name(wallet, i.pool.chain)).unwrap_or_default(),
        pool: info.map(|i| i.pool.address.to_checksum(None)).unwrap_or_default(),
        asset: info.map(|i| i.pool.symbol.clone()).unwrap_or_default(),
        demo: info.is_some_and(|i| i.demo) || lender.of_world,
        reachable: !matches!(error, Some(WalletError::LenderOffline { .. })),
        problem: error.map(Problem::from),
        tiers,
        banks: info.map(accepted).unwrap_or_default(),
    }
}

fn tier_view(tier: &api::Tier, info: &api::Lender) -> TierView {
    TierView {
        at_least: credit::money(tier.at_least, &tier.currency, TIER_SCALE),
        at_least_units: format_units(U256::from(tier.at_least), TIER_SCALE),
        currency: tier.currency.clone(),
        limit: amount(tier.limit, &info.pool),
        limit_units: format_units(tier.limit, info.pool.decimals),
        rate: credit::rate(tier.rate),
        cycle_days: tier.cycle / 86_400,
    }
}

fn amount(of: U256, pool: &api::PoolInfo) -> String {
    format!("{} {}", format_short(of, pool.decimals), pool.symbol)
}

fn bank_view(bank: &credit::Bank) -> BankView {
    let findings = bank.findings().iter().map(|finding| format!("{finding}.")).collect::<Vec<_>>().join(" ");
    BankView {
        template: bank.template.id.clone(),
        name: bank.template.name.clone(),
        domain: bank.template.domain.clone(),
        parameter: bank.parameter(),
        notes: (!findings.is_empty()).then_some(findings),
    }
}

fn login_view(login: &KnownLogin) -> LoginView {
    let bank = credit::bank(&login.bank).map_or_else(|_| login.bank.clone(), |bank| bank.template.name.clone());
    LoginView { template: login.bank.clone(), bank, account: login.account.clone() }
}

fn chain_name(wallet: &Wallet, id: u64) -> String {
    wallet.catalogue().by_id(id).map_or_else(|_| id.to_string(), |chain| chain.name.clone())
}

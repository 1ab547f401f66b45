//! What is wrong with a lender's settings, files and pool, in sentences.

use alloy_primitives::{Address, U256};

use crate::app::now;
use crate::chain::{Chain, backer};
use crate::offers::Terms;
use crate::store::Store;
use crate::trust::Trusted;
use crate::{Config, LenderError, keys, words};

/// Fails with these problems, if there are any.
pub(crate) fn refuse(problems: Vec<String>) -> Result<(), LenderError> {
    if problems.is_empty() { Ok(()) } else { Err(LenderError::Settings(problems)) }
}

/// What was found, and what is wrong.
#[derive(Debug, Default)]
pub struct Findings {
    /// Sentences about what is as it should be.
    pub fine: Vec<String>,
    /// Sentences about what is not.
    pub problems: Vec<String>,
}

impl Findings {
    fn note<T>(&mut self, result: Result<T, LenderError>, fine: impl FnOnce(&T) -> String) -> Option<T> {
        match result {
            Ok(value) => {
                self.fine.push(fine(&value));
                Some(value)
            }
            Err(LenderError::Settings(problems)) => {
                self.problems.extend(problems);
                None
            }
            Err(error) => {
                self.problems.push(format!("{error}."));
                None
            }
        }
    }
}

/// Looks at everything that `serve` needs, without serving.
pub async fn check(config: &Config) -> Result<Findings, LenderError> {
    let now = now()?;
    let mut findings = Findings { problems: config.problems(), ..Findings::default() };
    let own = config.notary.as_ref().map(crate::config::NotaryConfig::own).transpose();
    let own = findings.note(own, |own| {
        own.as_ref().map_or("There is no built-in notary.".into(), |(_, keys)| format!("The built-in notary has {} keys.", keys.len()))
    });
    let trusted = Trusted::load(&config.trust, &config.folder, own.flatten());
    let trusted = findings.note(trusted, |trusted| {
        format!(
            "{} templates, {} notaries' keys, {} roots were read.",
            trusted.trust.templates.len(),
            trusted.trust.notaries.len(),
            trusted.trust.roots.len()
        )
    });
    if let Some(trusted) = &trusted {
        findings.problems.extend(trusted.problems(now));
    }
    if let Some(staff) = &config.staff
        && !keys::is_hash(&staff.password_hash)
    {
        findings.problems.push("staff.password_hash: this is no argon2id hash; make one with `parlance-lender keys staff`.".into());
    }
    findings.note(Store::open(&config.database, &config.folder).await, |_| "The database answers and its tables are up to date.".into());
    let signer = findings.note(keys::attester(config), |signer| format!("The attester's key is {}.", signer.address()));
    let Some(signer) = signer else { return Ok(findings) };
    let chain = Chain::connect(&config.chain, &signer).await;
    let chain = findings.note(chain, |chain| format!("The pool {} lends {}.", chain.info().address, chain.info().symbol));
    let (Some(chain), Some(trusted)) = (chain, trusted) else { return Ok(findings) };
    let info = chain.info();
    let terms = Terms::new(config, &info.symbol, info.decimals, chain.min_limit()).map_err(LenderError::Settings);
    findings.note(terms, |terms| format!("{} tiers are offered.", terms.tiers.len()));
    if let Err(sentence) = words::parse_amount(&config.lending.total, info.decimals) {
        findings.problems.push(format!("lending.total: {sentence}"));
    }
    let problems = chain_problems(&chain, &trusted, signer.address(), now).await;
    if let Some(problems) = findings.note(problems, |_| "Attesters, caps and cash were read from the chain.".into()) {
        findings.problems.extend(problems);
    }
    Ok(findings)
}

/// What on chain keeps this key and these notaries from lending.
pub(crate) async fn chain_problems(chain: &Chain, trusted: &Trusted, attester: Address, now: u64) -> Result<Vec<String>, LenderError> {
    let mut problems = Vec::new();
    let set = chain.attesters().await?;
    if !set.attesters.contains(&attester) {
        problems.push(format!("The key {attester} is no attester of the pool in epoch {}; let its owner propose setAttesters.", set.epoch));
    }
    if set.threshold != U256::from(1) {
        problems.push(format!("The pool wants {} attesters' signatures, and this lender has one key.", set.threshold));
    }
    let amount = |amount| words::asset(amount, chain.info().decimals, &chain.info().symbol);
    let backers = [(format!("the attester {attester}"), backer(attester))];
    let notaries = trusted.notary_ids(now).into_iter().map(|id| (format!("the notary's key {id}"), id));
    for (name, id) in backers.into_iter().chain(notaries) {
        let cap = chain.cap(id).await?;
        if cap.room() < chain.min_limit() || cap.room().is_zero() {
            let (cap, exposure) = (amount(cap.cap), amount(cap.exposure));
            problems.push(format!(
                "The cap of {name} is {cap} and it backs {exposure}: it has no room for a line. Let the pool's owner propose setCap."
            ));
        }
    }
    if chain.idle().await?.is_zero() {
        problems.push("The pool has no cash: nobody can draw.".into());
    }
    if chain.paused().await? {
        problems.push("The pool is stopped.".into());
    }
    if chain.purse().await?.is_zero() {
        problems.push(format!("The attester {attester} has no ether: it can't stop lines or revoke attestations."));
    }
    if trusted.max_age > chain.max_age() {
        let (own, pools) = (words::span(trusted.max_age), words::span(chain.max_age()));
        problems.push(format!("trust.max_age_minutes allows {own}, the pool {pools}; the pool's counts."));
    }
    Ok(problems)
}

//! Checking a proof file without chain and database: `parlance-lender verify` and the page `/verify`.

use alloy_primitives::{Address, B256, FixedBytes, U256};
use parlance_zktls_protocol::{ProofFile, Session};
use parlance_zktls_verify::{CheckName, Expectation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::LenderError;
use crate::judge::{Holder, Judgement, judge, name};
use crate::trust::Trusted;
use crate::words::{self, is_currency};

/// What the file is compared with. What is not given is taken from the file itself, and said to be unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The wallet.
    pub borrower: Option<Address>,
    /// The lender's pool.
    pub pool: Option<Address>,
    /// Its chain.
    pub chain: Option<u64>,
    /// The offer's nonce.
    pub nonce: Option<B256>,
    /// The offer's digest.
    pub offer: Option<B256>,
    /// Minor units.
    pub at_least: Option<u64>,
    /// Three capital letters.
    pub currency: Option<String>,
    /// Of the nullifier.
    pub scope: Option<FixedBytes<8>>,
    /// As of this Unix second; now when absent.
    pub at: Option<u64>,
    /// Oldest session, seconds; as configured when absent.
    pub max_age: Option<u64>,
}

/// A file's report.
#[derive(Debug, Clone, Serialize)]
pub struct OfflineReport {
    /// SHA-256 of the file.
    pub proof: B256,
    /// What was found.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// What the file says of itself.
    pub says: Says,
}

/// What a file says of itself; true only as far as the checks hold.
#[derive(Debug, Clone, Serialize)]
pub struct Says {
    /// The wallet.
    pub borrower: Address,
    /// The lender's pool.
    pub pool: Address,
    /// Its chain.
    pub chain: u64,
    /// The offer's nonce.
    pub nonce: B256,
    /// The offer's digest.
    pub offer: B256,
    /// The template's digest.
    pub template: B256,
    /// The bank's host.
    pub domain: String,
    /// Minor units.
    pub at_least: u64,
    /// Of the balance.
    pub currency: String,
    /// Of the nullifier.
    pub scope: FixedBytes<8>,
    /// The account's pseudonym in that scope.
    pub nullifier: B256,
    /// The notary's key id.
    pub notary: B256,
    /// When the session was opened, Unix seconds.
    pub opened: u64,
}

/// Reads and judges a file.
///
/// # Errors
/// Where these bytes are no proof file at all.
pub fn report(bytes: &[u8], trusted: &Trusted, asked: &Asked, now: u64) -> Result<OfflineReport, LenderError> {
    let file = ProofFile::decode(bytes)?;
    let says = Says::of(&file);
    let currency = asked.currency.as_deref().unwrap_or(&says.currency);
    let currency: [u8; 3] = currency.as_bytes().try_into().unwrap_or_default();
    let expected = Expectation {
        session: Session {
            wallet: asked.borrower.unwrap_or(says.borrower).into(),
            chain: asked.chain.unwrap_or(says.chain),
            contract: asked.pool.unwrap_or(says.pool).into(),
            lender_nonce: asked.nonce.unwrap_or(says.nonce).0,
            offer: asked.offer.unwrap_or(says.offer).0,
        },
        at_least: asked.at_least.unwrap_or(says.at_least),
        currency,
        scope: asked.scope.unwrap_or(says.scope).0,
        now: asked.at.unwrap_or(now),
        max_age: asked.max_age.unwrap_or(trusted.max_age),
    };
    let mut judgement = judge(&file, trusted, &expected, Holder(None));
    // Without the registry this check says nothing; it stands among what is unchecked.
    judgement.checks.retain(|check| check.name != name(CheckName::Nullifier));
    judgement.unchecked = unchecked(asked, &says);
    Ok(OfflineReport { proof: digest(bytes), judgement, says })
}

/// SHA-256 of a proof file, by which it is called.
#[must_use]
pub fn digest(bytes: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(bytes))
}

impl Asked {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let currency = self.currency.as_ref().filter(|currency| !is_currency(currency))?;
        Some(format!("currency: got {currency:?}, expected three capital letters such as EUR"))
    }
}

impl Says {
    fn of(file: &ProofFile) -> Self {
        let ProofFile { session, claim, notarized, .. } = file;
        Self {
            borrower: session.wallet.into(),
            pool: session.contract.into(),
            chain: session.chain,
            nonce: session.lender_nonce.into(),
            offer: session.offer.into(),
            template: claim.template.into(),
            domain: notarized.recording.domain.clone(),
            at_least: claim.at_least,
            currency: String::from_utf8_lossy(&claim.currency).into_owned(),
            scope: claim.scope.into(),
            nullifier: claim.nullifier.into(),
            notary: notarized.key.0.into(),
            opened: notarized.recording.opened,
        }
    }
}

/// What was taken from the file itself, in sentences.
fn unchecked(asked: &Asked, says: &Says) -> Vec<String> {
    let taken = |given: bool, what: &str, value: String, flag: &str| {
        (!given).then(|| format!("{what} is taken from the file itself: {value}. Compare it with yours, or give {flag}."))
    };
    let amount = words::money(says.at_least, &says.currency);
    let sentences = [
        taken(asked.borrower.is_some(), "The borrower", says.borrower.to_string(), "--borrower"),
        taken(
            asked.pool.is_some() && asked.chain.is_some(),
            "The pool",
            format!("{} on chain {}", says.pool, says.chain),
            "--pool and --chain",
        ),
        taken(
            asked.nonce.is_some() && asked.offer.is_some(),
            "The offer",
            format!("digest {}, nonce {}", says.offer, says.nonce),
            "--offer and --nonce",
        ),
        taken(asked.at_least.is_some() && asked.currency.is_some(), "The threshold", amount, "--at-least and --currency"),
        taken(asked.scope.is_some(), "The nullifier's scope", says.scope.to_string(), "--scope"),
    ];
    let registry = format!("Whether the account backs another line stands in the registry on chain, under nullifier {}.", says.nullifier);
    sentences.into_iter().flatten().chain([registry]).collect()
}

/// The report in plain text, for a terminal.
#[must_use]
pub fn text(report: &OfflineReport) -> String {
    let OfflineReport { proof, judgement, says } = report;
    let mut lines = vec![
        format!("Proof {proof}"),
        format!("about {}, session of {}", says.domain, words::time(says.opened)),
        String::new(),
        if judgement.accepted { "ACCEPTED".to_owned() } else { "REFUSED".to_owned() },
    ];
    lines.extend(judgement.statement.clone());
    section(
        &mut lines,
        "Checks",
        judgement.checks.iter().map(|check| format!("{} {}: {}", if check.passed { "ok  " } else { "FAIL" }, check.name, check.sentence)),
    );
    section(&mut lines, "Why it is refused", judgement.reasons.iter().cloned());
    section(&mut lines, "Not checked here", judgement.unchecked.iter().cloned());
    section(&mut lines, "What anybody with this file learns besides", judgement.visible.iter().cloned());
    lines.join("\n")
}

fn section(lines: &mut Vec<String>, title: &str, entries: impl Iterator<Item = String>) {
    let entries: Vec<String> = entries.map(|entry| format!("  {entry}")).collect();
    if !entries.is_empty() {
        lines.extend([String::new(), format!("{title}:")]);
        lines.extend(entries);
    }
}

/// The threshold that an offer asks for, as claims have it.
pub(crate) fn minor_units(at_least: U256) -> u64 {
    u64::try_from(at_least).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn trusted() -> Trusted {
        let text = "templates = [\"../../zktls/templates/demo.toml\"]\nmax_age_minutes = 60\ndemo = true";
        let config = toml::from_str(text).expect("a configuration");
        Trusted::load(&config, std::path::Path::new(env!("CARGO_MANIFEST_DIR")), None).expect("loaded")
    }

    proptest! {
        #[test]
        fn garbage_is_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2000), magic in any::<bool>()) {
            let bytes = if magic { [b"PZKT\x00\x01\x05".as_slice(), &bytes].concat() } else { bytes };
            prop_assert!(report(&bytes, &trusted(), &Asked::default(), 0).is_err());
        }
    }

    #[test]
    fn a_currency_has_three_capitals() {
        let asked = |currency: &str| Asked { currency: Some(currency.into()), ..Asked::default() }.problem();
        assert!(asked("EUR").is_none() && Asked::default().problem().is_none());
        assert!(asked("eur").is_some_and(|problem| problem.contains("EUR")));
    }
}

//! What is wrong with a configuration as far as that can be seen without files and chain.

use std::collections::HashMap;

use alloy_primitives::U256;

use super::{Config, Lending};
use crate::words::{is_currency, parse_amount};

impl Config {
    /// A sentence for each problem.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut require = |holds: bool, sentence: String| {
            if !holds {
                problems.push(sentence);
            }
        };
        let Lending { offer_minutes, attestation_days, reattest_days, keep_days, .. } = self.lending;
        require((1..=64).contains(&self.name.chars().count()), format!("name: {:?} should have 1 to 64 characters.", self.name));
        require(!self.terms.trim().is_empty(), "terms: say in words what the borrower owes; it signs them.".into());
        require(self.terms.len() <= 4096, format!("terms: {} bytes are more than 4096; be brief.", self.terms.len()));
        require(
            self.key.password_file.is_none() || self.key.password_env.is_none(),
            "key: give password_file or password_env, not both.".into(),
        );
        require((1..=1440).contains(&offer_minutes), format!("lending.offer_minutes: {offer_minutes} is not between 1 and 1440."));
        require((1..=366).contains(&attestation_days), format!("lending.attestation_days: {attestation_days} is not between 1 and 366."));
        let reattest = (1..=attestation_days).contains(&reattest_days);
        require(reattest, format!("lending.reattest_days: {reattest_days} is not between 1 and attestation_days ({attestation_days})."));
        require((1..=3660).contains(&keep_days), format!("lending.keep_days: {keep_days} is not between 1 and 3660."));
        let age = self.trust.max_age_minutes;
        require((1..=525_600).contains(&age), format!("trust.max_age_minutes: {age} is not between 1 and 525600 (a year)."));
        require(self.limits.verify_at_once > 0, "limits.verify_at_once: 0 would verify nothing.".into());
        require(!self.tiers.is_empty(), "tiers: there is none; say what is lent to whom.".into());
        if let Err(sentence) = self.lending.scope() {
            require(false, sentence);
        }
        problems.extend(self.tier_problems());
        problems
    }

    fn tier_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut highest: HashMap<&str, (u64, U256)> = HashMap::new();
        for tier in &self.tiers {
            match (tier.at_least(), parse_amount(&tier.limit, 18)) {
                (Ok(at_least), Ok(limit)) => {
                    let before = highest.insert(&tier.currency, (at_least, limit));
                    if before.is_some_and(|(least, most)| at_least <= least || limit <= most) {
                        problems.push(format!(
                            "tiers: at least {} {}: write tiers with rising thresholds and limits.",
                            tier.at_least, tier.currency
                        ));
                    }
                    if limit.is_zero() {
                        problems.push(format!("tiers: at least {} {}: the limit is nothing.", tier.at_least, tier.currency));
                    }
                }
                (Err(sentence), _) | (_, Err(sentence)) => problems.push(format!("tiers: {sentence}")),
            }
            if !is_currency(&tier.currency) {
                problems.push(format!("tiers: currency {:?} should be three capital letters such as EUR.", tier.currency));
            }
            if tier.rate > 10_000 {
                problems.push(format!("tiers: a rate of {} basis points is above the pool's highest, 10000.", tier.rate));
            }
            if !(1..=366).contains(&tier.cycle_days) {
                problems.push(format!("tiers: a cycle of {} days is not between 1 and 366.", tier.cycle_days));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn example() -> Config {
        Config::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lender.toml"))).expect("the example")
    }

    #[test]
    fn each_problem_has_a_sentence() {
        let mut config = example();
        config.name.clear();
        config.lending.scope = "long enough".into();
        config.lending.reattest_days = config.lending.attestation_days + 1;
        config.tiers.reverse();
        config.tiers.insert(0, config.tiers[0].clone());
        config.tiers[0].rate = 10_001;
        config.tiers[0].currency = "usd".into();
        config.limits.verify_at_once = 0;
        let problems = config.problems().join("\n");
        for part in ["name", "scope", "reattest_days", "10001 basis points", "\"usd\"", "verify_at_once", "rising thresholds"] {
            assert!(problems.contains(part), "{part}: {problems}");
        }
    }
}

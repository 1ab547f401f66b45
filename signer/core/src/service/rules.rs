//! The rules in force: a pack by its name, and the owner's own text.

use parlance_policy::{PolicyError, RuleSet};

/// Rules that permit nothing.
pub(super) fn none() -> RuleSet {
    RuleSet::load("", "").unwrap_or_else(|_| unreachable!("no rules always load"))
}

/// Compile a pack together with the owner's own rules; the linter must pass.
pub(super) fn load(pack: &str, own: &str) -> Result<RuleSet, PolicyError> {
    RuleSet::load(source(pack)?, own)
}

/// Cedar source of a pack.
pub(super) fn source(pack: &str) -> Result<&'static str, PolicyError> {
    parlance_policy::pack(pack).map(|pack| pack.source)
}

/// True where no rule speaks of a single account, so that all accounts are under the same rules.
pub(super) fn alike(pack: &str, own: &str) -> bool {
    let singles_out = |text: &str| text.contains("Account::") || text.contains("principal.") || text.contains("principal[");
    source(pack).is_ok_and(|pack| !singles_out(pack)) && !singles_out(own)
}

//! Landlock: which files the process may open.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, Scope,
};

use crate::{Hold, SandboxError};

/// The newest rights that are asked for; an older kernel gives what it has.
const WANTED: ABI = ABI::V6;

pub(crate) fn restrict(read: &[&Path], write: &[&Path]) -> Result<Hold, SandboxError> {
    let mut rules = Vec::new();
    for path in read {
        rules.push((open(path)?, path.is_dir(), AccessFs::from_read(WANTED)));
    }
    for path in write {
        rules.push((open(path)?, path.is_dir(), AccessFs::from_all(WANTED) & !AccessFs::Execute));
    }
    Ok(apply(rules).unwrap_or_else(|e| Hold::Not(format!("Landlock: {e}"))))
}

fn open(path: &Path) -> Result<PathFd, SandboxError> {
    PathFd::new(path).map_err(|e| SandboxError::Path { path: path.to_owned(), why: e.to_string() })
}

fn apply(rules: Vec<(PathFd, bool, landlock::BitFlags<AccessFs>)>) -> Result<Hold, landlock::RulesetError> {
    let mut set = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))?
        .handle_access(AccessNet::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?
        .create()?;
    for (fd, is_dir, rights) in rules {
        let rights = if is_dir { rights } else { rights & AccessFs::from_file(WANTED) };
        set = set.add_rule(PathBeneath::new(fd, rights))?;
    }
    let status = set.restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Hold::Full,
        RulesetStatus::PartiallyEnforced => Hold::Partly("this kernel's Landlock lacks its newer rights".into()),
        RulesetStatus::NotEnforced => Hold::Not("this kernel has no Landlock".into()),
    })
}

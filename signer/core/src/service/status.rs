//! What can be looked at.

use alloy_primitives::hex;
use parlance_signer_protocol::{Account, Contact, Limit, Refusal, RefusalCode, Response, RuleRef, RulesInForce, Status};

use super::custody::Custody;
use super::{refusal, rules};
use crate::keys::AccountSource;
use crate::vault::{KeyringUse, Vault};

/// Most audit lines in one answer.
const AUDIT_LINES: u32 = 500;
/// Bytes of audit lines in one answer, well below a frame.
const AUDIT_BYTES: usize = 384 * 1024;

impl Custody {
    /// State of the signer, for anybody who may look.
    pub(super) fn status(&self, approver: &str, asking: bool) -> Status {
        let vault = self.vault.as_ref().map(Vault::status);
        let locked = self.vault.as_ref().is_none_or(|v| !v.is_unlocked());
        Status {
            version: env!("CARGO_PKG_VERSION").into(),
            vault: self.vault.is_some(),
            locked,
            play_money: self.vault.as_ref().is_some_and(Vault::is_play_money),
            accounts: self.vault.as_ref().map_or(&[][..], Vault::accounts).iter().map(account).collect(),
            rules_version: self.book.rules.version,
            pack: self.book.rules.pack.clone(),
            limits: self.limits(),
            sandbox: self.sandbox.clone(),
            keyring: self.keyring_words(),
            rollback: self.book.rollback.clone(),
            approver: approver.into(),
            asking,
            lock_in: vault.and_then(|v| v.locks_in).filter(|_| !locked).map(|d| d.as_secs()),
        }
    }

    fn keyring_words(&self) -> String {
        let Some(vault) = &self.vault else {
            return match self.keyring {
                Some(_) => "The keyring of your session will protect the wallet's file against a stolen disk.".into(),
                None => "There is no keyring in your session: the password alone will protect the wallet's file.".into(),
            };
        };
        let status = vault.status();
        match status.keyring {
            KeyringUse::Keyring if status.keyring_missing => {
                "The wallet's file needs the keyring of your session, and the keyring is not there.".into()
            }
            KeyringUse::Keyring => "Password and the keyring of your session protect the wallet's file.".into(),
            KeyringUse::None => "The password alone protects the wallet's file: it was made without a keyring.".into(),
            KeyringUse::Play => "Play money: the password is public.".into(),
        }
    }

    fn limits(&self) -> Vec<Limit> {
        // What is used is asked of the ledger as for a signature that costs nothing.
        let entry = crate::ledger::Entry::empty(self.time.now());
        let Ok(before) = self.book.ledger.before(self.time.now(), &entry) else {
            return Vec::new();
        };
        let gauges = parlance_policy::limits(&self.rules, &before);
        gauges.into_iter().map(|g| Limit { label: g.label, used: g.used, limit: g.limit }).collect()
    }

    pub(super) fn rules_in_force(&self) -> Result<RulesInForce, Refusal> {
        let record = &self.book.rules;
        let pack_source = rules::source(&record.pack).unwrap_or_default();
        let sentences = self.rules.sentences().into_iter();
        Ok(RulesInForce {
            version: record.version,
            pack: record.pack.clone(),
            pack_source: pack_source.to_owned(),
            own_source: record.own.clone(),
            sentences: sentences.map(|r| RuleRef { id: r.id, sentence: r.sentence }).collect(),
        })
    }

    pub(super) fn contacts(&self) -> Vec<Contact> {
        let contacts = self.book.contacts.values();
        contacts
            .map(|c| Contact { name: c.name.clone(), address: c.address, added: c.added, paid: self.book.ledger.paid(c.address).count })
            .collect()
    }

    pub(super) fn audit(&self, from: u64, limit: u32) -> Result<Response, Refusal> {
        let limit = limit.min(AUDIT_LINES) as usize;
        let mut entries = self.audit.read(from, limit).map_err(refusal::of)?;
        let mut size = 0;
        entries.retain(|line| {
            size += line.to_string().len();
            size <= AUDIT_BYTES
        });
        Ok(Response::Audit { entries, total: self.book.audit_head().seq })
    }

    pub(super) fn audit_verify(&mut self) -> Result<Response, Refusal> {
        let checked = self.audit.verify().map_err(refusal::of)?;
        let known = self.book.audit_head();
        let broken = checked.broken.or_else(|| {
            (checked.head != known)
                .then(|| format!("the file ends at line {}, and the ledger knows of line {}", checked.head.seq, known.seq))
        });
        match broken.or_else(|| self.audit_damage.clone()) {
            None => Ok(Response::AuditVerified { entries: checked.head.seq, head: hex::encode(checked.head.hash) }),
            Some(why) => Err(refusal::refuse(
                RefusalCode::State,
                format!("the audit log does not hold: {why}; {} lines do", checked.head.seq),
                "Somebody or something changed the log. Compare it with an export that you kept, and look who uses this computer.",
            )),
        }
    }
}

fn account(from: &crate::keys::Account) -> Account {
    let path = match from.source {
        AccountSource::Derived { path, .. } => Some(path.to_string()),
        AccountSource::Imported | AccountSource::WatchOnly => None,
    };
    Account { address: from.address, label: from.label.as_str().to_owned(), path, watch_only: from.source == AccountSource::WatchOnly }
}

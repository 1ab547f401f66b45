//! Dialogues that belong to the approver alone: unlocking, import, accounts, password; `first_run` and `export` beside.

use alloy_primitives::Address;
use parlance_signer_protocol::approver::Prompt;
use parlance_signer_protocol::{Ceremony, Refusal, RefusalCode, Response};
use serde_json::json;

use super::{Deadline, Service, done, refusal};
use crate::SignerError;
use crate::backup::LEAST_CHARS;
use crate::keys::{AccountSource, Password, PrivateKey, keystore};
use crate::origins::Capability;
use crate::vault::Vault;

/// How often something may be typed wrong in one dialogue.
pub(super) const TRIES: u32 = 5;
/// Name of the signer's own part in a backup.
pub(super) const KEPT: &str = "signer.json";

impl Service {
    /// Ask for the password and unlock.
    pub(super) fn unlock(&self, deadline: Deadline) -> Result<Response, Refusal> {
        {
            let mut custody = self.lock_custody();
            if custody.vault.is_none() {
                return Err(refusal::of(SignerError::NoVault { path: custody.folder.path().to_owned() }));
            }
            if custody.ready().is_ok() {
                return done("It is unlocked.");
            }
        }
        let mut notes = Vec::new();
        if self.lock_custody().vault.as_ref().is_some_and(Vault::is_play_money) {
            notes.push("This is play money: its password is `play`.".to_owned());
        }
        for _ in 0..TRIES {
            let asked = Prompt::Password { title: "Unlock your wallet".into(), notes: notes.clone() };
            let password = self.secret(asked, deadline)?;
            let password = Password::new(password).map_err(refusal::of)?;
            let mut custody = self.lock_custody();
            match custody.unlock(&password) {
                Ok(()) => {
                    let warning = custody.book.rollback.clone();
                    drop(custody);
                    if let Some(why) = warning {
                        self.notice(
                            "Look at this first",
                            vec![
                                format!("The signer's ledger can't be relied on: {why}."),
                                "Until you acknowledge that with your password, everything asks for your password.".into(),
                            ],
                            deadline,
                        )?;
                    }
                    return done("Unlocked.");
                }
                Err(e @ (SignerError::WrongPassword { .. } | SignerError::TooSoon { .. })) => {
                    notes = vec![e.to_string(), e.remedy().to_owned()];
                }
                Err(e) => return Err(refusal::of(e)),
            }
        }
        Err(refusal::refuse(RefusalCode::Password, "the password was wrong too often", "Wait, then ask again."))
    }

    pub(super) fn ceremony(&self, who: &Capability, kind: Ceremony, deadline: Deadline) -> Result<Response, Refusal> {
        match kind {
            Ceremony::FirstRun => self.first_run(deadline),
            Ceremony::Restore => self.restore(deadline),
            Ceremony::Import => self.import(deadline),
            Ceremony::AddAccount => self.add_account(deadline),
            Ceremony::WatchAccount => self.watch(deadline),
            Ceremony::Export => self.export(deadline),
            Ceremony::Backup => self.back_up(deadline),
            Ceremony::ChangePassword => self.change_password(deadline),
            Ceremony::Incident => self.incident(&who.origin, deadline).and_then(done),
        }
    }

    pub(super) fn import(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.lock_custody().ready()?;
        let options = ["A recovery phrase", "A private key", "A keystore file (its text)"];
        let choice = self.choose("What do you want to import?", &options, deadline)?;
        let account = match choice {
            0 => {
                let (phrase, passphrase) = self.typed_phrase(deadline)?;
                let label = self.label("Imported phrase", deadline)?;
                self.authorized("Import a recovery phrase", deadline)?;
                self.lock_custody().ready()?.add_phrase(phrase, passphrase, label).map_err(refusal::of)?
            }
            1 => {
                let notes = vec!["64 hexadecimal digits. No phrase restores it: keep your own copy.".to_owned()];
                let prompt = Prompt::SecretText { title: "Private key".into(), notes };
                let text = zeroize::Zeroizing::new(self.secret(prompt, deadline)?);
                self.import_key(PrivateKey::from_hex(text.trim()).map_err(refusal::of)?, deadline)?
            }
            _ => {
                let notes = vec!["The whole JSON text, version 3.".to_owned()];
                let prompt = Prompt::SecretText { title: "Keystore file".into(), notes };
                let text = zeroize::Zeroizing::new(self.secret(prompt, deadline)?);
                let prompt = Prompt::Password { title: "Password of the keystore file".into(), notes: Vec::new() };
                let password = Password::new(self.secret(prompt, deadline)?).map_err(refusal::of)?;
                self.import_key(keystore::decrypt(&text, &password).map_err(refusal::of)?, deadline)?
            }
        };
        self.account_added("imported", account.address)
    }

    pub(super) fn import_key(&self, key: PrivateKey, deadline: Deadline) -> Result<crate::keys::Account, Refusal> {
        let label = self.label("Imported key", deadline)?;
        self.authorized(&format!("Import the key of {}", key.address().to_checksum(None)), deadline)?;
        self.lock_custody().ready()?.import_key(key, label).map_err(refusal::of)
    }

    pub(super) fn add_account(&self, deadline: Deadline) -> Result<Response, Refusal> {
        let phrase = self.first_phrase()?;
        let options = ["Another account of your own", "A small account for agents, whose balance bounds what they can lose"];
        let agents = self.choose("Which account?", &options, deadline)? == 1;
        let label = self.label(if agents { "Agents" } else { "Account" }, deadline)?;
        let account = {
            let mut custody = self.lock_custody();
            let vault = custody.ready()?;
            match agents {
                true => vault.add_agents_account(phrase, label),
                false => vault.add_next_account(phrase, label),
            }
            .map_err(refusal::of)?
        };
        self.account_added("added", account.address)
    }

    pub(super) fn watch(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.lock_custody().ready()?;
        let notes = vec!["Its address, 0x and 40 digits. There will be no key for it here.".to_owned()];
        let text = self.text(Prompt::Text { title: "Account to watch".into(), notes }, deadline)?;
        let address = Address::parse_checksummed(text.trim(), None).or_else(|e| {
            // All lower or upper case carries no checksum.
            let digits = text.trim().trim_start_matches("0x");
            let plain = digits.chars().all(|c| !c.is_ascii_uppercase()) || digits.chars().all(|c| !c.is_ascii_lowercase());
            if plain { text.trim().parse().map_err(|_| e) } else { Err(e) }
        });
        let address = address.map_err(|e| {
            refusal::refuse(
                RefusalCode::Rejected,
                format!("not a valid address: {e}"),
                "Copy the whole address; its capitals are a checksum.",
            )
        })?;
        let label = self.label("Watched", deadline)?;
        self.lock_custody().ready()?.watch(address, label).map_err(refusal::of)?;
        self.account_added("watched", address)
    }

    pub(super) fn account_added(&self, how: &str, address: Address) -> Result<Response, Refusal> {
        let mut custody = self.lock_custody();
        let line = json!({"event": "account", "how": how, "account": address});
        custody.record(Vec::new(), Some(line)).map_err(refusal::of)?;
        done(format!("The account {} is {how}.", address.to_checksum(None)))
    }

    pub(super) fn change_password(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.lock_custody().ready()?;
        let prompt = Prompt::Password { title: "Your password so far".into(), notes: Vec::new() };
        let old = Password::new(self.secret(prompt, deadline)?).map_err(refusal::of)?;
        let least = self.least_chars();
        let new = self.new_password("Your new password", least, deadline)?;
        let mut custody = self.lock_custody();
        let kdf = self.kdf;
        custody.ready()?.change_password(&old, &new, kdf).map_err(refusal::of)?;
        custody.record(Vec::new(), Some(json!({"event": "password_changed"}))).map_err(refusal::of)?;
        done("The password is changed. Old backups still open with their own.")
    }

    pub(super) fn no_vault_yet(&self) -> Result<(), Refusal> {
        let custody = self.lock_custody();
        match custody.vault {
            Some(_) => Err(refusal::of(SignerError::VaultExists { path: custody.folder.path().to_owned() })),
            None => Ok(()),
        }
    }

    pub(super) fn first_phrase(&self) -> Result<u32, Refusal> {
        let mut custody = self.lock_custody();
        let phrase = custody.ready()?.accounts().iter().find_map(|a| match a.source {
            AccountSource::Derived { phrase, .. } => Some(phrase),
            _ => None,
        });
        phrase.ok_or_else(|| refusal::refuse(RefusalCode::Account, "this wallet has no recovery phrase", "Import one first."))
    }

    pub(super) fn least_chars(&self) -> usize {
        use crate::vault::KeyringUse;
        match self.lock_custody().vault.as_ref().map(|v| v.status().keyring) {
            Some(KeyringUse::Keyring) => 8,
            Some(KeyringUse::Play) => 1,
            _ => LEAST_CHARS,
        }
    }
}

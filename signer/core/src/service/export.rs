//! What leaves: the phrase, a key, a keystore file, a backup.

use std::path::PathBuf;

use alloy_primitives::Address;
use parlance_signer_protocol::approver::Prompt;
use parlance_signer_protocol::{Refusal, Response};
use serde_json::json;

use super::ceremonies::KEPT;
use super::{Deadline, Service, done, refusal};
use crate::SignerError;
use crate::backup::{Blob, LEAST_CHARS};
use crate::keys::{AccountSource, keystore};
use crate::state::Kept;

/// Where backups and exported files are written and read, below the data folder: the signer reaches nothing else.
const BACKUPS: &str = "backups";

impl Service {
    pub(super) fn export(&self, deadline: Deadline) -> Result<Response, Refusal> {
        let accounts = {
            let mut custody = self.lock_custody();
            custody.ready()?.accounts().to_vec()
        };
        let options = ["Show the recovery phrase", "Show the private key of an account", "Write an account's key into a keystore file"];
        let what = self.choose("What do you want to export?", &options, deadline)?;
        let notes = vec!["Whoever sees what is shown next has your money.".to_owned()];
        if what == 0 {
            let phrase = self.first_phrase()?;
            let exported = self.with_password("Show the recovery phrase", notes.clone(), deadline, |vault, password| {
                vault.export_phrase(password, phrase)
            })?;
            self.exported("phrase", None)?;
            let words = exported.words.as_str().split(' ').map(str::to_owned).collect();
            self.approved_notice(Prompt::ShowSecret { title: "Your recovery phrase".into(), words, notes: notes.clone() }, deadline)?;
            if let Some(passphrase) = exported.passphrase {
                let words = vec![passphrase.as_str().to_owned()];
                self.approved_notice(Prompt::ShowSecret { title: "Its passphrase".into(), words, notes }, deadline)?;
            }
            return done("The phrase was shown.");
        }
        let keyed: Vec<_> = accounts.iter().filter(|a| a.source != AccountSource::WatchOnly).collect();
        let names: Vec<String> = keyed.iter().map(|a| format!("{} {}", a.label.as_str(), a.address.to_checksum(None))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let index = self.choose("Of which account?", &names, deadline)?;
        let address = keyed.get(index).map(|a| a.address).ok_or_else(refusal::confused)?;
        if what == 1 {
            let key =
                self.with_password("Show a private key", notes.clone(), deadline, |vault, password| vault.export_key(password, address))?;
            self.exported("key", Some(address))?;
            let words = vec![key.as_str().to_owned()];
            self.approved_notice(Prompt::ShowSecret { title: "Private key".into(), words, notes }, deadline)?;
            return done("The key was shown.");
        }
        let file_password = self.new_password("Password of the keystore file", LEAST_CHARS, deadline)?;
        let text = self.with_password("Write a keystore file", notes, deadline, |vault, password| {
            vault.export_keystore(password, address, &file_password, keystore::ScryptCost::STANDARD)
        })?;
        self.exported("keystore", Some(address))?;
        let path = self.write_file(&format!("keystore-{}.json", address.to_checksum(None)), text.as_bytes())?;
        done(format!("The keystore file is {}.", path.display()))
    }

    pub(super) fn exported(&self, what: &str, account: Option<Address>) -> Result<(), Refusal> {
        let line = json!({"event": "exported", "what": what, "account": account});
        self.lock_custody().record(Vec::new(), Some(line)).map(|_| ()).map_err(refusal::of)
    }

    pub(super) fn back_up(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.lock_custody().ready()?;
        let backup_password = self.new_password("Password of the backup", LEAST_CHARS, deadline)?;
        let (blob, made_at) = {
            let custody = self.lock_custody();
            let bytes = Kept::of(&custody.book).bytes().map_err(refusal::of)?;
            (Blob { name: KEPT.into(), bytes }, custody.time.now())
        };
        let kdf = self.kdf;
        let notes = vec!["The backup holds phrases, keys, rules, contacts and prices, sealed under its own password.".to_owned()];
        let bytes = self.with_password("Write a backup", notes, deadline, |vault, password| {
            vault.back_up(password, &backup_password, kdf, std::slice::from_ref(&blob), made_at)
        })?;
        self.exported("backup", None)?;
        let path = self.write_file(&format!("parlance-{made_at}.backup"), &bytes)?;
        done(format!("The backup is {}. Copy it to another place.", path.display()))
    }

    pub(super) fn backups(&self) -> Result<PathBuf, Refusal> {
        use std::os::unix::fs::DirBuilderExt;
        let path = self.lock_custody().folder.file(BACKUPS);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(SignerError::io("creating", &path))
            .map_err(refusal::of)?;
        Ok(path)
    }

    pub(super) fn write_file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Refusal> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let path = self.backups()?.join(name);
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()))
            .map_err(SignerError::io("writing", &path))
            .map_err(refusal::of)?;
        Ok(path)
    }
}

//! Dialogues that belong to the approver alone: first run, unlocking, import, export, backup, password.

use std::path::PathBuf;

use alloy_primitives::Address;
use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Ceremony, Refusal, RefusalCode, Response};
use serde_json::json;

use super::custody::copy_of;
use super::{CEREMONY_SECONDS, Deadline, Service, done, refusal};
use crate::SignerError;
use crate::backup::{Blob, LEAST_CHARS, OpenBackup};
use crate::keys::{AccountSource, Label, NewPhrase, Password, Phrase, PrivateKey, SecretText, WordCount, keystore};
use crate::state::{Event, Kept};
use crate::vault::{Protection, Vault};

/// How often something may be typed wrong in one dialogue.
const TRIES: u32 = 5;
/// Where backups and exported files are written and read, below the data folder: the signer reaches nothing else.
const BACKUPS: &str = "backups";
/// Name of the signer's own part in a backup.
const KEPT: &str = "signer.json";
/// Largest backup that is read, bytes.
const BACKUP_BYTES: usize = 64 << 20;

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

    pub(super) fn ceremony(&self, kind: Ceremony, deadline: Deadline) -> Result<Response, Refusal> {
        match kind {
            Ceremony::FirstRun => self.first_run(deadline),
            Ceremony::Restore => self.restore(deadline),
            Ceremony::Import => self.import(deadline),
            Ceremony::AddAccount => self.add_account(deadline),
            Ceremony::WatchAccount => self.watch(deadline),
            Ceremony::Export => self.export(deadline),
            Ceremony::Backup => self.back_up(deadline),
            Ceremony::ChangePassword => self.change_password(deadline),
            Ceremony::Incident => self.incident(),
        }
    }

    fn first_run(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.no_vault_yet()?;
        let options = [
            "A new wallet with 12 words",
            "A new wallet with 24 words",
            "I have a recovery phrase",
            "I have a backup file of Parlance",
        ];
        let (phrase, passphrase) = match self.choose("Welcome. What shall this wallet hold?", &options, deadline)? {
            0 => (self.new_phrase(WordCount::Twelve, deadline)?, None),
            1 => (self.new_phrase(WordCount::TwentyFour, deadline)?, None),
            2 => self.typed_phrase(deadline)?,
            _ => return self.restore(deadline),
        };
        let (protection, password) = self.new_vault_password(deadline)?;
        let mut custody = self.lock_custody();
        let (folder, clock) = (custody.folder.clone(), custody.clock.clone());
        let mut vault = Vault::create(folder, clock, protection, &password, self.kdf, 0).map_err(refusal::of)?;
        let account = Label::new("Main").and_then(|label| vault.add_phrase(phrase, passphrase, label)).map_err(refusal::of)?;
        custody.begin(vault, false, Vec::new()).map_err(refusal::of)?;
        drop(custody);
        let address = account.address.to_checksum(None);
        self.notice("Your wallet is ready", vec![format!("Its first account, \"Main\", is {address}.")], deadline)?;
        done(format!("A wallet with the account {address} is made."))
    }

    /// A new phrase, written down and checked: it becomes usable through the check only.
    fn new_phrase(&self, count: WordCount, deadline: Deadline) -> Result<Phrase, Refusal> {
        let mut new = NewPhrase::generate(count).map_err(refusal::of)?;
        let mut notes = vec![
            "Write these words on paper, in order. Whoever has them has your money; without them a lost computer is lost money.".to_owned(),
            "Do not photograph them, and type them nowhere but in this window.".to_owned(),
        ];
        for _ in 0..TRIES {
            let words = new.words().map_err(refusal::of)?;
            let words = words.as_str().split(' ').map(str::to_owned).collect();
            let title = "Your recovery phrase".to_owned();
            self.approved_notice(Prompt::ShowSecret { title, words, notes: notes.clone() }, deadline)?;
            let mut answers = Vec::new();
            for position in new.quiz_positions() {
                let title = format!("Word number {position}");
                let notes = vec!["From your paper, so that you know that it can be read.".to_owned()];
                answers.push(SecretText::new(self.secret(Prompt::SecretText { title, notes }, deadline)?));
            }
            match new.verify_quiz(&answers) {
                Ok(phrase) => return Ok(phrase),
                Err((again, e)) => {
                    new = again;
                    notes = vec![e.to_string(), "Look at the words once more, correct your paper, and take the check again.".into()];
                }
            }
        }
        Err(refusal::refuse(RefusalCode::Rejected, "the words were wrong too often", "Begin again; no wallet was made."))
    }

    fn typed_phrase(&self, deadline: Deadline) -> Result<(Phrase, Option<Password>), Refusal> {
        let mut notes = vec!["12 to 24 English words with blanks between.".to_owned()];
        for _ in 0..TRIES {
            let prompt = Prompt::SecretText { title: "Your recovery phrase".into(), notes: notes.clone() };
            let text = SecretText::new(self.secret(prompt, deadline)?);
            let phrase = match Phrase::import(&text) {
                Ok(phrase) => phrase,
                Err(e) => {
                    notes = vec![e.to_string(), e.remedy().to_owned()];
                    continue;
                }
            };
            let options = ["No", "Yes, I use a BIP-39 passphrase beside the words"];
            let passphrase = match self.choose("Does the phrase have a passphrase?", &options, deadline)? {
                0 => None,
                _ => {
                    let notes = vec!["It is not your wallet's password. Another passphrase opens other accounts.".to_owned()];
                    let prompt = Prompt::SecretText { title: "The passphrase".into(), notes };
                    Some(Password::new(self.secret(prompt, deadline)?).map_err(refusal::of)?)
                }
            };
            return Ok((phrase, passphrase));
        }
        Err(refusal::refuse(RefusalCode::Rejected, "the phrase was not valid", "Check it against your paper, then begin again."))
    }

    fn restore(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.no_vault_yet()?;
        let folder = self.backups()?;
        let mut files = list(&folder).map_err(refusal::of)?;
        if files.is_empty() {
            return Err(refusal::refuse(
                RefusalCode::Rejected,
                format!("there is no backup file in {}", folder.display()),
                "Copy the backup file there, then ask again. The signer can read its own folder only.",
            ));
        }
        files.truncate(50);
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        let file = self.choose("Which backup?", &names, deadline)?;
        let path = folder.join(files.get(file).map_or("", String::as_str));
        let bytes = std::fs::read(&path).map_err(SignerError::io("reading", &path)).map_err(refusal::of)?;
        if bytes.len() > BACKUP_BYTES {
            return Err(refusal::of(SignerError::Damaged { what: "backup", reason: "it is too long".into() }));
        }
        let mut notes = vec!["The password that you chose for the backup.".to_owned()];
        for _ in 0..TRIES {
            let prompt = Prompt::Password { title: "Password of the backup".into(), notes: notes.clone() };
            let password = Password::new(self.secret(prompt, deadline)?).map_err(refusal::of)?;
            let backup = match OpenBackup::open(&bytes, &password) {
                Ok(backup) => backup,
                Err(e @ SignerError::WrongPassword { .. }) => {
                    notes = vec![e.to_string()];
                    continue;
                }
                Err(e) => return Err(refusal::of(e)),
            };
            let mut events = match backup.blob(KEPT) {
                Some(bytes) => Kept::read(bytes).map_err(refusal::of)?.events(),
                None => Vec::new(),
            };
            let (protection, password) = self.new_vault_password(deadline)?;
            let mut custody = self.lock_custody();
            let (folder, clock) = (custody.folder.clone(), custody.clock.clone());
            let vault = Vault::restore(folder, clock, protection, &password, self.kdf, 0, &backup).map_err(refusal::of)?;
            // What was signed since the backup is not in it, so the ledger can't be relied on.
            let why = "it was restored from a backup, which does not know what was signed since".to_owned();
            events.push(Event::RollbackNoted { why });
            custody.begin(vault, false, events).map_err(refusal::of)?;
            return done(format!("Restored {} accounts, rules and contacts.", backup.accounts().len()));
        }
        Err(refusal::refuse(RefusalCode::Password, "the password was wrong too often", "Begin again."))
    }

    fn import(&self, deadline: Deadline) -> Result<Response, Refusal> {
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

    fn import_key(&self, key: PrivateKey, deadline: Deadline) -> Result<crate::keys::Account, Refusal> {
        let label = self.label("Imported key", deadline)?;
        self.authorized(&format!("Import the key of {}", key.address().to_checksum(None)), deadline)?;
        self.lock_custody().ready()?.import_key(key, label).map_err(refusal::of)
    }

    fn add_account(&self, deadline: Deadline) -> Result<Response, Refusal> {
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

    fn watch(&self, deadline: Deadline) -> Result<Response, Refusal> {
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
            refusal::refuse(RefusalCode::Rejected, format!("not a valid address: {e}"), "Copy the whole address; its capitals are a checksum.")
        })?;
        let label = self.label("Watched", deadline)?;
        self.lock_custody().ready()?.watch(address, label).map_err(refusal::of)?;
        self.account_added("watched", address)
    }

    fn account_added(&self, how: &str, address: Address) -> Result<Response, Refusal> {
        let mut custody = self.lock_custody();
        let line = json!({"event": "account", "how": how, "account": address});
        custody.record(Vec::new(), Some(line)).map_err(refusal::of)?;
        done(format!("The account {} is {how}.", address.to_checksum(None)))
    }

    fn export(&self, deadline: Deadline) -> Result<Response, Refusal> {
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
            let key = self.with_password("Show a private key", notes.clone(), deadline, |vault, password| {
                vault.export_key(password, address)
            })?;
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

    fn exported(&self, what: &str, account: Option<Address>) -> Result<(), Refusal> {
        let line = json!({"event": "exported", "what": what, "account": account});
        self.lock_custody().record(Vec::new(), Some(line)).map(|_| ()).map_err(refusal::of)
    }

    fn back_up(&self, deadline: Deadline) -> Result<Response, Refusal> {
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

    fn change_password(&self, deadline: Deadline) -> Result<Response, Refusal> {
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

    // ---- what the dialogues are made of ------------------------------------------------------------------------

    fn no_vault_yet(&self) -> Result<(), Refusal> {
        let custody = self.lock_custody();
        match custody.vault {
            Some(_) => Err(refusal::of(SignerError::VaultExists { path: custody.folder.path().to_owned() })),
            None => Ok(()),
        }
    }

    fn first_phrase(&self) -> Result<u32, Refusal> {
        let mut custody = self.lock_custody();
        let phrase = custody.ready()?.accounts().iter().find_map(|a| match a.source {
            AccountSource::Derived { phrase, .. } => Some(phrase),
            _ => None,
        });
        phrase.ok_or_else(|| refusal::refuse(RefusalCode::Account, "this wallet has no recovery phrase", "Import one first."))
    }

    /// With the keyring where there is one; without, it is said, and the password must be longer.
    fn new_vault_password(&self, deadline: Deadline) -> Result<(Protection, Password), Refusal> {
        let protection = {
            let custody = self.lock_custody();
            match copy_of(custody.keyring.as_ref()).map_err(refusal::of)? {
                Some(secret) => Protection::Keyring(secret),
                None => Protection::PasswordOnly,
            }
        };
        if matches!(protection, Protection::PasswordOnly) {
            let lines = vec![
                "There is no keyring in this session. The password alone will protect the wallet's file, so it must be longer.".into(),
                "With a keyring (GNOME Keyring, KWallet), a stolen disk would be of no use without this session's login.".into(),
            ];
            self.notice("No keyring", lines, deadline)?;
        }
        let password = self.new_password("Choose a password for this wallet", protection.least_chars(), deadline)?;
        Ok((protection, password))
    }

    fn least_chars(&self) -> usize {
        use crate::vault::KeyringUse;
        match self.lock_custody().vault.as_ref().map(|v| v.status().keyring) {
            Some(KeyringUse::Keyring) => 8,
            Some(KeyringUse::Play) => 1,
            _ => LEAST_CHARS,
        }
    }

    fn new_password(&self, title: &str, least: usize, deadline: Deadline) -> Result<Password, Refusal> {
        let mut notes = vec!["Four or five unrelated words are good.".to_owned()];
        for _ in 0..TRIES {
            let prompt = Prompt::NewPassword {
                title: title.to_owned(),
                min_chars: u32::try_from(least).unwrap_or(u32::MAX),
                notes: notes.clone(),
            };
            let password = Password::new(self.secret(prompt, deadline)?).map_err(refusal::of)?;
            let got = password.chars();
            if got >= least {
                return Ok(password);
            }
            notes = vec![SignerError::PasswordTooShort { got, expected: least }.to_string()];
        }
        Err(refusal::refuse(RefusalCode::Password, "the password was too short", "Begin again with a longer one."))
    }

    /// The password, for something that adds to the wallet; asked as a change.
    fn authorized(&self, what: &str, deadline: Deadline) -> Result<(), Refusal> {
        self.with_password(what, Vec::new(), deadline, |vault, password| vault.verify_password(password))
    }

    /// Ask for the password and do something with it; wrong ones may be corrected.
    fn with_password<T>(
        &self,
        title: &str,
        mut notes: Vec<String>,
        deadline: Deadline,
        act: impl Fn(&mut Vault, &Password) -> Result<T, SignerError>,
    ) -> Result<T, Refusal> {
        for _ in 0..3 {
            let prompt = Prompt::Password { title: title.to_owned(), notes: notes.clone() };
            let password = Password::new(self.secret(prompt, deadline)?).map_err(refusal::of)?;
            let mut custody = self.lock_custody();
            match act(custody.ready()?, &password) {
                Ok(value) => return Ok(value),
                Err(e @ (SignerError::WrongPassword { .. } | SignerError::TooSoon { .. })) => {
                    custody.note(json!({"event": "wrong_password", "why": e.to_string()}));
                    notes.insert(0, e.to_string());
                }
                Err(e) => return Err(refusal::of(e)),
            }
        }
        Err(refusal::refuse(RefusalCode::Password, "the password was wrong three times", "Ask again when you are sure of it."))
    }

    fn label(&self, suggestion: &str, deadline: Deadline) -> Result<Label, Refusal> {
        let mut notes = vec![format!("A name for your own eyes; empty for \"{suggestion}\".")];
        for _ in 0..TRIES {
            let text = self.text(Prompt::Text { title: "Name of the account".into(), notes: notes.clone() }, deadline)?;
            let text = if text.trim().is_empty() { suggestion } else { &text };
            match Label::new(text) {
                Ok(label) => return Ok(label),
                Err(e) => notes = vec![e.to_string(), e.remedy().to_owned()],
            }
        }
        Err(refusal::refuse(RefusalCode::Rejected, "the name can't be used", "Begin again with a plain name."))
    }

    fn choose(&self, title: &str, options: &[&str], deadline: Deadline) -> Result<usize, Refusal> {
        let prompt = Prompt::Choose { title: title.into(), options: options.iter().map(|o| (*o).to_owned()).collect() };
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Chosen { index } if (index as usize) < options.len() => Ok(index as usize),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    fn secret(&self, prompt: Prompt, deadline: Deadline) -> Result<String, Refusal> {
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Secret { text } => Ok(text),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    fn text(&self, prompt: Prompt, deadline: Deadline) -> Result<String, Refusal> {
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Text { text } => Ok(text),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    fn notice(&self, title: &str, lines: Vec<String>, deadline: Deadline) -> Result<(), Refusal> {
        self.approved_notice(Prompt::Notice { title: title.into(), lines }, deadline)
    }

    fn approved_notice(&self, prompt: Prompt, deadline: Deadline) -> Result<(), Refusal> {
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Approved { .. } => Ok(()),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    fn backups(&self) -> Result<PathBuf, Refusal> {
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

    fn write_file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Refusal> {
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

/// Names of the backup files in a folder, newest first.
fn list(folder: &std::path::Path) -> Result<Vec<String>, SignerError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(SignerError::io("reading", folder))? {
        let name = entry.map_err(SignerError::io("reading", folder))?.file_name();
        if let Some(name) = name.to_str().filter(|n| n.ends_with(".backup")) {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

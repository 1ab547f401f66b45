//! First run: a new wallet, a phrase that somebody has, a backup.

use parlance_signer_protocol::approver::Prompt;
use parlance_signer_protocol::{Refusal, RefusalCode, Response};

use super::ceremonies::{KEPT, TRIES};
use super::custody::copy_of;
use super::{Deadline, Service, done, refusal};
use crate::SignerError;
use crate::backup::OpenBackup;
use crate::keys::{Label, NewPhrase, Password, Phrase, SecretText, WordCount};
use crate::state::{Event, Kept};
use crate::vault::{Protection, Vault};

/// Largest backup that is read, bytes.
const BACKUP_BYTES: u64 = 64 << 20;

impl Service {
    pub(super) fn first_run(&self, deadline: Deadline) -> Result<Response, Refusal> {
        self.no_vault_yet()?;
        let options =
            ["A new wallet with 12 words", "A new wallet with 24 words", "I have a recovery phrase", "I have a backup file of Parlance"];
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
    pub(super) fn new_phrase(&self, count: WordCount, deadline: Deadline) -> Result<Phrase, Refusal> {
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

    pub(super) fn typed_phrase(&self, deadline: Deadline) -> Result<(Phrase, Option<Password>), Refusal> {
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

    pub(super) fn restore(&self, deadline: Deadline) -> Result<Response, Refusal> {
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
        let length = std::fs::metadata(&path).map_err(SignerError::io("reading", &path)).map_err(refusal::of)?.len();
        if length > BACKUP_BYTES {
            return Err(refusal::of(SignerError::Damaged { what: "backup", reason: "it is too long".into() }));
        }
        let bytes = std::fs::read(&path).map_err(SignerError::io("reading", &path)).map_err(refusal::of)?;
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

    /// With the keyring where there is one; without, it is said, and the password must be longer.
    pub(super) fn new_vault_password(&self, deadline: Deadline) -> Result<(Protection, Password), Refusal> {
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

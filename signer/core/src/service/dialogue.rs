//! What the dialogues are made of: one question each.

use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Refusal, RefusalCode};
use serde_json::json;

use super::ceremonies::TRIES;
use super::{CEREMONY_SECONDS, Deadline, Service, refusal};
use crate::SignerError;
use crate::keys::{Label, Password};
use crate::vault::Vault;

impl Service {
    pub(super) fn new_password(&self, title: &str, least: usize, deadline: Deadline) -> Result<Password, Refusal> {
        let mut notes = vec!["Four or five unrelated words are good.".to_owned()];
        for _ in 0..TRIES {
            let prompt =
                Prompt::NewPassword { title: title.to_owned(), min_chars: u32::try_from(least).unwrap_or(u32::MAX), notes: notes.clone() };
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
    pub(super) fn authorized(&self, what: &str, deadline: Deadline) -> Result<(), Refusal> {
        self.with_password(what, Vec::new(), deadline, |vault, password| vault.verify_password(password))
    }

    /// Ask for the password and do something with it; wrong ones may be corrected.
    pub(super) fn with_password<T>(
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

    pub(super) fn label(&self, suggestion: &str, deadline: Deadline) -> Result<Label, Refusal> {
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

    pub(super) fn choose(&self, title: &str, options: &[&str], deadline: Deadline) -> Result<usize, Refusal> {
        let prompt = Prompt::Choose { title: title.into(), options: options.iter().map(|o| (*o).to_owned()).collect() };
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Chosen { index } if (index as usize) < options.len() => Ok(index as usize),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    pub(super) fn secret(&self, prompt: Prompt, deadline: Deadline) -> Result<String, Refusal> {
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Secret { text } => Ok(text),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    pub(super) fn text(&self, prompt: Prompt, deadline: Deadline) -> Result<String, Refusal> {
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Text { text } => Ok(text),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }

    pub(super) fn notice(&self, title: &str, lines: Vec<String>, deadline: Deadline) -> Result<(), Refusal> {
        self.approved_notice(Prompt::Notice { title: title.into(), lines }, deadline)
    }

    pub(super) fn approved_notice(&self, prompt: Prompt, deadline: Deadline) -> Result<(), Refusal> {
        match self.ask(prompt, CEREMONY_SECONDS, deadline)? {
            Verdict::Approved { .. } => Ok(()),
            Verdict::Rejected => Err(refusal::rejected()),
            _ => Err(refusal::confused()),
        }
    }
}

//! The answer to "sign this?" and "change this?": no, or yes, with the password where the level asks for it.

use eframe::egui::Ui;
use parlance_signer_protocol::{Outcome, approver::Verdict};

use super::{
    parts::{self, Weight},
    question::Now,
    secret_field::SecretField,
};

/// The two buttons, and the field for the password.
pub struct YesNo {
    level: Outcome,
    password: Option<SecretField>,
}

impl YesNo {
    pub fn new(level: Outcome) -> Self {
        let password = (level == Outcome::Password).then(|| SecretField::new("Your password", "Your password, to approve"));
        Self { level, password }
    }

    pub fn meanwhile(&self) -> &'static str {
        if self.password.is_some() { "Checking the password..." } else { "One moment..." }
    }

    pub fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        let mut entered = false;
        if let Some(password) = &mut self.password {
            let typed = password.show(ui, now.takes_keys);
            entered = typed.entered;
            if let Some(id) = typed.id.filter(|_| now.password_key) {
                ui.memory_mut(|m| m.request_focus(id));
            }
        }
        let why_not = self.why_not(now);
        let tip = if self.password.is_some() { "Approve (Alt+A). To the password: Alt+P" } else { "Approve (Alt+A)" };
        let (no, yes) = parts::two(
            ui,
            |ui| parts::wide(ui, "Reject", Weight::No, None, "Reject (Alt+R or Escape)"),
            |ui| parts::wide(ui, "Approve", Weight::Yes, why_not.as_deref(), tip),
        );
        if now.first {
            no.request_focus();
        }
        if no.clicked() {
            return Some(Verdict::Rejected);
        }
        if why_not.is_none() && (yes.clicked() || now.yes_key || entered) {
            let password = self.password.as_mut().map(|field| field.text.take());
            return Some(Verdict::Approved { password });
        }
        None
    }

    /// Why "Approve" can't be pressed.
    fn why_not(&self, now: &Now) -> Option<String> {
        match self.level {
            Outcome::Click => now.why_not.clone(),
            Outcome::Password => {
                let empty = self.password.as_ref().is_none_or(|p| p.text.is_empty());
                now.why_not.clone().or_else(|| empty.then(|| "Type your password".to_owned()))
            }
            Outcome::Hardware => Some("This needs a hardware key, which this release can't read yet".into()),
            Outcome::Allow | Outcome::Refused => Some("Nothing to approve".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(why_not: Option<&str>) -> Now {
        Now { first: false, why_not: why_not.map(str::to_owned), yes_key: false, password_key: false, takes_keys: true }
    }

    #[test]
    fn a_yes_needs_time_to_look_and_a_password_where_the_level_asks_for_one() {
        let click = YesNo::new(Outcome::Click);
        assert_eq!(click.why_not(&now(None)), None);
        assert_eq!(click.why_not(&now(Some("Look first: 1 s"))).unwrap(), "Look first: 1 s");
        let mut password = YesNo::new(Outcome::Password);
        assert_eq!(password.why_not(&now(None)).unwrap(), "Type your password");
        password.password.as_mut().unwrap().text.insert("x");
        assert_eq!(password.why_not(&now(None)), None);
        assert_eq!(password.why_not(&now(Some("Look first: 1 s"))).unwrap(), "Look first: 1 s");
        for level in [Outcome::Hardware, Outcome::Allow, Outcome::Refused] {
            assert!(YesNo::new(level).why_not(&now(None)).is_some(), "{level:?}");
        }
    }
}

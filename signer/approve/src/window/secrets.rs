//! Passwords, phrases and keys: typed here and nowhere else.

use std::time::Duration;

use eframe::egui::Ui;
use parlance_signer_protocol::approver::Verdict;

use super::{
    arming::SETTLE,
    look::Look,
    parts::{self, Weight},
    question::{Form, Now},
    secret_field::SecretField,
};

/// One secret.
pub struct SecretForm {
    title: String,
    notes: Vec<String>,
    field: SecretField,
    counts_words: bool,
    entered: bool,
}

impl SecretForm {
    pub fn password(title: String, notes: Vec<String>) -> Self {
        Self { title, notes, field: SecretField::new("Password", "Password"), counts_words: false, entered: false }
    }

    pub fn text(title: String, notes: Vec<String>) -> Self {
        Self { title, notes, field: SecretField::new("Secret text", "Type it here"), counts_words: true, entered: false }
    }
}

impl Form for SecretForm {
    fn body(&mut self, ui: &mut Ui, now: &Now) -> f32 {
        heading(ui, &self.title, &self.notes);
        let typed = self.field.show(ui, now.takes_keys);
        self.entered = typed.entered;
        if let Some(id) = typed.id.filter(|_| now.first || now.password_key) {
            ui.memory_mut(|m| m.request_focus(id));
        }
        if self.counts_words {
            parts::aside(ui, &words(self.field.text.words()));
        }
        ui.cursor().top()
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        let why_not = if self.field.text.is_empty() { Some("Type it first") } else { now.why_not.as_deref() };
        match cancel_or(ui, "Go on", why_not, now, self.entered)? {
            true => Some(Verdict::Secret { text: self.field.text.take() }),
            false => Some(Verdict::Rejected),
        }
    }

    fn delay(&self) -> Duration {
        SETTLE
    }

    fn meanwhile(&self) -> &'static str {
        if self.counts_words { "One moment..." } else { "Checking the password..." }
    }
}

/// A new password, typed twice.
pub struct NewPasswordForm {
    title: String,
    notes: Vec<String>,
    least: usize,
    first: SecretField,
    again: SecretField,
    entered: bool,
}

impl NewPasswordForm {
    pub fn new(title: String, min_chars: u32, notes: Vec<String>) -> Self {
        let first = SecretField::new("New password", "New password");
        let again = SecretField::new("The same once more", "The same once more");
        Self { title, notes, least: min_chars as usize, first, again, entered: false }
    }

    /// What is wrong with what is typed so far.
    fn wrong(&self) -> Option<String> {
        wrong(self.first.text.as_str(), self.again.text.as_str(), self.least)
    }
}

/// What keeps two typed passwords from being taken.
fn wrong(first: &str, again: &str, least: usize) -> Option<String> {
    let got = first.chars().count();
    if got < least {
        return Some(format!("{got} of at least {least} characters"));
    }
    if again.is_empty() {
        return Some("Type it once more".into());
    }
    (first != again).then(|| "The two differ".into())
}

impl Form for NewPasswordForm {
    fn body(&mut self, ui: &mut Ui, now: &Now) -> f32 {
        heading(ui, &self.title, &self.notes);
        let first = self.first.show(ui, now.takes_keys);
        let again = self.again.show(ui, now.takes_keys && !first.entered);
        if let Some(id) = first.id.filter(|_| now.first || now.password_key) {
            ui.memory_mut(|m| m.request_focus(id));
        }
        if let Some(id) = again.id.filter(|_| first.entered) {
            ui.memory_mut(|m| m.request_focus(id));
        }
        self.entered = again.entered;
        let look = Look::of(ui);
        let (words, color) = match self.wrong() {
            None => (format!("{} characters, and both are the same.", self.first.text.chars()), look.added),
            Some(words) => (format!("{words}."), look.weak),
        };
        parts::line(ui, &words, &super::look::small(), color);
        ui.cursor().top()
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        let wrong = self.wrong();
        let why_not = wrong.as_deref().or(now.why_not.as_deref());
        match cancel_or(ui, "Use this password", why_not, now, self.entered)? {
            true => {
                self.again.text.clear();
                Some(Verdict::Secret { text: self.first.text.take() })
            }
            false => Some(Verdict::Rejected),
        }
    }

    fn delay(&self) -> Duration {
        SETTLE
    }
}

/// Title and notes.
pub fn heading(ui: &mut Ui, title: &str, notes: &[String]) {
    parts::title(ui, title);
    for note in notes {
        parts::say(ui, note);
    }
    ui.add_space(8.0);
}

fn words(count: usize) -> String {
    match count {
        1 => "1 word so far".into(),
        n => format!("{n} words so far"),
    }
}

/// "Cancel" and a button that goes on; true for the latter.
pub fn cancel_or(ui: &mut Ui, text: &str, why_not: Option<&str>, now: &Now, entered: bool) -> Option<bool> {
    let (no, yes) = parts::two(
        ui,
        |ui| parts::wide(ui, "Cancel", Weight::No, None, "Cancel (Alt+R or Escape)"),
        |ui| parts::wide(ui, text, Weight::Yes, why_not, &format!("{text} (Alt+G or Enter)")),
    );
    if no.clicked() {
        return Some(false);
    }
    (why_not.is_none() && (yes.clicked() || now.yes_key || entered)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_enough_and_typed_twice() {
        assert_eq!(wrong("short", "short", 8).unwrap(), "5 of at least 8 characters");
        assert_eq!(wrong("wörterbuch", "", 8).unwrap(), "Type it once more");
        assert_eq!(wrong("long enough", "long enouhg", 8).unwrap(), "The two differ");
        assert_eq!(wrong("long enough", "long enough", 8), None);
    }

    #[test]
    fn words_are_counted() {
        assert_eq!(words(0), "0 words so far");
        assert_eq!(words(1), "1 word so far");
    }
}

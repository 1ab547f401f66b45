//! The signer's window and the person before it: heard as a screen reader hears it, answered with keys and the mouse.

use std::time::Duration;

use super::{Desktop, Heard, Role};
use crate::screen::APPROVER;

/// The window of the program `parlance-approve`.
pub struct SignerWindow<'a> {
    app: &'a Desktop,
}

impl<'a> SignerWindow<'a> {
    pub(super) fn of(app: &'a Desktop) -> Self {
        Self { app }
    }

    /// Everything in it from top to bottom; nothing where it is closed.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.app.bus.heard("parlance-approve")
    }

    /// All words in it.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.heard().into_iter().map(|h| h.name).filter(|n| !n.is_empty()).collect()
    }

    /// Wait until it shows these words and has the keyboard; give all its words.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    #[must_use]
    pub fn asks(&self, words: &str) -> Vec<String> {
        let mut shown = Vec::new();
        self.app.wait(&format!("the signer's window to ask {words:?}"), || {
            shown = self.words();
            shown.iter().any(|name| name.contains(words)) && self.in_front()
        });
        shown
    }

    /// Wait until it is closed.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn closes(&self) {
        self.app.wait("the signer's window to close", || self.app.screen.windows(APPROVER).is_empty());
    }

    /// Approve what these words are about by a click on "Approve", once it was looked at.
    pub fn approve(&self, words: &str) -> Vec<String> {
        let shown = self.asks(words);
        self.click("Approve");
        shown
    }

    /// The same with a password.
    pub fn approve_with(&self, words: &str, password: &str) -> Vec<String> {
        let shown = self.asks(words);
        self.button("Type your password", false);
        self.app.screen.press(&["alt+p"]);
        self.focused(|h| h.role == Role::PasswordField);
        self.app.screen.type_text(password);
        self.click("Approve");
        shown
    }

    /// Press Enter at once, as somebody who was typing when it came up: "Reject" has the focus.
    pub fn reject(&self, words: &str) {
        let _shown = self.asks(words);
        self.focused(|h| h.name == "Reject");
        self.app.screen.press(&["Return"]);
    }

    /// Type a password, or another secret.
    ///
    /// # Panics
    /// Where it is not taken, with a picture of the screen.
    pub fn type_secret(&self, words: &str, secret: &str) {
        let _shown = self.asks(words);
        self.begin("Type it first", |name| name != "Type it first");
        self.app.screen.type_text(secret);
        self.button("Go on", true);
        self.app.screen.press(&["Return"]);
    }

    /// Type a new password twice.
    pub fn type_new_password(&self, words: &str, password: &str) {
        let _shown = self.asks(words);
        self.begin("0 of at least", |name| name.starts_with("1 of at least"));
        self.app.screen.type_text(password);
        self.app.screen.press(&["Return"]);
        self.focused(|h| h.name == "The same once more");
        self.app.screen.type_text(password);
        self.button("Use this password", true);
        self.app.screen.press(&["Return"]);
    }

    /// Type a text that is no secret.
    pub fn type_text(&self, words: &str, text: &str) {
        let _shown = self.asks(words);
        self.button("Go on", true);
        self.focused(|h| h.role == Role::TextField);
        self.app.screen.type_text(text);
        self.app.screen.press(&["Return"]);
    }

    /// Choose the option in which a text occurs by its digit.
    ///
    /// # Panics
    /// Where there is none, with a picture of the screen.
    pub fn choose(&self, words: &str, option: &str) {
        let _shown = self.asks(words);
        let options: Vec<String> = self.heard().into_iter().filter(|h| h.role == Role::RadioButton).map(|h| h.name).collect();
        let Some(at) = options.iter().position(|o| o.contains(option)) else { self.app.fail(&format!("no {option:?} in {options:?}")) };
        let digit = (at + 1).to_string();
        // Keys that come too early are not taken.
        self.app.wait("the choice", || {
            self.app.screen.press(&[&digit]);
            self.has_button("Go on")
        });
        self.app.screen.press(&["Return"]);
    }

    /// Press "Go on" under a notice.
    pub fn go_on(&self, words: &str) {
        let _shown = self.asks(words);
        self.click("Go on");
    }

    /// Have the words on the screen spoken, note them down, and go on.
    ///
    /// # Panics
    /// Where they are not spoken, with a picture of the screen.
    pub fn note_words(&self, words: &str) -> Vec<String> {
        let before = self.asks(words);
        assert!(spoken(&before).is_empty(), "they are spoken only where the owner wants it");
        self.click_at(|h| h.name == "Let my screen reader speak the words");
        let mut noted = Vec::new();
        self.app.wait("the words", || {
            noted = spoken(&self.words());
            noted.len() >= 12
        });
        self.click("I have written them down");
        noted
    }

    /// Click a button with the mouse once it can be pressed.
    pub fn click(&self, name: &str) {
        self.button(name, true);
        self.click_at(|h| h.role == Role::Button && h.enabled && h.name == name);
    }

    fn click_at(&self, which: impl Fn(&Heard) -> bool) {
        let mut place = None;
        self.app.wait("the place to click", || {
            let heard = self.heard();
            // Within the window: what its frame takes is not told.
            let (left, top) = heard.iter().find(|h| h.role == Role::Window).map_or((0, 0), |h| (h.place.0, h.place.1));
            let middle = |h: &Heard| (h.place.0 - left + h.place.2 / 2, h.place.1 - top + h.place.3 / 2);
            place = heard.iter().find(|h| which(h)).map(middle).and_then(|(x, y)| Some((u32::try_from(x).ok()?, u32::try_from(y).ok()?)));
            place.is_some()
        });
        let (Some((x, y)), Some(window)) = (place, self.app.screen.window()) else {
            self.app.fail("the signer's window was left");
        };
        self.app.screen.click(&window, x, y);
    }

    /// Look at all of what is asked until a button is there, pressable or not.
    fn button(&self, name: &str, enabled: bool) {
        self.app.wait(&format!("the button {name:?}"), || {
            let buttons: Vec<Heard> = self.heard().into_iter().filter(|h| h.role == Role::Button).collect();
            if buttons.iter().any(|b| b.name == "Scroll down first") {
                self.app.screen.press(&["ctrl+End"]);
            }
            buttons.iter().any(|b| b.name == name && (b.enabled || !enabled)) && self.in_front()
        });
    }

    fn has_button(&self, name: &str) -> bool {
        self.heard().iter().any(|h| h.role == Role::Button && h.enabled && h.name == name)
    }

    fn focused(&self, which: impl Fn(&Heard) -> bool) {
        self.app.wait("the focus", || self.heard().iter().any(|h| h.focused && which(h)));
    }

    /// Keys count only after a moment: the button that says how much was typed tells when. What was typed until then is rubbed out.
    fn begin(&self, empty: &str, typed: impl Fn(&str) -> bool) {
        let last = || self.heard().into_iter().rfind(|h| h.role == Role::Button).map(|h| h.name).unwrap_or_default();
        self.app.wait("the first key to count", || {
            self.app.screen.press(&["x"]);
            std::thread::sleep(Duration::from_millis(100));
            typed(&last())
        });
        self.app.wait("an empty field", || {
            self.app.screen.press(&["BackSpace"]);
            std::thread::sleep(Duration::from_millis(100));
            last().starts_with(empty)
        });
    }

    /// True where it has the keyboard; where another window has, it is given it for next time.
    fn in_front(&self) -> bool {
        let front = self.app.screen.window().is_some();
        if !front {
            self.app.screen.activate(APPROVER);
        }
        front
    }
}

/// Words that are spoken with their number: `7 junk`.
fn spoken(names: &[String]) -> Vec<String> {
    let numbered = names.iter().filter_map(|name| name.split_once(' ')).filter(|(number, _)| number.parse::<u8>().is_ok());
    numbered.map(|(_, word)| word.to_owned()).filter(|word| word.chars().all(|c| c.is_ascii_lowercase())).collect()
}

impl Desktop {
    /// Unlock with the play-money password.
    pub fn unlock(&self) {
        self.signer().type_secret("Unlock your wallet", "play");
        self.see(&format!("//footer{}", super::names::role("button", "Unlocked")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_words_are_told_from_other_sentences() {
        let names = ["Your recovery phrase", "1 test", "12 junk", "14 minutes left", "120 seconds left", "I"].map(str::to_owned);
        assert_eq!(spoken(&names), ["test", "junk"]);
    }
}

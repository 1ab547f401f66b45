//! Reading the pages and pressing what is on them.

use std::time::{Duration, Instant};

use fantoccini::{Client, Locator, error::CmdError, key::Key};
use serde_json::Value;

use super::{Desktop, PATIENCE, names};

impl Desktop {
    /// Wait until an element is there and shown; give its text.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn see(&self, xpath: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(text) = self.shown(xpath) {
                return text;
            }
            if Instant::now() > end {
                self.fail(&format!("waited to see {xpath}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Wait until a text is shown somewhere; give all of the element in which it is.
    pub fn see_text(&self, words: &str) -> String {
        self.see(&names::text(words))
    }

    /// Wait until the chat's last message has led to this; give all that it has led to.
    pub fn see_answer(&self, words: &str) -> String {
        self.see(&names::last_turn(words))
    }

    /// Wait until an element is not shown any more.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn see_no_more(&self, xpath: &str) {
        self.wait(&format!("the end of {xpath}"), || self.shown(xpath).is_none());
    }

    /// The text of the first such element that is shown now.
    #[must_use]
    pub fn shown(&self, xpath: &str) -> Option<String> {
        self.with(async |client| {
            for element in client.find_all(Locator::XPath(xpath)).await? {
                if element.is_displayed().await? {
                    return Ok(Some(element.text().await?));
                }
            }
            Ok(None)
        })
        // Pages that change while they are read are read again.
        .ok()
        .flatten()
    }

    /// Press a button by its name, once it can be pressed: the last of that name.
    pub fn press(&self, name: &str) {
        self.click(&names::role("button", name));
    }

    /// Click the last such element once it is there, shown and enabled.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn click(&self, xpath: &str) {
        let xpath = format!("({xpath})[not(@disabled)][last()]");
        let end = Instant::now() + PATIENCE;
        loop {
            let done = self.with(async |client| {
                let element = client.find(Locator::XPath(&xpath)).await?;
                // Some lie below the edge of what is shown.
                client.execute("arguments[0].scrollIntoView({ block: 'nearest' })", vec![serde_json::to_value(&element)?]).await?;
                element.click().await
            });
            match done {
                Ok(()) => return,
                Err(e) if Instant::now() > end => self.fail(&format!("could not click {xpath}: {e}")),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Type into the field with that label, in place of what is in it.
    ///
    /// # Panics
    /// Where it can't be typed into, with a picture of the screen.
    pub fn fill(&self, label: &str, text: &str) {
        let xpath = format!("({})[not(@disabled)]", names::field(label));
        self.see(&xpath);
        let filled = self.with(async |client| {
            let field = client.find(Locator::XPath(&xpath)).await?;
            field.clear().await?;
            field.send_keys(text).await
        });
        if let Err(e) = filled {
            self.fail(&format!("could not type into {label}: {e}"));
        }
    }

    /// Press a key in an element.
    ///
    /// # Panics
    /// Where it can't be pressed, with a picture of the screen.
    pub fn key(&self, xpath: &str, key: Key) {
        self.see(xpath);
        let pressed = self.with(async |client| client.find(Locator::XPath(xpath)).await?.send_keys(&key.to_string()).await);
        if let Err(e) = pressed {
            self.fail(&format!("could not press a key in {xpath}: {e}"));
        }
    }

    /// Choose from a list by what is to be read there.
    ///
    /// # Panics
    /// Where it is not in the list, with a picture of the screen.
    pub fn choose(&self, label: &str, words: &str) {
        let xpath = names::field(label);
        self.see(&xpath);
        let chosen = self.with(async |client| client.find(Locator::XPath(&xpath)).await?.select_by_label(words).await);
        if let Err(e) = chosen {
            self.fail(&format!("could not choose {words:?} for {label}: {e}"));
        }
    }

    /// Say something in the chat.
    pub fn say(&self, text: &str) {
        self.fill("Your message", text);
        self.press("Send");
        self.see(&names::last_turn(text));
    }

    /// Go to a screen by the navigation.
    pub fn go(&self, screen: &str) {
        let button = format!("//nav[@aria-label='Screens']{}", names::role("button", screen));
        self.click(&button);
        self.see(&format!("{button}[@aria-current='page']"));
    }

    /// Run the body of a function in the page.
    ///
    /// # Panics
    /// Where it throws, with a picture of the screen.
    pub fn run(&self, script: &str) -> Value {
        self.with(async |client| client.execute(script, vec![]).await).unwrap_or_else(|e| self.fail(&format!("a script failed: {e}")))
    }

    /// The same for one that calls its last argument back.
    ///
    /// # Panics
    /// Where it fails, with a picture of the screen.
    pub fn run_async(&self, script: &str) -> Value {
        self.with(async |client| client.execute_async(script, vec![]).await).unwrap_or_else(|e| self.fail(&format!("a script failed: {e}")))
    }

    /// The page as it is now; nothing where it can't be had.
    #[must_use]
    pub fn source(&self) -> String {
        self.with(async |client| client.source().await).unwrap_or_default()
    }

    /// A picture of the page, PNG.
    ///
    /// # Panics
    /// Where none can be taken.
    #[must_use]
    pub fn page(&self) -> Vec<u8> {
        self.with(async |client| client.screenshot().await).expect("a picture of the page")
    }

    #[allow(clippy::result_large_err, reason = "the driver's own error, told once and then the test ends")]
    fn with<T>(&self, ask: impl AsyncFnOnce(&Client) -> Result<T, CmdError>) -> Result<T, CmdError> {
        let driver = &self.running.as_ref().expect("the app is open").driver;
        driver.runtime.block_on(ask(&driver.client))
    }
}

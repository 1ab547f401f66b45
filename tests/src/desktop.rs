//! The desktop app as a person has it before them: the real programs in real windows on a display of their own. Pages are read
//! and pressed through `WebKitWebDriver`; the signer's window gets keys, since nothing else can reach it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    programs::program,
    screen::{Screen, until},
    world::free_port,
};

/// How long anything may take to be seen.
const PATIENCE: Duration = Duration::from_secs(45);
/// One app at a time: each has a browser in it.
static ONE: Mutex<()> = Mutex::new(());

/// A running app.
pub struct Desktop {
    /// Its display.
    pub screen: Screen,
    data: PathBuf,
    home: tempfile::TempDir,
    bus: Child,
    driver: Option<Child>,
    client: Option<Client>,
    runtime: Runtime,
    name: String,
    _one: MutexGuard<'static, ()>,
}

impl Desktop {
    /// Start the app over a data folder. `name` names the pictures of failures.
    ///
    /// # Panics
    /// Where a display, a bus, a driver or the app does not start.
    #[must_use]
    pub fn start(name: &str, data: &Path) -> Self {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = Screen::start();
        let home = tempfile::tempdir().expect("tempdir");
        let bus = bus(home.path());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let mut desktop =
            Self { screen, data: data.to_owned(), home, bus, driver: None, client: None, runtime, name: name.to_owned(), _one: one };
        desktop.open();
        desktop
    }

    /// Start the app, or start it again after [`Desktop::close`].
    ///
    /// # Panics
    /// Where driver or app does not start.
    pub fn open(&mut self) {
        let port = free_port();
        let driver = self
            .command(Path::new("WebKitWebDriver"))
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is installed");
        self.driver = Some(driver);
        let options = json!({ "binary": program("parlance"), "args": ["--data", self.data] });
        let Value::Object(capabilities) = json!({ "webkitgtk:browserOptions": options }) else { unreachable!("an object") };
        let address = format!("http://127.0.0.1:{port}");
        let end = Instant::now() + PATIENCE;
        let client = loop {
            let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
            match self.runtime.block_on(builder.capabilities(capabilities.clone()).connect(&address)) {
                Ok(client) => break client,
                Err(e) => assert!(Instant::now() < end, "no session with the app: {e}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        self.client = Some(client);
        self.see("//*[@id='app']/*");
    }

    /// End the app as a person does, and wait until all its processes are gone.
    pub fn close(&mut self) {
        if let Some(client) = self.client.take() {
            // The session may have gone with the app.
            let _ = self.runtime.block_on(client.close());
        }
        if let Some(mut driver) = self.driver.take() {
            drop(driver.kill());
            drop(driver.wait());
        }
        until("the end of the app", || self.processes().is_empty());
    }

    /// A command on the app's display, bus and home.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = self.screen.command("env");
        command.arg("-u").arg("WAYLAND_DISPLAY").arg(program);
        command.env("HOME", self.home.path()).env("XDG_RUNTIME_DIR", self.home.path());
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.home.path().join(name));
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.home.path().join("bus").display()));
        command.env("LANG", "C.UTF-8").env("NO_AT_BRIDGE", "1");
        command
    }

    /// Ids of the programs that serve this data folder, by name.
    #[must_use]
    pub fn processes(&self) -> Vec<(String, u32)> {
        let wanted = self.data.display().to_string();
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
            let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments).into_owned();
            let Some(program) = arguments.split('\0').next().and_then(|p| Path::new(p).file_name()) else { continue };
            if arguments.contains(&wanted) && program.to_string_lossy().starts_with("parlance") {
                found.push((program.to_string_lossy().into_owned(), id));
            }
        }
        found
    }

    /// Id of one of them.
    ///
    /// # Panics
    /// Where it does not run.
    #[must_use]
    pub fn process(&self, name: &str) -> u32 {
        let all = self.processes();
        all.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name} does not run, of {all:?}")).1
    }

    /// End a process at once.
    ///
    /// # Panics
    /// Where it can't be ended.
    pub fn kill(&self, id: u32) {
        let status = Command::new("kill").args(["-9", &id.to_string()]).status().expect("kill is installed");
        assert!(status.success(), "process {id} could not be ended");
    }

    /// Ids of all descendants of a process with that name.
    #[must_use]
    pub fn descendants(&self, of: u32, name: &str) -> Vec<u32> {
        let out = Command::new("ps").args(["-eo", "pid=,ppid=,comm="]).output().expect("ps is installed");
        let table: Vec<(u32, u32, String)> = String::from_utf8_lossy(&out.stdout)
            .lines()
            .filter_map(|line| {
                let mut parts = line.split_whitespace();
                Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.to_owned()))
            })
            .collect();
        let mut known = vec![of];
        loop {
            let more: Vec<u32> =
                table.iter().filter(|(id, parent, _)| known.contains(parent) && !known.contains(id)).map(|r| r.0).collect();
            if more.is_empty() {
                break;
            }
            known.extend(more);
        }
        table.into_iter().filter(|(id, _, comm)| known.contains(id) && name.starts_with(comm.as_str())).map(|r| r.0).collect()
    }

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
                self.fail(&format!("waited for {xpath}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Wait until a text is shown somewhere.
    pub fn see_text(&self, text: &str) -> String {
        self.see(&format!(
            "//*[not(self::script)][contains(normalize-space(.), {})][not(.//*[contains(normalize-space(.), {})])]",
            quoted(text),
            quoted(text)
        ))
    }

    /// Wait until an element is gone.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn see_no_more(&self, xpath: &str) {
        let end = Instant::now() + PATIENCE;
        while self.shown(xpath).is_some() {
            if Instant::now() > end {
                self.fail(&format!("still there: {xpath}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The text of an element that is shown now.
    #[must_use]
    pub fn shown(&self, xpath: &str) -> Option<String> {
        let client = self.client.as_ref()?;
        self.runtime.block_on(async {
            let element = client.find_all(Locator::XPath(xpath)).await.ok()?.into_iter().next()?;
            if element.is_displayed().await.ok()? { element.text().await.ok() } else { None }
        })
    }

    /// Press a button by its words or its name, once it can be pressed.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn press(&self, words: &str) {
        self.click(&format!("//button[normalize-space(.)={0} or @aria-label={0}][not(@disabled)]", quoted(words)));
    }

    /// Click an element once it is there.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn click(&self, xpath: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let done = self.client.as_ref().is_some_and(|client| {
                self.runtime
                    .block_on(async {
                        let element = client.find(Locator::XPath(xpath)).await?;
                        // Some lie below the edge of what is shown.
                        client.execute("arguments[0].scrollIntoView({block: 'center'})", vec![serde_json::to_value(&element)?]).await?;
                        element.click().await?;
                        Ok::<(), fantoccini::error::CmdError>(())
                    })
                    .is_ok()
            });
            if done {
                return;
            }
            if Instant::now() > end {
                self.fail(&format!("could not click {xpath}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Type into the field with that label, in place of what is in it.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn fill(&self, label: &str, text: &str) {
        let xpath = format!("//*[@id=//label[normalize-space(.)={}]/@for]", quoted(label));
        self.see(&xpath);
        let filled = self.client.as_ref().map(|client| {
            let typed = self.runtime.block_on(async {
                let field = client.find(Locator::XPath(&xpath)).await?;
                field.clear().await?;
                field.send_keys(text).await
            });
            typed.map_err(|e| e.to_string())
        });
        if let Some(Err(e)) = filled {
            self.fail(&format!("could not type into {label}: {e}"));
        }
    }

    /// Say something in the chat.
    pub fn say(&self, text: &str) {
        self.fill("Your message", text);
        self.press("Send");
    }

    /// Go to a screen by the navigation.
    pub fn go(&self, screen: &str) {
        self.click(&format!("//nav[@aria-label='Screens']//button[contains(normalize-space(.), {})]", quoted(screen)));
    }

    /// Run a script in the page.
    ///
    /// # Panics
    /// Where it throws, with a picture of the screen.
    #[must_use]
    pub fn run(&self, script: &str) -> Value {
        let Some(client) = &self.client else { panic!("the app is closed") };
        self.runtime.block_on(client.execute(script, vec![])).unwrap_or_else(|e| self.fail(&format!("a script failed: {e}")))
    }

    /// Run a script that calls back.
    ///
    /// # Panics
    /// Where it fails, with a picture of the screen.
    #[must_use]
    pub fn run_async(&self, script: &str) -> Value {
        let Some(client) = &self.client else { panic!("the app is closed") };
        self.runtime.block_on(client.execute_async(script, vec![])).unwrap_or_else(|e| self.fail(&format!("a script failed: {e}")))
    }

    /// The page as it is now.
    #[must_use]
    pub fn source(&self) -> String {
        self.client.as_ref().and_then(|client| self.runtime.block_on(client.source()).ok()).unwrap_or_default()
    }

    /// A picture of the page, PNG.
    ///
    /// # Panics
    /// Where none can be taken.
    #[must_use]
    pub fn page(&self) -> Vec<u8> {
        let Some(client) = &self.client else { panic!("the app is closed") };
        self.runtime.block_on(client.screenshot()).expect("a picture of the page")
    }

    /// Give the signer's window the focus once it asks.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn signer_asks(&self) {
        let end = Instant::now() + PATIENCE;
        loop {
            if self.screen.window().is_some() {
                // What is typed counts once the window has settled.
                std::thread::sleep(Duration::from_millis(1000));
                return;
            }
            drop(
                self.screen.command("xdotool").args(["search", "--onlyvisible", "--name", "^Parlance signer$", "windowactivate"]).output(),
            );
            if Instant::now() > end {
                self.fail("the signer's window does not ask");
            }
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Type an answer into the signer's window and press Enter.
    pub fn answer(&self, text: &str) {
        self.signer_asks();
        self.screen.type_text(text);
        self.screen.press(&["Return"]);
    }

    /// Unlock with the play-money password.
    pub fn unlock(&self) {
        self.answer("play");
        self.see("//footer//button[contains(., 'Unlocked')]");
    }

    /// Look at all of what the signer's window asks and approve it, as soon as it lets one.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn approve(&self) {
        self.signer_asks();
        self.yes(&[]);
    }

    /// The same with a password.
    pub fn approve_with(&self, password: &str) {
        self.signer_asks();
        self.screen.press(&["alt+p"]);
        self.screen.type_text(password);
        self.yes(&[]);
    }

    fn yes(&self, before: &[&str]) {
        let window = self.screen.window();
        let end = Instant::now() + PATIENCE;
        self.screen.press(before);
        while self.screen.window().is_some() && self.screen.window() == window {
            self.screen.press(&["ctrl+End"]);
            std::thread::sleep(Duration::from_millis(300));
            self.screen.press(&["alt+a"]);
            std::thread::sleep(Duration::from_millis(300));
            if self.shown("//*[contains(., \"The signer's window is asking\")]").is_none() {
                return;
            }
            if Instant::now() > end {
                self.fail("the signer's window takes no yes");
            }
        }
    }

    /// Say no.
    pub fn reject(&self) {
        self.signer_asks();
        self.screen.press(&["alt+r"]);
    }

    /// Keep a picture of the screen and the page, then fail.
    ///
    /// # Panics
    /// Always.
    pub fn fail(&self, why: &str) -> ! {
        let folder = program("parlance").with_file_name("desktop-failures");
        drop(std::fs::create_dir_all(&folder));
        let picture = folder.join(format!("{}.png", self.name));
        self.screen.picture(&picture);
        drop(std::fs::write(picture.with_extension("html"), self.source()));
        panic!("{why}; the screen then: {}", picture.display());
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if std::thread::panicking() && self.client.is_some() {
            let folder = program("parlance").with_file_name("desktop-failures");
            drop(std::fs::create_dir_all(&folder));
            self.screen.picture(&folder.join(format!("{}-at-the-end.png", self.name)));
        }
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        if let Some(mut driver) = self.driver.take() {
            drop(driver.kill());
            drop(driver.wait());
        }
        // The launcher first: with it everything else ends by itself.
        let mut all = self.processes();
        all.sort_by_key(|(name, _)| name.len());
        for (_, id) in all {
            drop(Command::new("kill").arg(id.to_string()).output());
        }
        drop(self.bus.kill());
        drop(self.bus.wait());
    }
}

/// A session bus on which nothing is started by itself: no keyring that would ask to be unlocked.
fn bus(home: &Path) -> Child {
    let config = home.join("bus.conf");
    let socket = home.join("bus");
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
        socket.display()
    );
    std::fs::write(&config, text).expect("written");
    let child = Command::new("dbus-daemon")
        .arg("--nofork")
        .arg(format!("--config-file={}", config.display()))
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon is installed");
    until("the session bus", || socket.exists());
    child
}

/// A text as an XPath literal.
fn quoted(text: &str) -> String {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => format!("'{text}'"),
        (true, false) => format!("\"{text}\""),
        (true, true) => {
            let parts: Vec<String> = text.split('\'').map(|p| format!("'{p}'")).collect();
            format!("concat({})", parts.join(", \"'\", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_looked_for() {
        assert_eq!(quoted("Send"), "'Send'");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("a'b\"c"), "concat('a', \"'\", 'b\"c')");
    }
}

//! The desktop app as a person has it before them: the real programs in real windows on a display of their own. Pages are read
//! and pressed through `WebKitWebDriver` ([`page`]); the signer's window is heard as a screen reader hears it and gets keys and
//! clicks, since nothing else can reach it ([`signer_window`]).

mod bus;
mod driver;
pub mod names;
mod page;
pub mod processes;
pub mod signer_window;

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use command_fds::{CommandFdExt, FdMapping};

use bus::Bus;
pub use bus::{Heard, Role};
use driver::Driver;
pub use fantoccini::key::Key;
use processes::Process;
use signer_window::SignerWindow;

use crate::{programs::program, screen::Screen, world::free_port};

/// How long anything may take to be seen.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// One app at a time: each has a browser in it.
static ONE: Mutex<()> = Mutex::new(());

/// A running app. Dropping it ends all that was started.
pub struct Desktop {
    /// Its display.
    pub screen: Screen,
    name: String,
    data: PathBuf,
    home: tempfile::TempDir,
    bus: Bus,
    running: Option<Running>,
    _one: MutexGuard<'static, ()>,
}

/// From a start of the launcher to its end.
struct Running {
    launcher: Child,
    driver: Driver,
    /// Where the pages let themselves be driven.
    inspector: String,
}

/// What the launcher gets from whoever starts it, beside what it needs.
#[derive(Default)]
pub struct Surroundings {
    /// Variables.
    pub variables: Vec<(String, String)>,
    /// Open files, and the numbers under which they are inherited.
    pub descriptors: Vec<(File, i32)>,
}

impl Desktop {
    /// Start the app over a data folder. `name` names the pictures of failures.
    ///
    /// # Panics
    /// Where a display, a bus, a driver or the app does not start.
    #[must_use]
    pub fn start(name: &str, data: &Path) -> Self {
        Self::start_within(name, data, Surroundings::default())
    }

    /// The same, from within surroundings that hold more than it needs.
    ///
    /// # Panics
    /// As [`Desktop::start`].
    #[must_use]
    pub fn start_within(name: &str, data: &Path, surroundings: Surroundings) -> Self {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = Screen::start();
        let home = tempfile::tempdir().expect("tempdir");
        let bus = Bus::start(&screen, home.path());
        let mut desktop = Self { screen, name: name.to_owned(), data: data.to_owned(), home, bus, running: None, _one: one };
        desktop.open_within(surroundings);
        desktop
    }

    /// Start the app again after [`Desktop::close`] or [`Desktop::ended`].
    ///
    /// # Panics
    /// Where driver or app does not start.
    pub fn open(&mut self) {
        self.open_within(Surroundings::default());
    }

    fn open_within(&mut self, surroundings: Surroundings) {
        let inspector = format!("127.0.0.1:{}", free_port());
        let mut command = self.command(&program("parlance"));
        command.arg("--data").arg(&self.data);
        command.env("TAURI_WEBVIEW_AUTOMATION", "true").env("WEBKIT_INSPECTOR_SERVER", &inspector);
        command.envs(surroundings.variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(self.log());
        let mappings = surroundings.descriptors.into_iter().map(|(file, child_fd)| FdMapping { parent_fd: file.into(), child_fd });
        command.fd_mappings(mappings.collect()).expect("distinct descriptors");
        let launcher = command.spawn().expect("the launcher starts");
        let driver = Driver::start(&self.screen, &inspector);
        self.running = Some(Running { launcher, driver, inspector });
        self.see("//*[@id='app']/*");
    }

    /// Take up the pages again that were lost with their process: a session of the driver ends with it.
    ///
    /// # Panics
    /// Where they do not come back.
    pub fn attach(&mut self) {
        let Some(running) = &mut self.running else { panic!("the app is closed") };
        running.driver = Driver::start(&self.screen, &running.inspector);
        self.see("//*[@id='app']/*");
    }

    /// Close its window as a person does, and wait until all its processes are gone.
    ///
    /// # Panics
    /// Where something remains.
    pub fn close(&mut self) {
        let family = self.processes();
        let windows = self.screen.windows("^Parlance$");
        assert!(!windows.is_empty(), "there is no window to close");
        windows.iter().for_each(|window| self.screen.quit(window));
        let status = self.ended();
        assert!(status.success(), "the app ended with {status}; it said:\n{}", self.said());
        self.wait("the end of all its processes", || family.iter().all(|p| !p.runs()));
    }

    /// Wait for the end of the launcher.
    ///
    /// # Panics
    /// Where it goes on.
    pub fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            let Some(running) = &mut self.running else { panic!("the app is closed") };
            if let Some(status) = running.launcher.try_wait().expect("own child") {
                self.running = None;
                return status;
            }
            if Instant::now() > end {
                self.fail("the app does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A command on the app's display, bus and home.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = self.screen.command(program);
        command.env("HOME", self.home.path()).env("XDG_RUNTIME_DIR", self.home.path());
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.home.path().join(name));
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", self.bus.address()).env("LANG", "C.UTF-8").env("TZ", "UTC");
        command
    }

    /// What all its processes wrote to standard error so far.
    ///
    /// # Panics
    /// Where it can't be read.
    #[must_use]
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.home.path().join("stderr")).expect("it was opened")).into_owned()
    }

    fn log(&self) -> File {
        File::options().create(true).append(true).open(self.home.path().join("stderr")).expect("the folder is ours")
    }

    /// The signer's window.
    #[must_use]
    pub fn signer(&self) -> SignerWindow<'_> {
        SignerWindow::of(self)
    }

    /// All processes of the app.
    ///
    /// # Panics
    /// Where it is closed.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        let running = self.running.as_ref().expect("the app is open");
        processes::below(running.launcher.id())
    }

    /// The same, and all that was started around it.
    ///
    /// # Panics
    /// Where it is closed.
    #[must_use]
    pub fn everything(&self) -> Vec<Process> {
        let driver = &self.running.as_ref().expect("the app is open").driver;
        let around = self.screen.ids().into_iter().chain([driver.id()]).flat_map(processes::below);
        self.processes().into_iter().chain(around).chain(self.bus.processes()).collect()
    }

    /// One of them.
    ///
    /// # Panics
    /// Where it does not run.
    #[must_use]
    pub fn process(&self, name: &str) -> Process {
        let all = self.processes();
        all.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("{name} does not run, of {all:?}")).clone()
    }

    /// Wait until `done`.
    ///
    /// # Panics
    /// After a while, with a picture of the screen.
    pub fn wait(&self, what: &str, mut done: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done() {
            if Instant::now() > end {
                self.fail(&format!("waited for {what}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Keep a picture of the screen, the page and what was said, then fail.
    ///
    /// # Panics
    /// Always.
    pub fn fail(&self, why: &str) -> ! {
        panic!("{why}\n{}", self.evidence());
    }

    fn evidence(&self) -> String {
        let folder = program("parlance").with_file_name("../desktop-failures");
        if let Err(e) = std::fs::create_dir_all(&folder) {
            return format!("no picture: {}: {e}", folder.display());
        }
        let picture = folder.canonicalize().unwrap_or(folder).join(format!("{}.png", self.name));
        self.screen.picture(&picture);
        let page = std::fs::write(picture.with_extension("html"), self.source());
        let asked = self.signer().words().join("\n  ");
        format!(
            "screen: {}; page beside it{}\nsigner's window:\n  {asked}\nthe programs said:\n{}",
            picture.display(),
            page.err().map(|e| format!(" could not be written: {e}")).unwrap_or_default(),
            self.said()
        )
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        // All at once, the launcher first: nobody is left to start anything anew.
        processes::end(&processes::below(running.launcher.id()));
        drop(running.launcher.wait());
    }
}

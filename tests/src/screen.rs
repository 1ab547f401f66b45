//! A display of its own with a window manager, and the fingers of a person on its keyboard. Needs Xvfb, openbox, xdotool,
//! xprop and ImageMagick.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Title of the approver's window, as a pattern.
pub const APPROVER: &str = "^Parlance signer$";

/// An X server without a monitor.
pub struct Screen {
    server: Child,
    manager: Option<Child>,
    /// As in `DISPLAY`.
    pub name: String,
}

impl Screen {
    /// Start it on a free display.
    ///
    /// # Panics
    /// Where Xvfb or openbox is not installed.
    #[must_use]
    pub fn start() -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb is installed");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("piped")).read_line(&mut number).expect("a display number");
        let mut screen = Self { server, manager: None, name: format!(":{}", number.trim()) };
        until("the window manager", || {
            // A server that has just said its number may still refuse its first client.
            let runs = screen.manager.as_mut().is_some_and(|m| m.try_wait().is_ok_and(|ended| ended.is_none()));
            if !runs {
                screen.manager =
                    Some(screen.command("openbox").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("openbox is installed"));
            }
            screen.output(&["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]).contains("window id")
        });
        screen
    }

    /// Ids of the processes that make it up.
    #[must_use]
    pub fn ids(&self) -> Vec<u32> {
        self.manager.iter().chain([&self.server]).map(Child::id).collect()
    }

    /// A command that is shown there.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        command
    }

    /// What it says; a window that is asked about may be gone.
    fn output(&self, args: &[&str]) -> String {
        let output = self.command(args[0]).args(&args[1..]).output().unwrap_or_else(|e| panic!("{}: {e}", args[0]));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn act(&self, args: &[&str]) {
        let output = self.command(args[0]).args(&args[1..]).output().unwrap_or_else(|e| panic!("{}: {e}", args[0]));
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Press keys, one after the other: `alt+a`, `Return`.
    pub fn press(&self, keys: &[&str]) {
        self.act(&[&["xdotool", "key"][..], keys].concat());
    }

    /// Type a text.
    pub fn type_text(&self, text: &str) {
        self.act(&["xdotool", "type", "--delay", "20", text]);
    }

    /// Windows with such a title that are shown.
    #[must_use]
    pub fn windows(&self, title: &str) -> Vec<String> {
        self.output(&["xdotool", "search", "--onlyvisible", "--name", title]).lines().map(str::to_owned).collect()
    }

    /// The one of them that has the keyboard focus.
    #[must_use]
    pub fn active(&self, title: &str) -> Option<String> {
        let active = self.output(&["xdotool", "getactivewindow"]);
        self.windows(title).into_iter().find(|w| w == active.trim())
    }

    /// The approver's window, while it has the keyboard focus.
    #[must_use]
    pub fn window(&self) -> Option<String> {
        self.active(APPROVER)
    }

    /// Wait until the approver's window has the keyboard focus.
    ///
    /// # Panics
    /// After a minute.
    pub fn wait_for_window(&self) -> String {
        until("the window", || self.window().is_some());
        self.window().expect("it was there")
    }

    /// Wait until the approver's window is not shown any more.
    ///
    /// # Panics
    /// After a minute.
    pub fn wait_for_no_window(&self) {
        until("the window's end", || self.windows(APPROVER).is_empty());
    }

    /// Give it the focus, as somebody does who clicks on it in a task bar.
    pub fn activate(&self, title: &str) {
        for window in self.windows(title) {
            self.output(&["xdotool", "windowactivate", &window]);
        }
    }

    /// Close a window by the window manager's own key, which asks it to.
    pub fn quit(&self, window: &str) {
        self.act(&["xdotool", "windowactivate", "--sync", window, "key", "alt+F4"]);
    }

    /// Put a window out of sight.
    pub fn minimize(&self, window: &str) {
        self.act(&["xdotool", "windowminimize", window]);
    }

    /// A click within the window.
    pub fn click(&self, window: &str, x: u32, y: u32) {
        self.act(&["xdotool", "mousemove", "--window", window, &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// A picture of the screen.
    pub fn picture(&self, path: &Path) {
        self.act(&["import", "-window", "root", &path.to_string_lossy()]);
    }

    /// The same, for people, where `PARLANCE_SHOTS` names a folder.
    pub fn shot(&self, name: &str) {
        if let Some(folder) = std::env::var_os("PARLANCE_SHOTS") {
            self.picture(&Path::new(&folder).join(format!("{name}.png")));
        }
    }

    /// A picture of the first window with such a title.
    pub fn picture_of(&self, title: &str, path: &Path) {
        for window in self.windows(title).iter().take(1) {
            self.act(&["import", "-window", window, &path.to_string_lossy()]);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.manager.iter_mut().chain([&mut self.server]) {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Wait until `done`.
///
/// # Panics
/// After a minute.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "waited for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

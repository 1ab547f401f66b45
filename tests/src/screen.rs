//! A display of its own with a window manager, and the fingers of a person on its keyboard. Needs Xvfb, openbox, xdotool,
//! xprop and ImageMagick.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
                screen.manager = Some(screen.command("openbox").stderr(Stdio::null()).spawn().expect("openbox is installed"));
            }
            screen.output(&["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]).contains("window id")
        });
        screen
    }

    /// A command that is shown there.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        command
    }

    fn output(&self, args: &[&str]) -> String {
        let output = self.command(args[0]).args(&args[1..]).output().unwrap_or_else(|e| panic!("{}: {e}", args[0]));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Press keys, one after the other: `alt+a`, `Return`.
    pub fn press(&self, keys: &[&str]) {
        self.output(&[&["xdotool", "key"][..], keys].concat());
    }

    /// Type a text.
    pub fn type_text(&self, text: &str) {
        self.output(&["xdotool", "type", "--delay", "20", text]);
    }

    /// The approver's window, while it has the keyboard focus.
    #[must_use]
    pub fn window(&self) -> Option<String> {
        let shown = self.output(&["xdotool", "search", "--onlyvisible", "--name", "^Parlance signer$"]);
        let active = self.output(&["xdotool", "getactivewindow"]);
        shown.lines().find(|w| *w == active.trim()).map(str::to_owned)
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
        until("the window's end", || self.output(&["xdotool", "search", "--onlyvisible", "--name", "^Parlance signer$"]).trim().is_empty());
    }

    /// What the window manager's own button for closing does.
    pub fn quit(&self, window: &str) {
        self.output(&["xdotool", "windowquit", window]);
    }

    /// A click within the window.
    pub fn click(&self, window: &str, x: u32, y: u32) {
        self.output(&["xdotool", "mousemove", "--window", window, &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// A picture of the screen.
    pub fn picture(&self, path: &std::path::Path) {
        self.output(&["import", "-window", "root", &path.to_string_lossy()]);
    }

    /// The same, for people, where `PARLANCE_SHOTS` names a folder.
    pub fn shot(&self, name: &str) {
        if let Some(folder) = std::env::var_os("PARLANCE_SHOTS") {
            self.picture(&std::path::Path::new(&folder).join(format!("{name}.png")));
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

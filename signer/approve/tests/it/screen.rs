//! A display of its own with a window manager, and the fingers of a person on its keyboard.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::signer::Signer;

/// An X server without a monitor.
pub struct Screen {
    server: Child,
    manager: Option<Child>,
    pub name: String,
}

impl Screen {
    pub fn start() -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb is installed");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("piped")).read_line(&mut number).expect("a display number");
        let mut screen = Self { server, manager: None, name: format!(":{}", number.trim()) };
        let manager = screen.command("openbox").stderr(Stdio::null()).spawn().expect("openbox is installed");
        screen.manager = Some(manager);
        until("the window manager", || screen.output(&["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]).contains("window id"));
        screen
    }

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

    pub fn type_text(&self, text: &str) {
        self.output(&["xdotool", "type", "--delay", "20", text]);
    }

    /// The approver's window, while it has the keyboard focus.
    pub fn window(&self) -> Option<String> {
        let shown = self.output(&["xdotool", "search", "--onlyvisible", "--name", "^Parlance signer$"]);
        let active = self.output(&["xdotool", "getactivewindow"]);
        shown.lines().find(|w| *w == active.trim()).map(str::to_owned)
    }

    pub fn wait_for_window(&self) -> String {
        until("the window", || self.window().is_some());
        self.window().expect("it was there")
    }

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

    /// A picture of the screen, for people, where `PARLANCE_SHOTS` names a folder.
    pub fn shot(&self, name: &str) {
        if let Some(folder) = std::env::var_os("PARLANCE_SHOTS") {
            let path = std::path::Path::new(&folder).join(format!("{name}.png"));
            self.output(&["import", "-window", "root", &path.to_string_lossy()]);
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
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "waited for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The approver on a screen.
pub struct Approver {
    pub child: Child,
    pub signer: Signer,
    pub screen: Screen,
}

impl Approver {
    pub fn start() -> Self {
        Self::start_on(Screen::start(), &[], &[])
    }

    pub fn start_on(screen: Screen, args: &[&str], env: &[(&str, &str)]) -> Self {
        let (mut signer, inherited) = Signer::new();
        let mut command = screen.command(env!("CARGO_BIN_EXE_parlance-approve"));
        command.arg("--window").args(args).arg("--signer-fd").arg(inherited.to_string());
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").envs(env.iter().copied());
        let child = command.spawn().expect("starts");
        assert_eq!(signer.hello(), "window");
        Self { child, signer, screen }
    }

    /// Long enough for a "yes" to count.
    pub fn look(&self) {
        std::thread::sleep(Duration::from_millis(2200));
    }

    /// Long enough for typing to count.
    pub fn settle(&self) {
        std::thread::sleep(Duration::from_millis(1000));
    }
}

impl Drop for Approver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

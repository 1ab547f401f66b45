//! The approver with a window on a display of its own.

use std::process::Child;
use std::time::Duration;

use parlance_tests::screen::Screen;

use super::signer::Signer;

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

//! A program on a real pseudo-terminal, driven as a person would.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A program on a pseudo-terminal of its own, in a session of its own.
pub struct Pty {
    child: Child,
    master: File,
    seen: Arc<Mutex<String>>,
    from: usize,
}

impl Pty {
    /// Start `command` with the terminal as its controlling one. Standard input and output are left as `command` has them
    /// where `keep_streams`, else they are the terminal too.
    ///
    /// # Panics
    /// Where the system gives no pseudo-terminal or the program does not start.
    #[must_use]
    pub fn start(command: &Command, keep_streams: bool) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
        grantpt(&master).expect("grantpt");
        unlockpt(&master).expect("unlockpt");
        let name = ptsname(&master, Vec::new()).expect("ptsname").into_string().expect("a plain path");
        let slave = || OpenOptions::new().read(true).write(true).open(&name).expect("the terminal's own side");

        // `setsid --ctty` makes standard input the controlling terminal, which std alone can't do without `unsafe`.
        let mut wrapped = Command::new("setsid");
        wrapped.args(["--ctty", "--wait"]);
        wrapped.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(key, value),
                None => wrapped.env_remove(key),
            };
        }
        if let Some(dir) = command.get_current_dir() {
            wrapped.current_dir(dir);
        }
        wrapped.stdin(Stdio::from(slave()));
        if !keep_streams {
            wrapped.stdout(Stdio::from(slave())).stderr(Stdio::from(slave()));
        }
        let child = wrapped.spawn().expect("setsid of util-linux");
        let master = File::from(master);
        let seen = Arc::new(Mutex::new(String::new()));
        let (mut reader, into) = (master.try_clone().expect("dup"), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                into.lock().expect("no panics there").push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        });
        Self { child, master, seen, from: 0 }
    }

    /// Wait until `text` shows up after what was waited for before; gives all that was shown up to there.
    ///
    /// # Panics
    /// After two minutes without it, with what was on the screen.
    pub fn expect(&mut self, text: &str) -> String {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            {
                let seen = self.seen.lock().expect("no panics there");
                if let Some(at) = seen[self.from..].find(text) {
                    let end = self.from + at + text.len();
                    let shown = seen[self.from..end].to_owned();
                    self.from = end;
                    return shown;
                }
                assert!(
                    Instant::now() < until,
                    "waited for {text:?}; the screen since then:\n{}\nbefore:\n{}",
                    &seen[self.from..],
                    &seen[..self.from]
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Wait until one of `texts` shows up; gives its index.
    ///
    /// # Panics
    /// After two minutes without any, with what was on the screen.
    pub fn expect_one_of(&mut self, texts: &[&str]) -> usize {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            {
                let seen = self.seen.lock().expect("no panics there");
                let first = texts.iter().enumerate().filter_map(|(i, t)| seen[self.from..].find(t).map(|at| (at + t.len(), i))).min();
                if let Some((end, index)) = first {
                    self.from += end;
                    return index;
                }
                assert!(Instant::now() < until, "waited for one of {texts:?}; the screen since then:\n{}", &seen[self.from..]);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Type a line, with Enter.
    ///
    /// # Panics
    /// Where the terminal is gone.
    pub fn type_line(&mut self, text: &str) {
        // A question throws away what was typed before it; a person needs a moment as well.
        std::thread::sleep(Duration::from_millis(150));
        self.type_raw(&format!("{text}\r"));
    }

    /// Type characters as they are.
    ///
    /// # Panics
    /// Where the terminal is gone.
    pub fn type_raw(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).expect("the terminal is open");
    }

    /// All that was shown so far.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn screen(&self) -> String {
        self.seen.lock().expect("no panics there").clone()
    }

    /// Wait for the end, at most 30 seconds.
    ///
    /// # Panics
    /// Where it goes on.
    pub fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().expect("own child") {
                return status;
            }
            assert!(Instant::now() < until, "still running; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The child that was started (`setsid`).
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // The hang-up of the terminal ends what still runs in its session.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

//! A secret that is typed without being shown, or comes from standard input; never an argument, which every program can see.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::error::CliError;

/// Longest secret, bytes.
const LONGEST: usize = 8 * 1024;

/// Ask on the terminal.
pub fn typed(question: &str) -> Result<Zeroizing<String>, CliError> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| CliError::NoTerminal)?;
    write!(terminal, "{question}: ")?;
    terminal.flush()?;
    let quiet = Quiet::enter(terminal.try_clone()?)?;
    let line = line(&terminal);
    drop(quiet);
    writeln!(terminal)?;
    line
}

/// From standard input.
pub fn piped() -> Result<Zeroizing<String>, CliError> {
    line(std::io::stdin().lock())
}

/// The first line, without its end. The buffers hold no more than it can have, so that none grows and leaves a copy behind.
fn line(from: impl Read) -> Result<Zeroizing<String>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 2));
    BufReader::with_capacity(1, from).take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes)?;
    let text = std::str::from_utf8(bytes.trim_ascii()).map_err(|_| CliError::Token("bytes that are no text"))?;
    match text.len() {
        0 => Err(CliError::Token("nothing")),
        1..=LONGEST => Ok(Zeroizing::new(text.to_owned())),
        _ => Err(CliError::Token("more than 8 KiB")),
    }
}

/// No echo until dropped.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn enter(terminal: File) -> Result<Self, CliError> {
        let before = tcgetattr(&terminal).map_err(|_| CliError::NoTerminal)?;
        let mut now = before.clone();
        now.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &now).map_err(|_| CliError::NoTerminal)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Nothing to be done where the terminal is gone.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_of_text() {
        assert_eq!(line(&b"to.ken\nmore"[..]).expect("a token").as_str(), "to.ken");
        assert_eq!(line(&b"  to.ken \r\n"[..]).expect("a token").as_str(), "to.ken");
        assert_eq!(line(&b"to.ken"[..]).expect("a token").as_str(), "to.ken");
        for bad in [&b""[..], b"\n", b"\xff\xfe", &[b'a'; LONGEST + 1]] {
            assert!(line(bad).is_err());
        }
    }
}

//! A line of input from the controlling terminal: own echo, a deadline, Ctrl-C as "no", nothing typed ahead.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr},
};
use unicode_segmentation::UnicodeSegmentation;
use zeroize::{Zeroize, Zeroizing};

use crate::error::ApproveError;

/// Longest line that is taken, in bytes: a 24-word phrase and a keystore path fit many times over.
const MAX_LINE: usize = 4096;

/// The controlling terminal.
pub struct Tty {
    file: File,
}

/// How a line ended.
pub enum Line {
    /// With Enter.
    Entered(Zeroizing<String>),
    /// With Ctrl-C, Ctrl-D or Escape, or the terminal went away.
    Refused,
    /// Not in time.
    TimedOut,
    /// The signer went away or took its question back.
    Withdrawn,
}

/// What is shown of what is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// The characters.
    Plain,
    /// A dot for each.
    Dots,
}

impl Tty {
    pub fn open() -> Result<Self, ApproveError> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(ApproveError::NoTerminal)?;
        Ok(Self { file })
    }

    pub fn say(&mut self, text: &str) -> Result<(), ApproveError> {
        self.file.write_all(text.as_bytes())?;
        self.file.flush()?;
        Ok(())
    }

    /// Wipe the screen and, where the terminal can, its scroll-back.
    pub fn wipe(&mut self) -> Result<(), ApproveError> {
        self.say("\x1b[2J\x1b[3J\x1b[H")
    }

    /// Say the question and read one line. Whatever was typed before is thrown away, so that it can't answer it.
    pub fn line(&mut self, question: &str, echo: Echo, until: Instant, signer: &UnixStream) -> Result<Line, ApproveError> {
        let raw = Raw::enter(self.file.as_fd().try_clone_to_owned()?)?;
        tcflush(&self.file, QueueSelector::IFlush)?;
        self.say(question)?;
        let line = self.edit(echo, until, signer);
        drop(raw);
        self.say("\r\n")?;
        line
    }

    fn edit(&mut self, echo: Echo, until: Instant, signer: &UnixStream) -> Result<Line, ApproveError> {
        let mut typed: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        loop {
            match self.byte(until, signer)? {
                Event::Late => return Ok(Line::TimedOut),
                Event::Gone => return Ok(Line::Withdrawn),
                Event::End => return Ok(Line::Refused),
                Event::Byte(b'\r' | b'\n') => {
                    let text = Zeroizing::new(String::from_utf8_lossy(&typed).into_owned());
                    return Ok(Line::Entered(text));
                }
                Event::Byte(0x03 | 0x04 | 0x1b) => return Ok(Line::Refused),
                Event::Byte(0x7f | 0x08) => self.rub_out(&mut typed)?,
                Event::Byte(0x15) => {
                    while !typed.is_empty() {
                        self.rub_out(&mut typed)?;
                    }
                }
                Event::Byte(b) if b < 0x20 => {}
                Event::Byte(b) if typed.len() < MAX_LINE => {
                    typed.push(b);
                    match echo {
                        Echo::Plain => self.file.write_all(&[b])?,
                        // One dot a character: continuation bytes of UTF-8 show nothing.
                        Echo::Dots if b & 0xc0 != 0x80 => self.file.write_all("•".as_bytes())?,
                        Echo::Dots => {}
                    }
                }
                Event::Byte(_) => self.say("\x07")?,
            }
        }
    }

    fn rub_out(&mut self, typed: &mut Vec<u8>) -> Result<(), ApproveError> {
        let text = Zeroizing::new(String::from_utf8_lossy(typed).into_owned());
        let Some((start, _)) = text.grapheme_indices(true).next_back() else {
            return Ok(());
        };
        let start = start.min(typed.len());
        typed[start..].zeroize();
        typed.truncate(start);
        self.say("\x08 \x08")
    }

    fn byte(&mut self, until: Instant, signer: &UnixStream) -> Result<Event, ApproveError> {
        let Some(left) = until.checked_duration_since(Instant::now()) else {
            return Ok(Event::Late);
        };
        let left = left.min(Duration::from_secs(3600));
        let wait = Timespec { tv_sec: i64::try_from(left.as_secs()).unwrap_or(3600), tv_nsec: i64::from(left.subsec_nanos()) };
        let (typed, gone) = {
            let mut fds = [PollFd::new(&self.file, PollFlags::IN), PollFd::new(signer, PollFlags::IN)];
            match poll(&mut fds, Some(&wait)) {
                Ok(0) => return Ok(Event::Late),
                Err(rustix::io::Errno::INTR) => return Ok(Event::End),
                other => other?,
            };
            (fds[0].revents(), fds[1].revents())
        };
        // The signer says nothing while its question is open, so anything there means that it is gone or has given up.
        if !gone.is_empty() {
            return Ok(Event::Gone);
        }
        if typed.is_empty() {
            return Ok(Event::Late);
        }
        let mut byte = [0u8; 1];
        match self.file.read(&mut byte) {
            Ok(1) => Ok(Event::Byte(byte[0])),
            Ok(_) => Ok(Event::End),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => Ok(Event::End),
            Err(e) => Err(e.into()),
        }
    }
}

enum Event {
    Byte(u8),
    Late,
    Gone,
    End,
}

/// Character-wise input without echo and without signals, until dropped.
struct Raw {
    fd: OwnedFd,
    before: Termios,
}

impl Raw {
    fn enter(fd: OwnedFd) -> Result<Self, ApproveError> {
        let before = tcgetattr(&fd)?;
        let mut now = before.clone();
        now.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        now.special_codes[SpecialCodeIndex::VMIN] = 1;
        now.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&fd, OptionalActions::Drain, &now)?;
        Ok(Self { fd, before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing to be done where the terminal is gone.
        let _ = tcsetattr(&self.fd, OptionalActions::Drain, &self.before);
    }
}

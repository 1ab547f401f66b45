//! Questions on the terminal.

use std::{
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use parlance_signer_protocol::{
    Outcome,
    approver::{Approval, Ask, Prompt, Verdict},
};
use zeroize::Zeroizing;

use crate::{
    error::ApproveError,
    render,
    tty::{Echo, Line, Tty},
};

/// The controlling terminal as a place to ask.
pub struct Terminal {
    tty: Tty,
}

impl Terminal {
    pub fn open() -> Result<Self, ApproveError> {
        Ok(Self { tty: Tty::open()? })
    }

    /// Show the question and wait for the answer, at most `ask.seconds`.
    pub fn ask(&mut self, ask: &Ask, signer: &UnixStream) -> Result<Verdict, ApproveError> {
        let mut asking = Asking { tty: &mut self.tty, until: Instant::now() + Duration::from_secs(ask.seconds.into()), signer };
        asking.show(&ask.prompt)?;
        match &ask.prompt {
            Prompt::Approve(Approval { level, .. }) | Prompt::Change { level, .. } => asking.decide(*level, ask.seconds),
            Prompt::Password { .. } => asking.secret("Password: "),
            Prompt::SecretText { .. } => asking.secret("> "),
            Prompt::NewPassword { min_chars, .. } => asking.new_password(*min_chars as usize),
            Prompt::Text { .. } => asking.text(),
            Prompt::Choose { options, .. } => asking.choose(options.len()),
            Prompt::ShowSecret { .. } => asking.shown(),
            Prompt::Notice { .. } => asking.noted(),
        }
    }
}

struct Asking<'a> {
    tty: &'a mut Tty,
    until: Instant,
    signer: &'a UnixStream,
}

impl Asking<'_> {
    fn show(&mut self, prompt: &Prompt) -> Result<(), ApproveError> {
        let mut text = String::from("\r\n\x1b[1m┌─ Parlance signer ─────────────────────────────────────────────\x1b[0m\r\n");
        for line in render::lines(prompt) {
            text.push_str("│ ");
            text.push_str(&line);
            text.push_str("\r\n");
        }
        text.push_str("└───────────────────────────────────────────────────────────────\r\n");
        self.tty.say(&text)
    }

    fn line(&mut self, question: &str, echo: Echo) -> Result<Result<Zeroizing<String>, Verdict>, ApproveError> {
        Ok(match self.tty.line(question, echo, self.until, self.signer)? {
            Line::Entered(text) => Ok(text),
            Line::Refused => Err(self.closed("Rejected.", Verdict::Rejected)?),
            Line::TimedOut => Err(self.closed("No answer in time: rejected.", Verdict::TimedOut)?),
            Line::Withdrawn => Err(self.closed("The signer took the question back.", Verdict::Rejected)?),
        })
    }

    fn closed(&mut self, words: &str, verdict: Verdict) -> Result<Verdict, ApproveError> {
        self.tty.say(&format!("{words}\r\n"))?;
        Ok(verdict)
    }

    fn decide(&mut self, level: Outcome, seconds: u32) -> Result<Verdict, ApproveError> {
        match level {
            Outcome::Password => {
                let question = format!("Type your password to approve, or only Enter to reject ({seconds} s): ");
                let typed = match self.line(&question, Echo::Dots)? {
                    Ok(typed) => typed,
                    Err(verdict) => return Ok(verdict),
                };
                if typed.is_empty() {
                    return self.closed("Rejected.", Verdict::Rejected);
                }
                Ok(Verdict::Approved { password: Some(typed.to_string()) })
            }
            Outcome::Click => {
                let question = format!("Type yes to approve, anything else rejects ({seconds} s): ");
                match self.line(&question, Echo::Plain)? {
                    Ok(typed) if typed.trim().eq_ignore_ascii_case("yes") => Ok(Verdict::Approved { password: None }),
                    Ok(_) => self.closed("Rejected.", Verdict::Rejected),
                    Err(verdict) => Ok(verdict),
                }
            }
            Outcome::Hardware => self.closed(
                "This needs a hardware key, which this release can't read yet.",
                Verdict::Unavailable { reason: "no hardware key can be read yet".into() },
            ),
            Outcome::Allow | Outcome::Refused => self.closed("Nothing to approve.", Verdict::Rejected),
        }
    }

    fn secret(&mut self, question: &str) -> Result<Verdict, ApproveError> {
        Ok(match self.line(question, Echo::Dots)? {
            Ok(text) if text.is_empty() => self.closed("Cancelled.", Verdict::Rejected)?,
            Ok(text) => Verdict::Secret { text: text.to_string() },
            Err(verdict) => verdict,
        })
    }

    fn new_password(&mut self, min_chars: usize) -> Result<Verdict, ApproveError> {
        loop {
            let first = match self.line(&format!("New password, at least {min_chars} characters: "), Echo::Dots)? {
                Ok(text) => text,
                Err(verdict) => return Ok(verdict),
            };
            if first.is_empty() {
                return self.closed("Cancelled.", Verdict::Rejected);
            }
            let count = first.chars().count();
            if count < min_chars {
                self.tty.say(&format!("That has {count} characters; {min_chars} are needed. Try again, or only Enter to cancel.\r\n"))?;
                continue;
            }
            let second = match self.line("The same once more: ", Echo::Dots)? {
                Ok(text) => text,
                Err(verdict) => return Ok(verdict),
            };
            if *first == *second {
                return Ok(Verdict::Secret { text: first.to_string() });
            }
            self.tty.say("The two differ. Try again, or only Enter to cancel.\r\n")?;
        }
    }

    fn text(&mut self) -> Result<Verdict, ApproveError> {
        Ok(match self.line("> ", Echo::Plain)? {
            Ok(text) => Verdict::Text { text: text.trim().to_owned() },
            Err(verdict) => verdict,
        })
    }

    fn choose(&mut self, options: usize) -> Result<Verdict, ApproveError> {
        loop {
            let typed = match self.line(&format!("1 to {options}, or only Enter to cancel: "), Echo::Plain)? {
                Ok(typed) => typed,
                Err(verdict) => return Ok(verdict),
            };
            if typed.trim().is_empty() {
                return self.closed("Cancelled.", Verdict::Rejected);
            }
            match typed.trim().parse::<u32>() {
                Ok(n) if n >= 1 && n as usize <= options => {
                    return Ok(Verdict::Chosen { index: n - 1 });
                }
                _ => self.tty.say(&format!("Got “{}”, expected a number from 1 to {options}.\r\n", render::clean(typed.trim())))?,
            }
        }
    }

    fn shown(&mut self) -> Result<Verdict, ApproveError> {
        let answer = self.line("Press Enter once you have written it down (it leaves the screen then), Ctrl-C to stop: ", Echo::Plain)?;
        self.tty.wipe()?;
        Ok(match answer {
            Ok(_) => Verdict::Approved { password: None },
            Err(verdict) => verdict,
        })
    }

    fn noted(&mut self) -> Result<Verdict, ApproveError> {
        Ok(match self.line("Press Enter to go on: ", Echo::Plain)? {
            Ok(_) => Verdict::Approved { password: None },
            Err(verdict) => verdict,
        })
    }
}

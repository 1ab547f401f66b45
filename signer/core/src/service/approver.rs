//! The signer's end of the approver socket.

use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::B256;
use parlance_signer_protocol::approver::{Answer, Ask, Hello, Prompt, Verdict};
use parlance_signer_protocol::{read_frame, write_frame};

/// Whoever asks the person at the computer.
pub trait Approver: std::fmt::Debug + Send {
    /// Ask, and wait at most so long.
    fn ask(&mut self, prompt: Prompt, seconds: u32) -> Verdict;
    /// `terminal`, `window` or `none`.
    fn kind(&self) -> String;
}

/// An approver process at the other end of a socket.
#[derive(Debug)]
pub struct SocketApprover {
    stream: UnixStream,
    answers: Receiver<Answer>,
    kind: Arc<Mutex<String>>,
}

impl SocketApprover {
    /// Listens in a thread of its own, so that a question can end by time while an answer is half-way.
    ///
    /// # Errors
    /// Where the socket can't be shared with that thread.
    pub fn new(stream: UnixStream) -> std::io::Result<Self> {
        let mut from = stream.try_clone()?;
        let (to_owner, answers) = channel();
        let kind = Arc::new(Mutex::new("none".to_owned()));
        let heard = kind.clone();
        std::thread::Builder::new().name("approver".into()).spawn(move || {
            let set = |kind: String| *heard.lock().unwrap_or_else(PoisonError::into_inner) = kind;
            match read_frame::<Hello>(&mut from) {
                Ok(hello) => set(hello.kind.chars().filter(char::is_ascii_alphanumeric).take(16).collect()),
                Err(_) => return,
            }
            // The first frame that can't be read ends it: out of step, no answer can be told from another.
            while let Ok(answer) = read_frame::<Answer>(&mut from) {
                if to_owner.send(answer).is_err() {
                    break;
                }
            }
            set("none".into());
        })?;
        Ok(Self { stream, answers, kind })
    }
}

impl Approver for SocketApprover {
    fn ask(&mut self, prompt: Prompt, seconds: u32) -> Verdict {
        // Late answers to questions that have ended count for nothing.
        while self.answers.try_recv().is_ok() {}
        let mut id = B256::ZERO;
        if getrandom::fill(id.as_mut_slice()).is_err() {
            return Verdict::Unavailable { reason: "no random bytes for a one-time id".into() };
        }
        if let Err(e) = write_frame(&mut self.stream, &Ask { id, seconds, prompt }) {
            return Verdict::Unavailable { reason: format!("the approver can't be reached ({e})") };
        }
        let until = Instant::now() + Duration::from_secs(seconds.into());
        loop {
            match self.answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(answer) if answer.id == id => return answer.verdict,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Verdict::TimedOut,
                Err(RecvTimeoutError::Disconnected) => {
                    return Verdict::Unavailable { reason: "the approver has stopped".into() };
                }
            }
        }
    }

    fn kind(&self) -> String {
        self.kind.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

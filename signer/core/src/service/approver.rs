//! The signer's end of the approver socket.

use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::B256;
use parlance_signer_protocol::approver::{Answer, Ask, Hello, Prompt, ToApprover, Verdict};
use parlance_signer_protocol::{read_frame, write_frame};

/// Whoever asks the person at the computer.
pub trait Approver: std::fmt::Debug + Send {
    /// Ask, and wait at most so long. `question` is the number by which another thread can end it; it is
    /// [`Verdict::Rejected`] then.
    fn ask(&mut self, question: u64, prompt: Prompt, seconds: u32) -> Verdict;
    /// What led to the last questions is over.
    fn rest(&mut self);
    /// For other threads, while it asks.
    fn handle(&self) -> ApproverHandle;
}

/// What other threads may do with an approver that is busy asking.
#[derive(Clone, Debug)]
pub struct ApproverHandle {
    heard: Sender<Heard>,
    kind: Arc<Mutex<String>>,
}

impl ApproverHandle {
    /// End this question; means nothing where it is not open.
    pub fn recall(&self, question: u64) {
        // With nobody at the other end no question is open.
        let _heard = self.heard.send(Heard::Recall(question));
    }

    /// `terminal`, `window` or `none`.
    #[must_use]
    pub fn kind(&self) -> String {
        self.kind.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What an open question waits for.
#[derive(Debug)]
enum Heard {
    Answer(Answer),
    Recall(u64),
    Stopped,
}

/// An approver process at the other end of a socket.
#[derive(Debug)]
pub struct SocketApprover {
    stream: UnixStream,
    heard: Receiver<Heard>,
    handle: ApproverHandle,
    stopped: bool,
}

impl SocketApprover {
    /// Listens in a thread of its own, so that a question can end by time while an answer is half-way.
    ///
    /// # Errors
    /// Where the socket can't be shared with that thread.
    pub fn new(stream: UnixStream) -> std::io::Result<Self> {
        let mut from = stream.try_clone()?;
        let (to_owner, heard) = channel();
        let kind = Arc::new(Mutex::new("none".to_owned()));
        let handle = ApproverHandle { heard: to_owner.clone(), kind: kind.clone() };
        std::thread::Builder::new().name("approver".into()).spawn(move || {
            let set = |said: String| *kind.lock().unwrap_or_else(PoisonError::into_inner) = said;
            if let Ok(hello) = read_frame::<Hello>(&mut from) {
                set(hello.kind.chars().filter(char::is_ascii_alphanumeric).take(16).collect());
                // The first frame that can't be read ends it: out of step, no answer can be told from another.
                while let Ok(answer) = read_frame::<Answer>(&mut from) {
                    if to_owner.send(Heard::Answer(answer)).is_err() {
                        break;
                    }
                }
            }
            set("none".into());
            // Nobody waits any more where the signer is ending.
            let _told = to_owner.send(Heard::Stopped);
        })?;
        Ok(Self { stream, heard, handle, stopped: false })
    }

    fn wait(&mut self, question: u64, id: B256, seconds: u32) -> Verdict {
        let until = Instant::now() + Duration::from_secs(seconds.into());
        loop {
            match self.heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Heard::Answer(answer)) if answer.id == id => return answer.verdict,
                // Late answers to questions that have ended count for nothing; nor do late recalls.
                Ok(Heard::Answer(_)) => {}
                Ok(Heard::Recall(number)) if number == question => return self.close(id, Verdict::Rejected),
                Ok(Heard::Recall(_)) => {}
                Err(RecvTimeoutError::Timeout) => return self.close(id, Verdict::TimedOut),
                Ok(Heard::Stopped) | Err(RecvTimeoutError::Disconnected) => {
                    self.stopped = true;
                    return Verdict::Unavailable { reason: "the approver has stopped".into() };
                }
            }
        }
    }

    /// Tell the approver that its question has ended.
    fn close(&mut self, id: B256, verdict: Verdict) -> Verdict {
        match write_frame(&mut self.stream, &ToApprover::Withdraw { id }) {
            Ok(()) => verdict,
            Err(e) => Verdict::Unavailable { reason: format!("the approver can't be reached ({e})") },
        }
    }
}

impl Approver for SocketApprover {
    fn ask(&mut self, question: u64, prompt: Prompt, seconds: u32) -> Verdict {
        if self.stopped {
            return Verdict::Unavailable { reason: "the approver has stopped".into() };
        }
        let mut id = B256::ZERO;
        if getrandom::fill(id.as_mut_slice()).is_err() {
            return Verdict::Unavailable { reason: "no random bytes for a one-time id".into() };
        }
        if let Err(e) = write_frame(&mut self.stream, &ToApprover::Ask(Ask { id, seconds, prompt })) {
            return Verdict::Unavailable { reason: format!("the approver can't be reached ({e})") };
        }
        self.wait(question, id, seconds)
    }

    fn rest(&mut self) {
        // An approver that is gone rests already.
        let _told = write_frame(&mut self.stream, &ToApprover::Rest {});
    }

    fn handle(&self) -> ApproverHandle {
        self.handle.clone()
    }
}

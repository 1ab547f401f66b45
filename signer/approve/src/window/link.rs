//! The socket to the signer: read in a thread, so that a window hears at once that its question has ended.

use std::{
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, TryRecvError, channel},
    },
};

use alloy_primitives::B256;
use eframe::egui;
use parlance_signer_protocol::{
    ProtocolError,
    approver::{Answer, Ask, ToApprover, Verdict},
    read_frame, write_frame,
};

use crate::{error::ApproveError, forget};

/// Both directions of the socket.
pub struct Link {
    signer: UnixStream,
    said: Receiver<Result<ToApprover, ProtocolError>>,
    window: Arc<Mutex<Option<egui::Context>>>,
}

impl Link {
    pub fn new(signer: UnixStream) -> Result<Self, ApproveError> {
        let mut from = signer.try_clone()?;
        let (to_owner, said) = channel();
        let window = Arc::new(Mutex::new(None::<egui::Context>));
        let wake = Arc::clone(&window);
        std::thread::Builder::new().name("signer".into()).spawn(move || {
            loop {
                let frame = read_frame::<ToApprover>(&mut from);
                let last = frame.is_err();
                if to_owner.send(frame).is_err() || last {
                    break;
                }
                wake_up(&wake);
            }
            // The window sees that nothing more comes.
            drop(to_owner);
            wake_up(&wake);
        })?;
        Ok(Self { signer, said, window })
    }

    /// Which window is to be woken when the signer says something.
    pub fn wakes(&self, window: Option<egui::Context>) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = window;
    }

    /// Wait for the next question; `None` where the signer is gone.
    pub fn next_ask(&self) -> Result<Option<Ask>, ApproveError> {
        loop {
            match self.said.recv() {
                Ok(Ok(ToApprover::Ask(ask))) => return Ok(Some(ask)),
                // Of questions that were closed here already.
                Ok(Ok(ToApprover::Withdraw { .. } | ToApprover::Rest {})) => {}
                Ok(Err(ProtocolError::Closed)) | Err(_) => return Ok(None),
                Ok(Err(e)) => return Err(e.into()),
            }
        }
    }

    /// What the signer said since, without waiting; `None` where that is nothing. An error means that it is gone.
    pub fn heard(&self) -> Result<Option<ToApprover>, ApproveError> {
        match self.said.try_recv() {
            Ok(Ok(said)) => Ok(Some(said)),
            Ok(Err(e)) => Err(e.into()),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(ProtocolError::Closed.into()),
        }
    }

    /// Say what the person said, and forget it.
    pub fn answer(&mut self, id: B256, verdict: Verdict) -> Result<(), ApproveError> {
        let mut answer = Answer { id, verdict };
        let sent = write_frame(&mut self.signer, &answer);
        forget(&mut answer.verdict);
        Ok(sent?)
    }
}

fn wake_up(window: &Mutex<Option<egui::Context>>) {
    if let Some(context) = window.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        context.request_repaint();
    }
}

//! The wallet's end of the client socket.

use std::os::unix::net::UnixStream;

use crate::{Envelope, ProtocolError, Reply, Request, Response, read_frame, write_frame};

/// A connection to the signer: one request in flight.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    next: u64,
}

impl Client {
    /// Over the socket that the launcher handed down.
    #[must_use]
    pub fn new(stream: UnixStream) -> Self {
        Self { stream, next: 1 }
    }

    /// The socket itself.
    #[must_use]
    pub fn into_inner(self) -> UnixStream {
        self.stream
    }

    /// Ask and wait for the answer. `deadline_ms` counts from the signer's receipt; approvals end earlier by themselves.
    ///
    /// # Errors
    /// On the wire only; a refusal is a [`Response::Refused`].
    pub fn call(&mut self, request: Request, deadline_ms: u64) -> Result<Response, ProtocolError> {
        let id = self.next;
        self.next += 1;
        write_frame(&mut self.stream, &Envelope { id, deadline_ms, request })?;
        let reply: Reply = read_frame(&mut self.stream)?;
        if reply.id != id {
            return Err(ProtocolError::WrongId { got: reply.id, expected: id });
        }
        Ok(reply.response)
    }
}

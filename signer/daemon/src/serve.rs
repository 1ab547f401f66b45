//! One thread for each client and one that notices when it hangs up; and one that ticks.

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use parlance_signer_core::origins::Capability;
use parlance_signer_core::service::{Service, malformed};
use parlance_signer_protocol::{Envelope, ProtocolError, Reply, inherited_socket, read_frame, write_frame};
use rustix::event::{PollFd, PollFlags, poll};

use crate::error::DaemonError;

/// A connected client with what it may ask.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    capability: Capability,
}

impl Client {
    /// The wallet, on a socket that was handed over.
    pub fn wallet(stream: UnixStream) -> Self {
        Self { stream, capability: Capability::wallet() }
    }

    /// From `FD`, the wallet; or from `FD:FILE`, a client with less: what FILE says, and never more than the wallet.
    pub fn take(argument: &str) -> Result<Self, DaemonError> {
        let wrong = |reason: String| DaemonError::Client { got: argument.to_owned(), reason };
        let (fd, file) = match argument.split_once(':') {
            Some((fd, file)) => (fd, Some(file)),
            None => (argument, None),
        };
        let fd = fd.parse().map_err(|_| wrong("expected a descriptor number".into()))?;
        let wallet = Capability::wallet();
        let capability = match file {
            None => wallet,
            Some(file) => {
                let text = std::fs::read(file).map_err(|e| wrong(e.to_string()))?;
                let wanted = serde_json::from_slice(&text).map_err(|e| wrong(e.to_string()))?;
                wallet.narrowed(&wanted)
            }
        };
        Ok(Self { stream: inherited_socket(fd)?, capability })
    }

    /// Tell the service when the other side closes, also while a request of it is being answered: nobody waits for that
    /// answer any more.
    fn watch(&self, number: u64, service: &Arc<Service>) -> std::io::Result<()> {
        let (stream, service) = (self.stream.try_clone()?, Arc::clone(service));
        std::thread::Builder::new().name("hang-up".into()).spawn(move || {
            loop {
                match poll(&mut [PollFd::new(&stream, PollFlags::empty())], None) {
                    Err(rustix::io::Errno::INTR) => {}
                    Err(e) => return eprintln!("parlance-signer: a client's end can't be watched ({e})"),
                    Ok(_) => return service.gone(number),
                }
            }
        })?;
        Ok(())
    }

    /// Answer until the other side closes. A frame that is no request is answered and survived; one that can't even be
    /// delimited ends the connection.
    fn serve(mut self, number: u64, service: &Service) {
        self.answer(number, service);
        // The watcher holds the socket too. Where the other side has closed it, this fails, and nothing is left to be closed.
        let _closed = self.stream.shutdown(Shutdown::Both);
    }

    fn answer(&mut self, number: u64, service: &Service) {
        loop {
            let reply: Reply = match read_frame::<Envelope>(&mut self.stream) {
                Ok(envelope) => service.handle_from(number, &self.capability, envelope),
                Err(ProtocolError::Malformed(reason)) => malformed(&reason),
                Err(e @ (ProtocolError::TooLong { .. } | ProtocolError::Version { .. })) => {
                    // It may have gone already: then there is nobody to tell.
                    let _told = write_frame(&mut self.stream, &malformed(&e.to_string()));
                    return;
                }
                Err(_) => return,
            };
            match write_frame(&mut self.stream, &reply) {
                Ok(()) => {}
                Err(e @ ProtocolError::TooLong { .. }) => {
                    let short = Reply { id: reply.id, ..malformed(&format!("the answer is too long: {e}")) };
                    if write_frame(&mut self.stream, &short).is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }
}

/// Serve all clients until the last one is gone.
pub fn all(service: &Arc<Service>, clients: Vec<Client>) -> Result<(), DaemonError> {
    let mut threads = Vec::new();
    for (number, client) in (1..).zip(clients) {
        client.watch(number, service)?;
        let service = Arc::clone(service);
        let name = client.capability.origin.clone();
        threads.push(std::thread::Builder::new().name(name).spawn(move || client.serve(number, &service))?);
    }
    let (ended, end) = channel::<()>();
    let ticking = Arc::clone(service);
    let ticker = std::thread::Builder::new().name("tick".into()).spawn(move || {
        while end.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
            if let Err(e) = ticking.tick() {
                eprintln!("parlance-signer: {e}\n{}", e.remedy());
            }
        }
    })?;
    for thread in threads {
        if thread.join().is_err() {
            eprintln!("parlance-signer: a client's thread failed; the others go on");
        }
    }
    drop(ended);
    if ticker.join().is_err() {
        eprintln!("parlance-signer: the ticking thread failed");
    }
    Ok(())
}

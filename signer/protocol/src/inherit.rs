//! Sockets that the launcher handed down as numbered descriptors.

use std::{
    collections::BTreeSet,
    os::{
        fd::{FromRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    sync::Mutex,
};

use crate::ProtocolError;

static TAKEN: Mutex<BTreeSet<RawFd>> = Mutex::new(BTreeSet::new());

/// The socket with descriptor number `fd`, once.
///
/// # Errors
/// [`ProtocolError::Malformed`] where the number names no open socket, names one of the standard streams, or was taken before.
pub fn inherited_socket(fd: RawFd) -> Result<UnixStream, ProtocolError> {
    let target = std::fs::read_link(format!("/proc/self/fd/{fd}"))
        .map_err(|e| ProtocolError::Malformed(format!("descriptor {fd} is not open ({e}); expected a socket from the launcher")))?;
    if fd <= 2 || !target.to_string_lossy().starts_with("socket:[") {
        return Err(ProtocolError::Malformed(format!("descriptor {fd} is {}, expected a socket from the launcher", target.display())));
    }
    let mut taken = TAKEN.lock().map_err(|_| ProtocolError::Malformed("a thread stopped while it took a descriptor".into()))?;
    if !taken.insert(fd) {
        return Err(ProtocolError::Malformed(format!("descriptor {fd} was taken before")));
    }
    // SAFETY: the descriptor is open (its link was just read), is a socket, is none of the standard streams, and this
    // function gives each number away once; nothing else in these programs adopts descriptors by number.
    #[allow(unsafe_code, reason = "adopting an inherited descriptor has no safe form in std")]
    let owned = unsafe { OwnedFd::from_raw_fd(fd) };
    // A copy, since copies are closed on exec: no program that this one starts may speak to the signer in its place.
    UnixStream::from(owned)
        .try_clone()
        .map_err(|e| ProtocolError::Malformed(format!("descriptor {fd} can't be kept from programs that are started ({e})")))
}

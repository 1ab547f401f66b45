//! The signer as a system service: one for each connection, under a user that owns nothing but the signers' folders.
//!
//! The launcher connects; the kernel says who it is, and that decides the folder: a person's programs can choose neither
//! another person's folder nor reach into their own. Its ends come in one message: `PLH1`, then a letter for each
//! descriptor: `c` a client (the wallet), `a` the approver, `k` the launcher's keyring.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::sockopt::{socket_domain, socket_peercred, socket_type};
use rustix::net::{AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketType, recvmsg};

use crate::error::DaemonError;

const MAGIC: &[u8] = b"PLH1";
/// Most descriptors in the message.
const MOST: usize = 4;
/// How long a program that connected may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// The launcher's ends.
#[derive(Debug)]
pub struct Ends {
    pub clients: Vec<UnixStream>,
    pub approver: UnixStream,
    pub keyring: Option<UnixStream>,
}

/// The folder below `root` of whoever connected, and whether the kernel keeps their programs out of it.
pub fn folder(connection: &UnixStream, root: &Path) -> Result<(PathBuf, String), DaemonError> {
    let peer = socket_peercred(connection).map_err(std::io::Error::from)?.uid;
    let apart = "It runs under a user of its own, so that your programs can't reach its folder";
    let words = if peer == rustix::process::getuid() {
        format!("{apart}: does not hold here (it was started as the user who connected).")
    } else {
        format!("{apart}: holds.")
    };
    Ok((root.join(peer.as_raw().to_string()), words))
}

/// Receive the launcher's message.
pub fn receive(connection: &UnixStream) -> Result<Ends, DaemonError> {
    connection.set_read_timeout(Some(PATIENCE))?;
    let mut text = [0u8; MAGIC.len() + MOST + 1];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let got =
        recvmsg(connection, &mut [IoSliceMut::new(&mut text)], &mut control, RecvFlags::CMSG_CLOEXEC).map_err(std::io::Error::from)?;
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(some) = message {
            descriptors.extend(some);
        }
    }
    let letters = text.get(..got.bytes).unwrap_or_default().strip_prefix(MAGIC);
    let ends = sort(letters.ok_or_else(|| wrong("it does not begin as a launcher's does"))?, descriptors)?;
    if let Some(keyring) = &ends.keyring {
        // It is read once, at the start.
        keyring.set_read_timeout(Some(PATIENCE))?;
    }
    Ok(ends)
}

fn sort(letters: &[u8], descriptors: Vec<OwnedFd>) -> Result<Ends, DaemonError> {
    if letters.len() != descriptors.len() {
        return Err(wrong(&format!("it announces {} descriptors and brings {}", letters.len(), descriptors.len())));
    }
    let (mut clients, mut approver, mut keyring) = (Vec::new(), None, None);
    for (letter, descriptor) in letters.iter().zip(descriptors) {
        let stream = stream(descriptor)?;
        match letter {
            b'c' => clients.push(stream),
            b'a' if approver.is_none() => approver = Some(stream),
            b'k' if keyring.is_none() => keyring = Some(stream),
            _ => return Err(wrong("it brings a descriptor of no kind, or two of a kind that there is one of")),
        }
    }
    match approver {
        Some(approver) if !clients.is_empty() => Ok(Ends { clients, approver, keyring }),
        _ => Err(wrong("it lacks a client or the approver")),
    }
}

/// Nothing but a connected socket of this computer is served.
fn stream(descriptor: OwnedFd) -> Result<UnixStream, DaemonError> {
    let local = socket_domain(&descriptor).is_ok_and(|d| d == AddressFamily::UNIX)
        && socket_type(&descriptor).is_ok_and(|t| t == SocketType::STREAM);
    if local { Ok(descriptor.into()) } else { Err(wrong("a descriptor is no local socket")) }
}

fn wrong(reason: &str) -> DaemonError {
    DaemonError::Handover(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;
    use std::os::fd::{AsFd, BorrowedFd};

    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

    use super::*;

    fn sent(text: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<Ends, DaemonError> {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2 * MOST))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(descriptors)));
        sendmsg(&ours, &[IoSlice::new(text)], &mut control, SendFlags::empty()).expect("sent");
        receive(&theirs)
    }

    #[test]
    fn the_launchers_ends_arrive() {
        let (a, _b) = UnixStream::pair().expect("a pair");
        let fd = a.as_fd();
        let ends = sent(b"PLH1cack", &[fd, fd, fd, fd]).expect("as the launcher sends it");
        assert_eq!(ends.clients.len(), 2);
        assert!(ends.keyring.is_some());
        assert!(sent(b"PLH1ca", &[fd, fd]).expect("without a keyring").keyring.is_none());
    }

    #[test]
    fn anything_else_is_refused() {
        let (a, _b) = UnixStream::pair().expect("a pair");
        let file = std::fs::File::open("/dev/null").expect("there");
        let network = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let (fd, file, network) = (a.as_fd(), file.as_fd(), network.as_fd());
        let bad: &[(&[u8], &[BorrowedFd<'_>])] = &[
            (b"PLH2ca", &[fd, fd]),
            (b"PL", &[fd, fd]),
            (b"PLH1ca", &[fd]),
            (b"PLH1c", &[fd, fd]),
            (b"PLH1a", &[fd]),
            (b"PLH1cc", &[fd, fd]),
            (b"PLH1caa", &[fd, fd, fd]),
            (b"PLH1cakk", &[fd, fd, fd, fd]),
            (b"PLH1cx", &[fd, fd]),
            (b"PLH1ca", &[file, fd]),
            (b"PLH1ca", &[fd, network]),
            (b"PLH1ccccca", &[fd, fd, fd, fd, fd, fd]),
        ];
        for (text, descriptors) in bad {
            assert!(matches!(sent(text, descriptors), Err(DaemonError::Handover(_))), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn the_kernel_names_the_folder() {
        let (a, _b) = UnixStream::pair().expect("a pair");
        let own = rustix::process::getuid().as_raw().to_string();
        let (folder, words) = folder(&a, Path::new("/var/lib/parlance")).expect("named");
        assert_eq!(folder, Path::new("/var/lib/parlance").join(own));
        assert!(words.contains("does not hold"), "connected as oneself: {words}");
    }
}

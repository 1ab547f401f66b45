//! The signer as a system service under a user of its own: the hardened installation.
//!
//! The system listens on a socket of root's and starts a signer for each connection; that signer learns from the kernel
//! who connected, and keeps a folder for each person that no program of theirs can reach. The launcher hands its ends
//! over in one message: `PLH1`, then a letter for each descriptor (`c` a client, `a` the approver, `k` the keyring).
//! What the signer says on the connection is why it could not go on; its end is the connection's end.

use std::{
    io::{IoSlice, Read},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{fs::MetadataExt, net::UnixStream},
    },
    path::Path,
    thread::JoinHandle,
};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg, sockopt::socket_peercred};

use crate::{
    data::DataFolder,
    error::{LaunchError, Trying},
    programs,
};

/// Where the system listens.
const SOCKET: &str = "/run/parlance/signer.sock";
/// Where it keeps a folder for each person.
const KEPT: &str = "/var/lib/parlance";
/// What begins the message.
const MAGIC: &[u8] = b"PLH1";
/// Most descriptors in it.
const MOST: usize = 4;

/// What a descriptor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Client,
    Approver,
    Keyring,
}

/// Connect to the service where there is one and this wallet's keys are with it. `None`: the signer is a child.
pub fn connect(folder: &DataFolder) -> Result<Option<UnixStream>, LaunchError> {
    let socket = Path::new(SOCKET);
    let (served, kept) = (socket.exists(), Path::new(KEPT).exists());
    if folder.signer().join("vault.parlance").exists() {
        if !served {
            return Ok(None);
        }
        eprintln!(
            "parlance: the keys of this wallet still lie in {}, where other programs of yours can reach them.\n\
             To give them to the signer's own user: sudo parlance-keys adopt",
            folder.signer().display()
        );
        return Ok(None);
    }
    if !served {
        // A signer of one's own would know nothing of keys that are kept there, and offer to make a new wallet.
        let why = || std::io::Error::other(format!("keys are kept in {KEPT}, and nothing listens on {SOCKET}"));
        return if kept { Err(LaunchError::Service(why())) } else { Ok(None) };
    }
    for part in socket.ancestors() {
        let meta = part.symlink_metadata().trying(format!("reading {}", part.display()))?;
        // Anybody may connect to the socket itself; nobody but root may put another one in its place.
        let mode = if part == socket { 0 } else { meta.mode() };
        if let Some(why) = programs::weakness(meta.uid(), mode) {
            return Err(LaunchError::Untrusted { path: part.to_owned(), why });
        }
    }
    let connection = UnixStream::connect(socket).map_err(LaunchError::Service)?;
    let peer = socket_peercred(&connection).trying("asking who listens")?;
    if !peer.uid.is_root() {
        return Err(LaunchError::Untrusted { path: socket.to_owned(), why: format!("is served by user {}", peer.uid.as_raw()) });
    }
    Ok(Some(connection))
}

/// Hand the descriptors over; they are closed here. The thread ends when the signer has ended.
pub fn start(mut connection: UnixStream, ends: Vec<(Role, OwnedFd)>) -> Result<JoinHandle<()>, LaunchError> {
    hand_over(&connection, &ends).map_err(|e| LaunchError::Service(e.into()))?;
    drop(ends);
    Ok(std::thread::spawn(move || {
        let mut said = String::new();
        // A connection that breaks is a signer that ended.
        let ended = connection.read_to_string(&mut said);
        if !said.is_empty() {
            eprintln!("parlance-signer: {said}");
        } else if let Err(e) = ended {
            eprintln!("parlance: the signer's service broke off ({e})");
        }
    }))
}

fn hand_over(connection: &UnixStream, ends: &[(Role, OwnedFd)]) -> rustix::io::Result<()> {
    let mut text = MAGIC.to_vec();
    text.extend(ends.iter().map(|(role, _)| match role {
        Role::Client => b'c',
        Role::Approver => b'a',
        Role::Keyring => b'k',
    }));
    let descriptors: Vec<_> = ends.iter().map(|(_, fd)| fd.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(rustix::io::Errno::INVAL);
    }
    sendmsg(connection, &[IoSlice::new(&text)], &mut control, SendFlags::empty()).map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::{IoSliceMut, Write};

    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

    use super::*;

    #[test]
    fn the_ends_arrive_with_their_letters() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut client, sent) = UnixStream::pair().expect("a pair");
        let (_approver, also_sent) = UnixStream::pair().expect("a pair");
        hand_over(&ours, &[(Role::Client, sent.into()), (Role::Approver, also_sent.into())]).expect("handed over");

        let mut text = [0u8; 16];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let got = recvmsg(&theirs, &mut [IoSliceMut::new(&mut text)], &mut control, RecvFlags::CMSG_CLOEXEC).expect("received");
        assert_eq!(&text[..got.bytes], b"PLH1ca");
        let mut arrived: Vec<OwnedFd> = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(some) = message {
                arrived.extend(some);
            }
        }
        assert_eq!(arrived.len(), 2);
        client.write_all(b"x").expect("written");
        let mut byte = [0u8; 1];
        UnixStream::from(arrived.remove(0)).read_exact(&mut byte).expect("the first one is the client's");
        assert_eq!(&byte, b"x");
    }

    #[test]
    fn the_thread_ends_with_the_signer() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let end = start(ours, Vec::new()).expect("started");
        assert!(!end.is_finished());
        drop(theirs);
        end.join().expect("it ends when the signer hangs up");
    }
}

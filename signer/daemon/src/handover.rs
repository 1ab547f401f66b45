//! The launcher's keyring socket: the secret and the last generation come in once, new generations go out.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use parlance_signer_core::SignerError;
use parlance_signer_core::keyring::Handover;
use parlance_signer_core::service::GenerationSink;
use zeroize::Zeroizing;

use crate::error::DaemonError;

/// Bytes of a handover: see [`Handover`].
const LENGTH: usize = 4 + 1 + 32 + 8;

/// Receive the handover; each generation that is sealed later goes back as eight bytes, little endian. Without a
/// socket there is no keyring.
pub fn receive(socket: Option<UnixStream>) -> Result<(Handover, Option<GenerationSink>), DaemonError> {
    let Some(mut socket) = socket else {
        return Ok((Handover { secret: None, generation: 0 }, None));
    };
    let mut bytes = Zeroizing::new([0u8; LENGTH]);
    socket.read_exact(bytes.as_mut_slice())?;
    // The socket stays open for the way back, and a handover is read to its end: hence the pipe.
    let (reader, writer) = rustix::pipe::pipe().map_err(std::io::Error::from)?;
    let mut writer = std::fs::File::from(writer);
    writer.write_all(bytes.as_slice())?;
    drop(writer);
    let handover = Handover::from_fd(reader).map_err(DaemonError::from)?;
    let sink = move |generation: u64| socket.write_all(&generation.to_le_bytes());
    Ok((handover, Some(Box::new(sink))))
}

impl From<rustix::io::Errno> for DaemonError {
    fn from(e: rustix::io::Errno) -> Self {
        Self::Core(SignerError::Keyring { reason: e.to_string() })
    }
}

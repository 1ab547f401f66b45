//! Versioned, length-limited frames: `u32` length (little endian, of what follows), `u16` version, JSON body.

use std::io::{Read, Write};

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::ProtocolError;

/// Version of the format; both sides refuse another one.
pub const VERSION: u16 = 2;

/// Longest frame after the length field, in bytes.
pub const MAX_FRAME: usize = 512 * 1024;

/// Write one frame.
///
/// # Errors
/// [`ProtocolError::TooLong`] before anything is written, [`ProtocolError::Io`].
pub fn write_frame<T: Serialize>(to: &mut impl Write, message: &T) -> Result<(), ProtocolError> {
    let body = Zeroizing::new(serde_json::to_vec(message).map_err(|e| ProtocolError::Malformed(e.to_string()))?);
    let len = body.len() + 2;
    if len > MAX_FRAME {
        return Err(ProtocolError::TooLong { got: len, limit: MAX_FRAME });
    }
    let len = u32::try_from(len).map_err(|_| ProtocolError::TooLong { got: len, limit: MAX_FRAME })?;
    // Frames on the approver socket carry passwords.
    let mut frame = Zeroizing::new(Vec::with_capacity(body.len() + 6));
    frame.extend_from_slice(&len.to_le_bytes());
    frame.extend_from_slice(&VERSION.to_le_bytes());
    frame.extend_from_slice(&body);
    to.write_all(&frame)?;
    to.flush()?;
    Ok(())
}

/// Read one frame; the length is checked before anything is allocated.
///
/// # Errors
/// [`ProtocolError::Closed`] at a clean end, otherwise what was wrong.
pub fn read_frame<T: DeserializeOwned>(from: &mut impl Read) -> Result<T, ProtocolError> {
    let mut head = [0u8; 4];
    match from.read_exact(&mut head) {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Err(ProtocolError::Closed);
        }
        Err(e) => return Err(e.into()),
    }
    let len = u32::from_le_bytes(head) as usize;
    if len > MAX_FRAME {
        return Err(ProtocolError::TooLong { got: len, limit: MAX_FRAME });
    }
    if len < 2 {
        return Err(ProtocolError::Malformed(format!("frame of {len} bytes, expected at least 2")));
    }
    let mut frame = Zeroizing::new(vec![0u8; len]);
    from.read_exact(&mut frame)?;
    let got = u16::from_le_bytes([frame[0], frame[1]]);
    if got != VERSION {
        return Err(ProtocolError::Version { got, expected: VERSION });
    }
    serde_json::from_slice(&frame[2..]).map_err(|e| ProtocolError::Malformed(e.to_string()))
}

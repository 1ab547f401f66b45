//! The TLS record layer over both recorded streams, each record with its place in the interleaving.

use parlance_zktls_protocol::{Direction, Recording};

use crate::VerifyError;

/// Change cipher spec, which TLS 1.3 sends for old middleboxes only.
pub const CHANGE_CIPHER_SPEC: u8 = 20;
/// An alert.
pub const ALERT: u8 = 21;
/// Part of a handshake message.
pub const HANDSHAKE: u8 = 22;
/// Application data, and whatever is protected.
pub const APPLICATION_DATA: u8 = 23;
/// Bytes that protection adds: the inner type and the tag.
pub const OVERHEAD: usize = 17;

const MAX_PLAINTEXT: usize = 1 << 14;
const MAX_CIPHERTEXT: usize = MAX_PLAINTEXT + 256;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The outer type.
    pub kind: u8,
    /// Its five header bytes, the additional data of protected records.
    pub header: [u8; 5],
    /// What follows them.
    pub payload: Vec<u8>,
    /// How many bytes of both directions the notary had received before this record's first.
    pub first: usize,
    /// How many before its last.
    pub last: usize,
}

/// One side's records, split where protection begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Bytes of the unprotected handshake messages: the hellos.
    pub hellos: Vec<u8>,
    /// Everything after, all of outer type 23.
    pub protected: Vec<Record>,
}

/// Which side sends in a direction, for messages.
#[must_use]
pub fn sender(direction: Direction) -> &'static str {
    match direction {
        Direction::ToBank => "client",
        Direction::ToClient => "server",
    }
}

/// All records of one direction; refuses bytes that are no record and a last record that is cut off.
pub fn records(recording: &Recording, direction: Direction) -> Result<Vec<Record>, VerifyError> {
    let stream = Stream::new(recording, direction);
    let mut records = Vec::new();
    let mut at = 0;
    while at < stream.bytes.len() {
        let wrong = |got: String, expected| VerifyError::Record { side: sender(direction), number: records.len(), got, expected };
        let rest = stream.bytes.get(at..).unwrap_or_default();
        let cut = || wrong(format!("its first {} bytes", rest.len()), "a whole record");
        let (header, after) = rest.split_first_chunk::<5>().ok_or_else(cut)?;
        let [kind, major, minor, high, low] = *header;
        let length = usize::from(high) << 8 | usize::from(low);
        // RFC 8446, 5.1: 0301 is allowed in the client's first record only.
        let first_hello = direction == Direction::ToBank && records.is_empty();
        if (major, minor) != (3, 3) && !(first_hello && (major, minor) == (3, 1)) {
            return Err(wrong(format!("version {major:02x}{minor:02x}"), "0303"));
        }
        let limits = match kind {
            CHANGE_CIPHER_SPEC => 1..=1,
            HANDSHAKE => 1..=MAX_PLAINTEXT,
            APPLICATION_DATA => OVERHEAD..=MAX_CIPHERTEXT,
            ALERT => return Err(wrong("an unprotected alert".into(), "a session without errors")),
            _ => return Err(wrong(format!("type {kind}"), "a type of TLS 1.3")),
        };
        if !limits.contains(&length) {
            return Err(wrong(format!("{length} bytes of type {kind}"), "a length that its type may have"));
        }
        let payload = after.get(..length).ok_or_else(cut)?.to_vec();
        let end = at + 5 + length;
        records.push(Record { kind, header: *header, payload, first: stream.position(at), last: stream.position(end - 1) });
        at = end;
    }
    Ok(records)
}

/// Splits a side's records: hellos, at most one change cipher spec, then protected records only.
pub fn split(direction: Direction, records: Vec<Record>) -> Result<Side, VerifyError> {
    let mut side = Side { hellos: Vec::new(), protected: Vec::new() };
    let mut changes = 0;
    for (number, record) in records.into_iter().enumerate() {
        let wrong = |got: &str, expected| VerifyError::Record { side: sender(direction), number, got: got.into(), expected };
        match record.kind {
            APPLICATION_DATA => side.protected.push(record),
            _ if !side.protected.is_empty() => return Err(wrong("an unprotected record", "protected records to the end")),
            HANDSHAKE => side.hellos.extend(record.payload),
            _ if side.hellos.is_empty() => return Err(wrong("a change cipher spec", "a hello first")),
            _ if record.payload != [1] => return Err(wrong("a change cipher spec with other content", "the byte 01")),
            _ if changes == 1 => return Err(wrong("a second change cipher spec", "at most one")),
            _ => changes += 1,
        }
    }
    Ok(side)
}

/// One direction's bytes, and where each chunk of them stood among all.
struct Stream {
    bytes: Vec<u8>,
    /// Start in this stream, start among the bytes of both.
    chunks: Vec<(usize, usize)>,
}

impl Stream {
    fn new(recording: &Recording, direction: Direction) -> Self {
        let mut stream = Self { bytes: Vec::new(), chunks: Vec::new() };
        let mut overall = 0;
        for chunk in &recording.chunks {
            if chunk.direction == direction {
                stream.chunks.push((stream.bytes.len(), overall));
                stream.bytes.extend_from_slice(&chunk.bytes);
            }
            overall += chunk.bytes.len();
        }
        stream
    }

    /// Where the byte at `at` stood among the bytes of both directions.
    fn position(&self, at: usize) -> usize {
        let index = self.chunks.partition_point(|(start, _)| *start <= at);
        index.checked_sub(1).and_then(|index| self.chunks.get(index)).map_or(at, |(start, overall)| overall + (at - start))
    }
}

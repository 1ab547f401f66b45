//! Every protected record is accounted for: which are request and response, and that nothing else could have been sent.

use crate::VerifyError;
use crate::records::{OVERHEAD, Record};

/// Bytes of the tag.
const TAG: usize = 16;
/// Handshake header and 32 bytes of code.
const FINISHED: usize = 36;
const ALERT: usize = 2;
/// Header, lifetime, age, nonce of length 0, ticket of one byte, no extensions.
const SMALLEST_TICKET: usize = 4 + 4 + 4 + 1 + 2 + 1 + 2;
/// No server sends more before an answer.
const MAX_TICKETS: usize = 8;

/// A protected record, as the proof takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ciphertext {
    /// Its number under the application traffic keys.
    pub sequence: u64,
    /// Content and inner type, encrypted; without the tag.
    pub bytes: Vec<u8>,
}

impl Ciphertext {
    fn new(index: usize, record: &Record) -> Self {
        let end = record.payload.len().saturating_sub(TAG);
        Self { sequence: index as u64, bytes: record.payload.get(..end).unwrap_or_default().to_vec() }
    }

    /// Bytes of content, without the inner type.
    #[must_use]
    pub fn content_length(&self) -> usize {
        self.bytes.len().saturating_sub(1)
    }
}

/// The client's records after its Finished, save a final alert: all of them are the request.
pub fn request(client: &[Record]) -> Result<&[Record], VerifyError> {
    let wrong = |number, got: String, expected| VerifyError::Record { side: "client", number, got, expected };
    let (finished, mut rest) = client.split_first().ok_or_else(|| wrong(0, "no protected record".into(), "Finished and the request"))?;
    if finished.payload.len() != FINISHED + OVERHEAD {
        let got = format!("{} bytes in the first protected record", finished.payload.len());
        return Err(wrong(0, got, "Finished alone, of 53 bytes"));
    }
    // What has an alert's length and stands last is left out of the request. Were it anything else, the request would lack
    // two bytes of its fixed end; and two bytes are no second request.
    if let Some((last, before)) = rest.split_last()
        && last.payload.len() == ALERT + OVERHEAD
    {
        rest = before;
    }
    if rest.is_empty() {
        return Err(wrong(1, "no request".into(), "one request"));
    }
    match rest.iter().position(|record| record.payload.len() <= OVERHEAD) {
        Some(index) => Err(wrong(index + 1, "an empty record".into(), "parts of the request")),
        None => Ok(rest),
    }
}

/// The server's records after its flight: tickets, then the response to its end.
pub fn response(server: &[Record], tickets: usize) -> Result<(&[Record], &[Record]), VerifyError> {
    let wrong = |number, got: String, expected| VerifyError::Record { side: "server", number, got, expected };
    if tickets > MAX_TICKETS {
        return Err(wrong(0, format!("{tickets} tickets"), "at most 8"));
    }
    let (skipped, response) = server
        .split_at_checked(tickets)
        .filter(|(_, response)| !response.is_empty())
        .ok_or_else(|| wrong(server.len(), format!("{} records after the handshake", server.len()), "a response after the tickets"))?;
    match skipped.iter().position(|record| record.payload.len() < SMALLEST_TICKET + OVERHEAD) {
        Some(index) => Err(wrong(index, format!("{} bytes", skipped.len()), "a ticket's length")),
        None => Ok((skipped, response)),
    }
}

/// Whether the notary had the whole request before the first byte of the response: it can't depend on the answer.
pub fn check_order(request: &[Record], response: &[Record]) -> Result<(), VerifyError> {
    let sent = request.iter().map(|record| record.last).max();
    let answered = response.iter().map(|record| record.first).min();
    match (sent, answered) {
        (Some(sent), Some(answered)) if sent < answered => Ok(()),
        _ => Err(VerifyError::Record {
            side: "client",
            number: request.len(),
            got: "data sent after the response had begun".into(),
            expected: "the whole request before the response",
        }),
    }
}

/// Numbered from `first`.
#[must_use]
pub fn ciphertexts(records: &[Record], first: usize) -> Vec<Ciphertext> {
    records.iter().enumerate().map(|(index, record)| Ciphertext::new(first + index, record)).collect()
}

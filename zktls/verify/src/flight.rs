//! The server's protected handshake flight, opened with the disclosed server handshake traffic secret.

use parlance_zktls_circuit::schedule::native::{Label, expand_label, hmac};
use parlance_zktls_protocol::Suite;

use crate::VerifyError;
use crate::hello::{ALPN, HTTP_1_1, SERVER_NAME, STATUS_REQUEST, SUPPORTED_GROUPS, extensions, find};
use crate::keys::Opener;
use crate::records::{HANDSHAKE, Record};
use crate::transcript::Transcript;
use crate::wire::{Message, Reader, hex, take_message};

const ENCRYPTED_EXTENSIONS: u8 = 8;
const CERTIFICATE: u8 = 11;
const CERTIFICATE_VERIFY: u8 = 15;
const FINISHED: u8 = 20;

/// What the flight holds; only that it decrypted and is well-formed is known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    /// How many protected records it takes.
    pub records: usize,
    /// Certificates, the server's own first.
    pub chain: Vec<Vec<u8>>,
    /// The scheme of CertificateVerify.
    pub scheme: u16,
    /// Its signature.
    pub signature: Vec<u8>,
    /// Hash of the messages before CertificateVerify: what it signs.
    pub signed: [u8; 32],
    /// Finished's content.
    pub verify_data: Vec<u8>,
    /// Hash of the messages before Finished: what it authenticates.
    pub finished: [u8; 32],
    /// Hash of all messages with Finished.
    pub th2: [u8; 32],
}

/// Opens records until the server's Finished.
pub fn open(records: &[Record], suite: Suite, shts: &[u8; 32], transcript: &Transcript) -> Result<Flight, VerifyError> {
    let mut opener = Opener::new(suite, shts);
    let mut plain = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let mut content = opener.open(record)?;
        // The last byte is the type; padding would hide it among zeros.
        let kind = content.pop();
        if kind != Some(HANDSHAKE) || content.is_empty() {
            let got = format!("inner type {kind:?} and {} bytes", content.len());
            return Err(VerifyError::Record { side: "server", number: index, got, expected: "unpadded handshake messages" });
        }
        plain.extend(content);
        if let Some(messages) = whole(&plain)? {
            return read(&messages, index + 1, transcript.clone());
        }
    }
    Err(VerifyError::message("server flight", format!("{} records without Finished", records.len()), "the server's Finished"))
}

/// The messages once they are complete up to Finished. Nothing may follow it under the same keys.
fn whole(mut plain: &[u8]) -> Result<Option<Vec<Message<'_>>>, VerifyError> {
    let mut messages = Vec::new();
    while let Some(message) = take_message(&mut plain) {
        let last = message.kind == FINISHED;
        messages.push(message);
        if last {
            return match plain.len() {
                0 => Ok(Some(messages)),
                more => Err(VerifyError::message("Finished", format!("{more} bytes after it in its record"), "the record's end")),
            };
        }
    }
    Ok(None)
}

fn read(messages: &[Message<'_>], records: usize, mut transcript: Transcript) -> Result<Flight, VerifyError> {
    let [encrypted, certificate, verify, finished] = messages else { return Err(unexpected(messages)) };
    if [encrypted, certificate, verify, finished].map(|message| message.kind)
        != [ENCRYPTED_EXTENSIONS, CERTIFICATE, CERTIFICATE_VERIFY, FINISHED]
    {
        return Err(unexpected(messages));
    }
    check_encrypted_extensions(encrypted.body)?;
    transcript.add(encrypted.whole);
    transcript.add(certificate.whole);
    let signed = transcript.hash();
    let mut reader = Reader::new("CertificateVerify", verify.body);
    let (scheme, signature) = (reader.u16()?, reader.vector(2)?.to_vec());
    reader.end()?;
    transcript.add(verify.whole);
    let before_finished = transcript.hash();
    transcript.add(finished.whole);
    Ok(Flight {
        records,
        chain: read_chain(certificate.body)?,
        scheme,
        signature,
        signed,
        verify_data: finished.body.to_vec(),
        finished: before_finished,
        th2: transcript.hash(),
    })
}

fn unexpected(messages: &[Message<'_>]) -> VerifyError {
    let kinds: Vec<u8> = messages.iter().map(|message| message.kind).collect();
    // 13 asks for a client certificate, 25 is a compressed certificate.
    VerifyError::message("server flight", format!("messages {kinds:?}"), "EncryptedExtensions, Certificate, CertificateVerify, Finished")
}

fn check_encrypted_extensions(body: &[u8]) -> Result<(), VerifyError> {
    const NAME: &str = "EncryptedExtensions";
    let mut reader = Reader::new(NAME, body);
    let extensions = extensions(NAME, reader.vector(2)?, &[SERVER_NAME, SUPPORTED_GROUPS, ALPN])?;
    reader.end()?;
    match find(&extensions, ALPN) {
        Some(protocol) if protocol != HTTP_1_1 => Err(VerifyError::message(NAME, format!("ALPN {}", hex(protocol)), "http/1.1 or none")),
        _ => Ok(()),
    }
}

fn read_chain(body: &[u8]) -> Result<Vec<Vec<u8>>, VerifyError> {
    const NAME: &str = "Certificate";
    let mut reader = Reader::new(NAME, body);
    let context = reader.vector(1)?;
    if !context.is_empty() {
        return Err(VerifyError::message(NAME, format!("context {}", hex(context)), "an empty context"));
    }
    let mut list = Reader::new(NAME, reader.vector(3)?);
    reader.end()?;
    let mut chain = Vec::new();
    while !list.is_empty() {
        chain.push(list.vector(3)?.to_vec());
        // A stapled OCSP answer is allowed and not looked at.
        extensions(NAME, list.vector(2)?, &[STATUS_REQUEST])?;
    }
    Ok(chain)
}

impl Flight {
    /// Whether Finished is the server's, under the disclosed secret.
    pub fn check_finished(&self, shts: &[u8; 32]) -> Result<(), VerifyError> {
        let expected = hmac(&expand_label(shts, Label::Finished, None), &self.finished);
        if self.verify_data == expected {
            return Ok(());
        }
        Err(VerifyError::message("Finished", "another code", "the code over this handshake under the given secret"))
    }
}

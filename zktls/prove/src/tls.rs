//! The TLS 1.3 client, without a socket: bytes in, bytes out, secrets kept.
//!
//! Records are handed to rustls one by one, so that it is known which of them are session tickets and where the response
//! begins: a proof must say so.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, OnceLock};

use parlance_zktls_protocol::Suite;
use rustls::client::Resumption;
use rustls::crypto::ring::cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, KeyLog, RootCertStore, SupportedCipherSuite};
use zeroize::Zeroizing;

use crate::ProveError;
use crate::kept::{self, keeping};

/// The largest response that is read; nothing near it can be proved.
const MAX_RESPONSE: usize = 256 << 10;
const RECORD_HEADER: usize = 5;
const SERVER_HANDSHAKE_SECRET: &str = "SERVER_HANDSHAKE_TRAFFIC_SECRET";

/// Roots that a bank's certificate may lead to.
#[derive(Clone)]
pub struct Roots(Vec<CertificateDer<'static>>);

/// What is offered to the bank, best first.
#[derive(Debug, Clone)]
pub struct Offer {
    /// At least one.
    pub suites: Vec<Suite>,
    /// At least one; the first gets a key share.
    pub groups: Vec<Group>,
}

/// A key exchange group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Curve25519.
    X25519,
    /// P-256.
    Secp256r1,
}

impl Roots {
    /// The web's, as Mozilla keeps them.
    #[must_use]
    pub fn public() -> Self {
        Self(webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec())
    }

    /// Only these.
    #[must_use]
    pub fn only(certificates: Vec<CertificateDer<'static>>) -> Self {
        Self(certificates)
    }

    /// The certificates.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.0
    }

    pub(crate) fn store(&self) -> Result<RootCertStore, ProveError> {
        let mut store = RootCertStore::empty();
        self.0.iter().try_for_each(|root| store.add(root.clone())).map_err(ProveError::Root)?;
        Ok(store)
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.0.len())
    }
}

impl Default for Offer {
    /// AES first: servers must support it, and its proof is the cheaper one.
    fn default() -> Self {
        Self { suites: vec![Suite::Aes128GcmSha256, Suite::ChaCha20Poly1305Sha256], groups: vec![Group::X25519, Group::Secp256r1] }
    }
}

impl Offer {
    fn provider(&self) -> CryptoProvider {
        let suite = |suite: &Suite| -> SupportedCipherSuite {
            match suite {
                Suite::Aes128GcmSha256 => TLS13_AES_128_GCM_SHA256,
                Suite::ChaCha20Poly1305Sha256 => TLS13_CHACHA20_POLY1305_SHA256,
            }
        };
        let group = |group: &Group| -> &'static dyn SupportedKxGroup {
            match group {
                Group::X25519 => &kept::X25519,
                Group::Secp256r1 => &kept::SECP256R1,
            }
        };
        CryptoProvider {
            cipher_suites: self.suites.iter().map(suite).collect(),
            kx_groups: self.groups.iter().map(group).collect(),
            ..ring::default_provider()
        }
    }

    /// What the statement needs: TLS 1.3 without resumption, early data or certificate compression, HTTP/1.1.
    fn config(&self, roots: &Roots, log: Arc<SecretLog>) -> Result<ClientConfig, ProveError> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(self.provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots.store()?)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        config.cert_decompressors = Vec::new();
        config.cert_compressors = Vec::new();
        config.key_log = log;
        Ok(config)
    }
}

/// Keeps the server handshake traffic secret, and no other.
#[derive(Default)]
struct SecretLog(OnceLock<Zeroizing<[u8; 32]>>);

impl KeyLog for SecretLog {
    fn log(&self, label: &str, _: &[u8], secret: &[u8]) {
        if let (SERVER_HANDSHAKE_SECRET, Ok(secret)) = (label, <[u8; 32]>::try_from(secret)) {
            let _ = self.0.set(Zeroizing::new(secret));
        }
    }

    fn will_log(&self, label: &str) -> bool {
        label == SERVER_HANDSHAKE_SECRET
    }
}

impl fmt::Debug for SecretLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretLog(..)")
    }
}

/// A connection to the bank.
pub(crate) struct Tls {
    connection: ClientConnection,
    log: Arc<SecretLog>,
    shared: Option<Zeroizing<Vec<u8>>>,
    /// Bytes of a record that is not whole yet.
    partial: Vec<u8>,
    /// Never grown, so that no copy stays behind.
    response: Zeroizing<Vec<u8>>,
    tickets: usize,
}

/// What a session leaves for its proof.
pub(crate) struct Kept {
    pub(crate) shared: Zeroizing<Vec<u8>>,
    pub(crate) shts: Zeroizing<[u8; 32]>,
    pub(crate) response: Zeroizing<Vec<u8>>,
    pub(crate) tickets: usize,
}

impl Tls {
    pub(crate) fn new(domain: &str, roots: &Roots, offer: &Offer) -> Result<Self, ProveError> {
        let log = Arc::new(SecretLog::default());
        let config = offer.config(roots, log.clone())?;
        let name = ServerName::try_from(domain.to_owned())
            .map_err(|_| ProveError::Unprovable(format!("{domain} is no name that a certificate can have")))?;
        Ok(Self {
            connection: ClientConnection::new(Arc::new(config), name)?,
            log,
            shared: None,
            partial: Vec::new(),
            response: Zeroizing::new(Vec::with_capacity(MAX_RESPONSE)),
            tickets: 0,
        })
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// All bytes that wait to be sent.
    pub(crate) fn outgoing(&mut self) -> Result<Vec<u8>, ProveError> {
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            // A vector takes everything.
            self.connection.write_tls(&mut bytes).map_err(|error| rustls::Error::General(error.to_string()))?;
        }
        Ok(bytes)
    }

    /// Takes bytes from the bank, cut anywhere.
    pub(crate) fn incoming(&mut self, bytes: &[u8]) -> Result<(), ProveError> {
        self.partial.extend_from_slice(bytes);
        while let Some(length) = record_length(&self.partial).filter(|length| *length <= self.partial.len()) {
            let record: Vec<u8> = self.partial.drain(..length).collect();
            self.record(&record)?;
        }
        Ok(())
    }

    fn record(&mut self, mut record: &[u8]) -> Result<(), ProveError> {
        let after_handshake = !self.connection.is_handshaking();
        while !record.is_empty() {
            let taken = self.connection.read_tls(&mut record).map_err(|error| rustls::Error::General(error.to_string()))?;
            // After the bank's final alert nothing counts.
            if taken == 0 {
                return Ok(());
            }
        }
        let (state, shared) = keeping(|| self.connection.process_new_packets());
        if shared.is_some() {
            self.shared = shared;
        }
        let length = state?.plaintext_bytes_to_read();
        if after_handshake && length == 0 && self.response.is_empty() {
            self.tickets += 1;
        }
        self.read(length)
    }

    fn read(&mut self, length: usize) -> Result<(), ProveError> {
        let start = self.response.len();
        if start + length > MAX_RESPONSE {
            return Err(ProveError::answer(format!("more than {MAX_RESPONSE} bytes"), "a short answer"));
        }
        self.response.resize(start + length, 0);
        let room = self.response.get_mut(start..).unwrap_or_default();
        match self.connection.reader().read_exact(room) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(rustls::Error::General(error.to_string()).into()),
            _ => Ok(()),
        }
    }

    /// The request as one record.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, ProveError> {
        self.connection.writer().write_all(request).map_err(|error| rustls::Error::General(error.to_string()))?;
        let bytes = self.outgoing()?;
        if record_length(&bytes) != Some(bytes.len()) {
            return Err(ProveError::Unprovable("the request does not fit one TLS record".into()));
        }
        Ok(bytes)
    }

    /// The final alert.
    pub(crate) fn close(&mut self) -> Result<Vec<u8>, ProveError> {
        self.connection.send_close_notify();
        self.outgoing()
    }

    pub(crate) fn response(&self) -> &[u8] {
        &self.response
    }

    /// Whether the bank said that nothing follows: without it, an answer may have been cut off on its way.
    pub(crate) fn is_ended(&mut self) -> bool {
        self.connection.process_new_packets().is_ok_and(|state| state.peer_has_closed())
    }

    /// What the proof needs.
    pub(crate) fn kept(self) -> Result<Kept, ProveError> {
        let missing = || ProveError::Unprovable("the handshake's secrets were not seen".into());
        let shared = self.shared.ok_or_else(missing)?;
        let shts = self.log.0.get().cloned().ok_or_else(missing)?;
        Ok(Kept { shared, shts, response: self.response, tickets: self.tickets })
    }
}

/// Length of the first record with its header, once that is there.
fn record_length(bytes: &[u8]) -> Option<usize> {
    let [_, _, _, high, low] = *bytes.first_chunk::<RECORD_HEADER>()?;
    Some(RECORD_HEADER + usize::from(u16::from_be_bytes([high, low])))
}

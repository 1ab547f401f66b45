//! How the bank behaves.

use std::time::Duration;

use rustls::SupportedCipherSuite;
use rustls::crypto::SupportedKxGroup;

use crate::{Book, Identity};

/// Everything about a bank.
#[derive(Debug)]
pub struct Config {
    /// Its certificate and key.
    pub identity: Identity,
    /// Its customers.
    pub book: Book,
    /// TLS 1.3 suites, best first.
    pub suites: Vec<SupportedCipherSuite>,
    /// Key exchange groups, best first. A client that guessed another one gets a HelloRetryRequest.
    pub groups: Vec<&'static dyn SupportedKxGroup>,
    /// Largest TLS record, header included: small ones fragment handshake and response.
    pub record: Option<usize>,
    /// Session tickets after the handshake.
    pub tickets: usize,
    /// How bodies are framed.
    pub transfer: Transfer,
    /// How JSON is laid out.
    pub layout: Layout,
    /// How amounts are written.
    pub amounts: Amounts,
    /// How many transactions stand before the balance.
    pub transactions: usize,
    /// Thinks this long before each answer.
    pub pause: Duration,
}

impl Config {
    /// A bank as most are: both suites and groups, plain minified bodies, quoted decimals.
    #[must_use]
    pub fn new(identity: Identity, book: Book) -> Self {
        Self {
            identity,
            book,
            suites: suites::ALL.to_vec(),
            groups: groups::ALL.to_vec(),
            record: None,
            tickets: 2,
            transfer: Transfer::Plain,
            layout: Layout::Minified,
            amounts: Amounts::Decimal,
            transactions: 0,
            pause: Duration::ZERO,
        }
    }
}

/// How bodies are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// With Content-Length.
    Plain,
    /// In chunks of so many bytes.
    Chunked(usize),
}

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// No white space.
    Minified,
    /// Lines and indents.
    Pretty,
}

/// How amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    /// `"12.50"`.
    Decimal,
    /// `12.50`.
    DecimalNumber,
    /// `"1250"`.
    Minor,
    /// `1250`.
    MinorNumber,
}

/// The cipher suites to choose from.
pub mod suites {
    use rustls::SupportedCipherSuite;
    pub use rustls::crypto::ring::cipher_suite::{
        TLS13_AES_128_GCM_SHA256 as AES_128_GCM, TLS13_CHACHA20_POLY1305_SHA256 as CHACHA20_POLY1305,
    };

    pub(super) const ALL: [SupportedCipherSuite; 2] = [AES_128_GCM, CHACHA20_POLY1305];
}

/// The key exchange groups to choose from.
pub mod groups {
    use rustls::crypto::SupportedKxGroup;
    pub use rustls::crypto::ring::kx_group::{SECP256R1, X25519};

    pub(super) const ALL: [&dyn SupportedKxGroup; 2] = [X25519, SECP256R1];
}

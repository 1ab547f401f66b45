//! What a notary relays to, and how much of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;

use crate::{Keys, NotaryError};

/// Everything about a notary.
#[derive(Debug)]
pub struct Config {
    /// The banks, by domain.
    pub routes: BTreeMap<String, Route>,
    /// What it signs with.
    pub keys: Keys,
    /// What one client can make it do.
    pub limits: Limits,
    /// For `wss://`; none behind a proxy that ends TLS, or on this computer.
    pub tls: Option<Arc<ServerConfig>>,
}

/// How a bank is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// As the domain name system says, at a public address and port 443.
    Public,
    /// For demos: at this address, whatever the name says.
    Local(SocketAddr),
}

/// Bounds of a session and of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Seconds from the connection to the first message.
    pub opening: u64,
    /// Seconds to reach the bank.
    pub dial: u64,
    /// Seconds of a session from its first message.
    pub session: u64,
    /// Seconds without a byte.
    pub idle: u64,
    /// Seconds that the bank may take to close after the wallet has closed.
    pub linger: u64,
    /// Bytes to the bank.
    pub to_bank: usize,
    /// Bytes to the wallet.
    pub to_client: usize,
    /// How often the direction may change.
    pub turns: usize,
    /// Sessions at once.
    pub sessions: usize,
    /// Sessions at once from one address (IPv6: from one /64).
    pub client_sessions: usize,
    /// Sessions in a minute from one address.
    pub client_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            opening: 10,
            dial: 10,
            session: 60,
            idle: 20,
            linger: 3,
            to_bank: 32 << 10,
            to_client: 256 << 10,
            turns: 256,
            sessions: 256,
            client_sessions: 4,
            client_rate: 12,
        }
    }
}

impl Limits {
    pub(crate) fn opening(&self) -> Duration {
        Duration::from_secs(self.opening)
    }

    pub(crate) fn dial(&self) -> Duration {
        Duration::from_secs(self.dial)
    }

    pub(crate) fn session(&self) -> Duration {
        Duration::from_secs(self.session)
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle)
    }

    pub(crate) fn linger(&self) -> Duration {
        Duration::from_secs(self.linger)
    }
}

/// The program's settings: a TOML file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Banks that are reached at public addresses.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Banks of a demo, with their addresses.
    #[serde(default)]
    pub local: BTreeMap<String, SocketAddr>,
    /// Key files.
    pub keys: Vec<PathBuf>,
    /// PEM files of chain and key, for `wss://`.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// Bounds.
    #[serde(default)]
    pub limits: Limits,
}

/// Where the notary's own certificate is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The leaf's key.
    pub key: PathBuf,
}

impl Settings {
    /// From a file.
    pub fn read(path: &Path) -> Result<Self, NotaryError> {
        let text = std::fs::read_to_string(path).map_err(NotaryError::file(path))?;
        toml::from_str(&text).map_err(|error| NotaryError::content(path, error, "settings as in zktls/notary/notary.toml"))
    }

    /// What [`crate::Notary::serve`] takes; reads keys and certificate.
    pub fn config(&self) -> Result<Config, NotaryError> {
        let public = self.domains.iter().map(|domain| (domain.clone(), Route::Public));
        let local = self.local.iter().map(|(domain, address)| (domain.clone(), Route::Local(*address)));
        Ok(Config {
            routes: public.chain(local).collect(),
            keys: Keys::read(&self.keys)?,
            limits: self.limits,
            tls: self.tls.as_ref().map(TlsFiles::config).transpose()?,
        })
    }
}

impl TlsFiles {
    fn config(&self) -> Result<Arc<ServerConfig>, NotaryError> {
        let wrong = |path: &Path, error| NotaryError::content(path, error, "PEM");
        let chain: Vec<_> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error: rustls::pki_types::pem::Error| wrong(&self.certificate, error))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Arc::new(config))
    }
}

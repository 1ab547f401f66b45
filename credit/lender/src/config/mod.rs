//! The configuration: a TOML file like `lender.toml`. Paths in it are relative to its folder.

mod problems;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, FixedBytes};
use parlance_zktls_notary::Settings as NotarySettings;
use parlance_zktls_protocol::NotaryKey;
use serde::Deserialize;

use crate::LenderError;
use crate::words::{MINOR_DIGITS, parse_amount};

const DAY: u64 = 86_400;

/// Everything about a lender.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// As the lender calls itself; stands in every offer.
    pub name: String,
    /// Where API and pages are served. Without TLS: a proxy before it ends that.
    pub listen: SocketAddr,
    /// `sqlite:lender.db` or `postgres://user:password@host/name`.
    pub database: String,
    /// The lender's terms in words: they stand in every offer, and the borrower signs them.
    pub terms: String,
    /// Whether clients come through a proxy that names them last in `X-Forwarded-For`.
    #[serde(default)]
    pub behind_proxy: bool,
    /// How the log is written.
    #[serde(default)]
    pub log: LogFormat,
    /// Where it lends.
    pub chain: ChainConfig,
    /// What it signs with.
    pub key: KeyConfig,
    /// Whom it trusts.
    pub trust: TrustConfig,
    /// How it lends.
    pub lending: Lending,
    /// What it offers, by currency and rising threshold.
    #[serde(default)]
    pub tiers: Vec<TierConfig>,
    /// What one client can make it do.
    #[serde(default)]
    pub limits: Limits,
    /// The pages for staff; none when absent.
    #[serde(default)]
    pub staff: Option<StaffConfig>,
    /// A notary of its own within `serve`.
    #[serde(default)]
    pub notary: Option<NotaryConfig>,
    /// Where the file is.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// How the log is written to standard error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The pool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainConfig {
    /// EIP-155 chain id.
    pub id: u64,
    /// JSON-RPC over HTTP.
    pub rpc: url::Url,
    /// The `CreditPool`.
    pub pool: Address,
}

/// The attester's key and its password: from a file, from an environment variable, else asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// An Ethereum keystore file (version 3).
    pub keystore: PathBuf,
    /// A file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// An environment variable that holds it.
    #[serde(default)]
    pub password_env: Option<String>,
}

/// Whom the lender trusts. All that `verify` needs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustConfig {
    /// Play money: templates of test data and banks at local addresses are accepted.
    #[serde(default)]
    pub demo: bool,
    /// Whether a bank's certificate may lead to the roots that Mozilla keeps.
    #[serde(default = "yes")]
    pub web_roots: bool,
    /// PEM files of other roots.
    #[serde(default)]
    pub roots: Vec<PathBuf>,
    /// Template files.
    pub templates: Vec<PathBuf>,
    /// Notaries, best first.
    #[serde(default)]
    pub notaries: Vec<NotaryTrust>,
    /// How old a session may be, minutes.
    pub max_age_minutes: u64,
}

/// A notary whose recordings count.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotaryTrust {
    /// `wss://host/`, or `ws://` on this computer. Told to wallets.
    pub address: String,
    /// Its keys.
    #[serde(default)]
    pub keys: Vec<NotaryKey>,
    /// Or its public log of keys, as `keys notary` writes it.
    #[serde(default)]
    pub log: Option<PathBuf>,
}

/// How the lender lends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lending {
    /// Scope of the nullifiers: eight characters, or `0x` and 16 hexadecimal digits. Lenders that share a registry share it.
    pub scope: String,
    /// How long an offer can be accepted, minutes.
    pub offer_minutes: u64,
    /// How long an attestation lets the borrower draw, days.
    pub attestation_days: u64,
    /// After how many days the borrower is to prove again.
    pub reattest_days: u64,
    /// Most that all lines together may come to, in whole units of the asset.
    pub total: String,
    /// How long proof files are kept, days.
    pub keep_days: u64,
}

/// Terms by proven balance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierConfig {
    /// `10000.00`.
    pub at_least: String,
    /// Three capital letters.
    pub currency: String,
    /// In whole units of the asset: `1500`.
    pub limit: String,
    /// Basis points a year.
    pub rate: u32,
    /// Days in a repayment cycle.
    pub cycle_days: u32,
}

/// What one client can make the lender do, and all of them. Rates are by address (IPv6: by /64) and minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Offers.
    pub offers: u32,
    /// Proofs, sent to the API or to the page.
    pub proofs: u32,
    /// Applications.
    pub applications: u32,
    /// Tries to sign in.
    pub logins: u32,
    /// Everything else.
    pub pages: u32,
    /// Proofs verified at once: each takes up to two cores and hundreds of megabytes.
    pub verify_at_once: usize,
    /// Proofs that may wait for it.
    pub waiting: usize,
    /// Seconds that a client may take to send its request.
    pub patience: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { offers: 20, proofs: 10, applications: 10, logins: 5, pages: 240, verify_at_once: 1, waiting: 8, patience: 30 }
    }
}

/// The pages for staff.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffConfig {
    /// Of the one password, as `keys staff` prints it.
    pub password_hash: String,
    /// A session ends after so many minutes.
    #[serde(default = "half_an_hour")]
    pub session_minutes: u64,
}

/// The built-in notary.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotaryConfig {
    /// As wallets reach it; `ws://localhost:PORT/` when absent and it listens on the loopback interface.
    #[serde(default)]
    pub address: Option<String>,
    /// As in `zktls/notary/notary.toml`. Without `domains` and `local` it relays to the banks of the accepted templates.
    pub settings: NotarySettings,
}

fn yes() -> bool {
    true
}

fn half_an_hour() -> u64 {
    30
}

/// Only what `verify` needs of the file.
#[derive(Deserialize)]
struct TrustFile {
    trust: TrustConfig,
}

/// Only what `notary` needs of it.
#[derive(Deserialize)]
struct NotaryFile {
    notary: NotaryConfig,
}

impl Config {
    /// From a file.
    pub fn read(path: &Path) -> Result<Self, LenderError> {
        let mut config: Self = parse(path)?;
        config.folder = folder(path);
        if let Some(notary) = &mut config.notary {
            rebase(&mut notary.settings, &config.folder);
        }
        Ok(config)
    }

    /// A path of the file, from where the program runs.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

impl TrustConfig {
    /// Of a lender's file; nothing else of it is looked at. With the file's folder.
    pub fn read(path: &Path) -> Result<(Self, PathBuf), LenderError> {
        Ok((parse::<TrustFile>(path)?.trust, folder(path)))
    }

    /// How old a session may be, seconds.
    #[must_use]
    pub fn max_age(&self) -> u64 {
        self.max_age_minutes.saturating_mul(60)
    }
}

impl NotaryConfig {
    /// The notary's settings in a lender's file or in one of its own.
    pub fn read(path: &Path) -> Result<NotarySettings, LenderError> {
        let text = std::fs::read_to_string(path).map_err(LenderError::file(path))?;
        let whole: toml::Table = toml::from_str(&text).map_err(|error| LenderError::content(path, error, "TOML"))?;
        let mut settings =
            if whole.contains_key("notary") { parse::<NotaryFile>(path)?.notary.settings } else { NotarySettings::read(path)? };
        rebase(&mut settings, &folder(path));
        Ok(settings)
    }

    /// How wallets reach a notary that listens at `at`.
    pub fn public_address(&self, at: SocketAddr) -> Result<String, LenderError> {
        match &self.address {
            Some(address) => Ok(address.clone()),
            None if at.ip().is_loopback() && self.settings.tls.is_none() => Ok(format!("ws://localhost:{}/", at.port())),
            None => Err(LenderError::Settings(vec!["notary.address: say how wallets reach the notary: wss://host/".into()])),
        }
    }
}

impl Lending {
    /// The scope's eight bytes.
    pub fn scope(&self) -> Result<FixedBytes<8>, String> {
        let wrong = || format!("lending.scope: {:?} should be eight ASCII characters, or 0x and 16 hexadecimal digits.", self.scope);
        if self.scope.starts_with("0x") {
            return self.scope.parse().map_err(|_| wrong());
        }
        let bytes: [u8; 8] = self.scope.as_bytes().try_into().map_err(|_| wrong())?;
        if bytes.is_ascii() { Ok(bytes.into()) } else { Err(wrong()) }
    }

    /// Seconds from a session to the next.
    #[must_use]
    pub fn reattest_after(&self) -> u64 {
        self.reattest_days.saturating_mul(DAY)
    }

    /// Seconds for which an attestation holds.
    #[must_use]
    pub fn attestation_time(&self) -> u64 {
        self.attestation_days.saturating_mul(DAY)
    }

    /// Seconds for which files are kept.
    #[must_use]
    pub fn keep_time(&self) -> u64 {
        self.keep_days.saturating_mul(DAY)
    }
}

impl TierConfig {
    /// The threshold in minor units.
    pub fn at_least(&self) -> Result<u64, String> {
        let amount = parse_amount(&self.at_least, MINOR_DIGITS)?;
        u64::try_from(amount).map_err(|_| format!("{:?} is too much for a balance.", self.at_least))
    }
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, LenderError> {
    let text = std::fs::read_to_string(path).map_err(LenderError::file(path))?;
    toml::from_str(&text).map_err(|error| LenderError::content(path, error, "a configuration as in credit/lender/lender.toml"))
}

fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

fn rebase(settings: &mut NotarySettings, folder: &Path) {
    settings.keys.iter_mut().for_each(|key| *key = folder.join(&key));
    if let Some(tls) = &mut settings.tls {
        tls.certificate = folder.join(&tls.certificate);
        tls.key = folder.join(&tls.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Config {
        Config::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lender.toml"))).expect("the example")
    }

    #[test]
    fn the_example_has_no_problems() {
        let config = example();
        assert_eq!(config.problems(), Vec::<String>::new());
        assert!(config.notary.is_some_and(|notary| notary.settings.keys.iter().all(|key| key.is_absolute())));
    }

    #[test]
    fn the_local_worlds_lender_has_no_problems() {
        let places = [
            ("{name}", "Maple"),
            ("{api}", "127.0.0.1:1"),
            ("{notary}", "127.0.0.1:2"),
            ("{bank}", "127.0.0.1:3"),
            ("{domain}", "api.demo-bank.example"),
            ("{chain}", "31337"),
            ("{rpc}", "http://127.0.0.1:4"),
            ("{pool}", "0x0000000000000000000000000000000000000001"),
        ];
        let text = include_str!("../../../../wallet/devnet/assets/lender.toml").to_owned();
        let text = places.iter().fold(text, |text, (place, with)| text.replace(place, with));
        let config: Config = toml::from_str(&text).expect("a configuration");
        assert_eq!(config.problems(), Vec::<String>::new());
        assert!(config.staff.is_some_and(|staff| crate::keys::fits("play", &staff.password_hash)), "the password that `dev up` prints");
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lender.toml");
        let text = include_str!("../../lender.toml").replace("[limits]", "[limits]\nofers = 3");
        std::fs::write(&path, text).expect("written");
        let error = Config::read(&path).expect_err("refused").to_string();
        assert!(error.contains("ofers"), "{error}");
    }
}

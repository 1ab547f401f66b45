//! A demo bank, a notary and a wallet in one process.

use std::error::Error;
use std::sync::{Arc, Mutex};

use parlance_zktls_bank::{Authority, Bank, Book, Config as BankConfig, Identity, Validity};
use parlance_zktls_notary::{Config as NotaryConfig, Key, Keys, Limits, Notary as Relay, Route};
use parlance_zktls_protocol::{Commitment, NotaryKey, Template};
use parlance_zktls_prove::{BankSession, Notary, Offer, Plan, ProveError, Roots, Stage, Values, open};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

pub const TOKEN: &str = "demo-token-ada-4f0c6a1e9b7d";
pub const ACCOUNT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
pub const COMMITMENT: Commitment = Commitment([9; 32]);

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Everything that a session needs; what a test wants otherwise it changes.
pub struct World {
    pub template: Template,
    pub values: Values,
    pub notary: Notary,
    pub roots: Roots,
    pub offer: Offer,
    pub patience: u64,
    pub root: Vec<CertificateDer<'static>>,
    pub notary_key: NotaryKey,
    #[allow(dead_code, reason = "open as long as the world; benchmarks ask it directly")]
    pub bank: Option<Bank>,
    _relay: Relay,
}

pub fn template() -> Outcome<Template> {
    Ok(Template::from_toml(include_str!("../../../templates/demo.toml"))?)
}

pub fn values(token: &str, account: &str) -> Values {
    Values::new(Zeroizing::new(token.to_owned())).with("account", account)
}

/// A world whose bank is changed by `change`.
pub async fn world(change: impl FnOnce(&mut BankConfig)) -> Outcome<World> {
    let authority = Authority::new()?;
    let identity = authority.issue(&template()?.domain, Validity::Current)?;
    world_with(authority, identity, change).await
}

/// A world whose bank shows this certificate.
pub async fn world_with(authority: Authority, identity: Identity, change: impl FnOnce(&mut BankConfig)) -> Outcome<World> {
    let mut config = BankConfig::new(identity, Book::demo()?);
    change(&mut config);
    let bank = Bank::open(TcpListener::bind("127.0.0.1:0").await?, config)?;
    let route = Route::Local(bank.address());
    world_of(authority, Some(bank), route, None).await
}

/// A world whose bank is somewhere else.
pub async fn world_of(authority: Authority, bank: Option<Bank>, route: Route, tls: Option<Arc<ServerConfig>>) -> Outcome<World> {
    let template = template()?;
    let key = Key::generate("Test", 0, u64::MAX)?;
    let notary_key = key.public().clone();
    let public = notary_key.key;
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    let routes = [(template.domain.clone(), route)].into();
    let relay_config =
        NotaryConfig { routes, keys: Keys::new(vec![key]), limits: Limits { linger: 1, client_rate: 1000, ..Limits::default() }, tls };
    let relay = Relay::serve(TcpListener::bind("127.0.0.1:0").await?, relay_config)?;
    let roots = Roots::only(vec![authority.root().clone()]);
    let notary = Notary::new(&format!("{scheme}://localhost:{}/", relay.address().port()), vec![public])?.with_roots(roots.clone());
    let values = values(TOKEN, ACCOUNT);
    Ok(World {
        template,
        values,
        notary,
        roots,
        offer: Offer::default(),
        patience: 20,
        root: vec![authority.root().clone()],
        notary_key,
        bank,
        _relay: relay,
    })
}

impl World {
    pub fn plan(&self) -> Plan<'_> {
        Plan {
            template: &self.template,
            values: &self.values,
            commitment: COMMITMENT,
            notary: &self.notary,
            roots: &self.roots,
            offer: self.offer.clone(),
            patience: self.patience,
        }
    }

    pub async fn session(&self) -> Result<BankSession, ProveError> {
        open(&self.plan(), |_| {}, &CancellationToken::new()).await
    }

    /// A session that is cancelled as soon as it is at this stage, or never.
    pub async fn stages(&self, cancel_at: Option<Stage>) -> (Result<BankSession, ProveError>, Vec<Stage>) {
        let (seen, token) = (Mutex::new(Vec::new()), CancellationToken::new());
        let progress = |stage| {
            if let Ok(mut seen) = seen.lock() {
                seen.push(stage);
            }
            if cancel_at == Some(stage) {
                token.cancel();
            }
        };
        let outcome = open(&self.plan(), progress, &token).await;
        (outcome, seen.into_inner().unwrap_or_default())
    }
}

/// The body of a plain answer.
pub fn body(session: &BankSession) -> Outcome<&str> {
    let text = std::str::from_utf8(&session.response)?;
    Ok(text.split_once("\r\n\r\n").ok_or("no head")?.1)
}

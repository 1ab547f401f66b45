//! The server: routes, clients, bodies, headers, and what runs beside.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use parlance_zktls_notary::{Key, Notary};
use tokio::net::TcpListener;

use crate::app::{App, now};
use crate::check::{chain_problems, refuse};
use crate::metrics::Metrics;
use crate::offers::Terms;
use crate::staff::Sessions;
use crate::store::Store;
use crate::trust::Trusted;
use crate::visitors::{Visitors, Wish};
use crate::{Config, LenderError, Refusal, api, chain::Chain, judge::Judge, keys, pages, staff, words};

/// How often what is too old is deleted.
const TIDY: Duration = Duration::from_secs(3600);
/// Nothing from elsewhere, no scripts at all.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The lender, and what only the server knows.
#[derive(Debug)]
pub struct Site {
    /// The lender.
    pub app: Arc<App>,
    pub(crate) visitors: Visitors,
    pub(crate) sessions: Sessions,
}

/// A lender that is set up, and does not serve yet.
#[derive(Debug)]
pub struct Server {
    site: Arc<Site>,
    listener: TcpListener,
    notary: Option<Notary>,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub IpAddr);

impl Server {
    /// Opens key, chain, database and ports; refuses where a lender could not do its work.
    pub async fn start(config: Config) -> Result<Self, LenderError> {
        refuse(config.problems())?;
        let notary = start_notary(&config).await?;
        let own = notary.as_ref().map(|(_, address, keys)| (address.clone(), keys.iter().map(|key| key.public().clone()).collect()));
        let trusted = Arc::new(Trusted::load(&config.trust, &config.folder, own)?);
        refuse(trusted.problems(now()?))?;
        let signer = keys::attester(&config)?;
        let chain = Chain::connect(&config.chain, &signer).await?;
        let (symbol, decimals) = (chain.info().symbol.clone(), chain.info().decimals);
        let terms = Terms::new(&config, &symbol, decimals, chain.min_limit()).map_err(LenderError::Settings)?;
        let total = words::parse_amount(&config.lending.total, decimals).map_err(|sentence| LenderError::Settings(vec![sentence]))?;
        let store = Store::open(&config.database, &config.folder).await?;
        let listener = TcpListener::bind(config.listen).await.map_err(LenderError::Listen)?;
        let limits = config.limits;
        let sessions = Sessions::new(config.staff.as_ref().map_or(0, |staff| staff.session_minutes));
        let app = App {
            judge: Judge::new(trusted.clone(), limits.verify_at_once, limits.waiting),
            metrics: Metrics::new()?,
            issuing: tokio::sync::Mutex::default(),
            config,
            terms,
            trusted,
            chain,
            store,
            signer,
            total,
        };
        let set = app.chain.attesters().await?;
        app.check_set(set.threshold, &set.attesters)?;
        for problem in chain_problems(&app.chain, &app.trusted, app.signer.address(), now()?).await? {
            tracing::warn!("{problem}");
        }
        let site = Arc::new(Site { app: Arc::new(app), visitors: Visitors::new(limits), sessions });
        Ok(Self { site, listener, notary: notary.map(|(notary, ..)| notary) })
    }

    /// Where API and pages are.
    pub fn address(&self) -> Result<SocketAddr, LenderError> {
        self.listener.local_addr().map_err(LenderError::Listen)
    }

    /// Where the built-in notary listens.
    #[must_use]
    pub fn notary(&self) -> Option<SocketAddr> {
        self.notary.as_ref().map(Notary::address)
    }

    /// Serves until `end`, and then answers what is under way.
    pub async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), LenderError> {
        let tidying = tokio::spawn(tidy(self.site.app.clone()));
        let routes = router(self.site.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, routes).with_graceful_shutdown(end).await;
        tidying.abort();
        self.site.app.store.close().await;
        served.map_err(LenderError::Listen)
    }
}

type OwnNotary = (Notary, String, Vec<Key>);

async fn start_notary(config: &Config) -> Result<Option<OwnNotary>, LenderError> {
    let Some(notary) = &config.notary else { return Ok(None) };
    let keys = notary.settings.keys.iter().map(|path| Key::read(path)).collect::<Result<Vec<_>, _>>()?;
    let mut settings = notary.settings.config()?;
    if settings.routes.is_empty() {
        let trusted = Trusted::load(&config.trust, &config.folder, None)?;
        let domains = trusted.trust.templates.iter().map(|template| (template.domain.clone(), parlance_zktls_notary::Route::Public));
        settings.routes = domains.collect();
    }
    let listener = TcpListener::bind(notary.settings.listen).await.map_err(LenderError::Listen)?;
    let serving = Notary::serve(listener, settings)?;
    let address = notary.public_address(serving.address())?;
    Ok(Some((serving, address, keys)))
}

async fn tidy(app: Arc<App>) {
    loop {
        match (now(), app.lending().keep_time()) {
            (Ok(now), keep) => match app.store.tidy(now, keep).await {
                Ok((offers, files)) => {
                    app.metrics.tidied.with_label_values(&["offers"]).inc_by(offers);
                    app.metrics.tidied.with_label_values(&["files"]).inc_by(files);
                }
                Err(error) => tracing::warn!(%error, "tidying"),
            },
            (Err(error), _) => tracing::warn!(%error, "tidying"),
        }
        tokio::time::sleep(TIDY).await;
    }
}

fn router(site: Arc<Site>) -> Router {
    let mut router =
        Router::new().merge(api::routes()).merge(pages::routes()).route("/health", get(health)).route("/metrics", get(metrics));
    if site.app.config.staff.is_some() {
        router = router.merge(staff::routes());
    }
    router.fallback(pages::nothing_here).layer(from_fn_with_state(site.clone(), around)).with_state(site)
}

/// Headers on every answer, and the counting of answers.
async fn around(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    site.app.metrics.answers.with_label_values(&[route.as_str(), status.as_str()]).inc();
    tracing::debug!(route, status = status.as_u16(), "answered");
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 3] =
        [(CONTENT_SECURITY_POLICY, POLICY), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (REFERRER_POLICY, "same-origin")];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether database, chain and key are fine. Says no more than that.
async fn health(State(site): State<Arc<Site>>, client: Client) -> Response {
    if let Err(refusal) = site.admit(client, Wish::Page) {
        return api::problem(&site, &refusal.into());
    }
    let app = &site.app;
    let database = app.store.ping().await;
    let set = app.chain.attesters().await;
    let key = set.as_ref().map(|set| app.check_set(set.threshold, &set.attesters).is_ok()).unwrap_or_default();
    let fine = database.is_ok() && set.is_ok() && key;
    for error in database.as_ref().err().into_iter().chain(set.as_ref().err()) {
        tracing::warn!(%error, "health");
    }
    app.metrics.healthy.set(fine.into());
    let word = |fine| if fine { "ok" } else { "failing" };
    let body =
        serde_json::json!({ "status": word(fine), "database": word(database.is_ok()), "chain": word(set.is_ok()), "key": word(key) });
    let status = if fine { axum::http::StatusCode::OK } else { axum::http::StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(body)).into_response()
}

async fn metrics(State(site): State<Arc<Site>>) -> Response {
    match site.app.metrics.text() {
        Ok(text) => ([(axum::http::header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => api::problem(&site, &error),
    }
}

impl Site {
    pub(crate) fn admit(&self, client: Client, wish: Wish) -> Result<(), Refusal> {
        self.visitors.admit(client.0, wish, Instant::now())
    }

    /// A body of at most `most` bytes that comes in time.
    pub(crate) async fn body(&self, body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
        let patience = self.app.config.limits.patience;
        let too_large = || {
            let message = format!("the body has more than {most} bytes");
            Refusal::new(413, "too_large", message, "send the file that the wallet made, or a smaller request")
        };
        match tokio::time::timeout(Duration::from_secs(patience), axum::body::to_bytes(body, most)).await {
            Ok(Ok(bytes)) => Ok(bytes.into()),
            Ok(Err(_)) => Err(too_large()),
            Err(_) => Err(Refusal::malformed(format!("the body did not come within {patience} seconds"), "send it again")),
        }
    }
}

impl FromRequestParts<Arc<Site>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let peer = peer.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
        if !site.app.config.behind_proxy {
            return Ok(Self(peer));
        }
        // The last entry is the proxy's own; those before it are the client's to invent.
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
        Ok(Self(last.unwrap_or(peer)))
    }
}

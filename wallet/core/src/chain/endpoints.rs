//! Several JSON-RPC endpoints as one transport: order, health, timeouts, circuit breaking, and the chain id of each checked.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use alloy_json_rpc::{RequestPacket, ResponsePacket};
use alloy_transport::{TransportError, TransportErrorKind, TransportFut};
use parlance_effects::ChainId;
use tower::Service;
use url::Url;

use crate::error::{Result, WalletError};
use crate::tokens::clean;

/// Longest answer that is read, in bytes: a node can't fill the memory.
const MAX_ANSWER: usize = 48 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// After so many failures in a row an endpoint rests.
const TRIP_AFTER: u32 = 3;
const FIRST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(300);
/// A verified chain id is believed for so long.
const CHAIN_ID_TTL: Duration = Duration::from_secs(600);
const ROUNDS: u32 = 2;
const BACKOFF: Duration = Duration::from_millis(250);

/// The endpoints of one chain. Cheap to clone; clones share health.
#[derive(Clone, Debug)]
pub struct Endpoints {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    chain: ChainId,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    url: Url,
    client: reqwest::Client,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    failures: u32,
    resting_until: Option<Instant>,
    latency: Option<Duration>,
    chain: Option<(ChainId, Instant)>,
    last_error: Option<String>,
}

/// How an endpoint does, for `status` pages. Hosts only: paths can carry a person's API key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EndpointHealth {
    /// Host and port.
    pub host: String,
    /// Failures in a row.
    pub failures: u32,
    /// True while it is left alone after failures.
    pub resting: bool,
    /// Smoothed time of an answer, milliseconds.
    pub latency_ms: Option<u64>,
    /// The chain id that it reported, where it was asked.
    pub chain: Option<ChainId>,
    /// The last thing that went wrong.
    pub last_error: Option<String>,
}

/// What an endpoint said when it was asked for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointProbe {
    /// Host and port.
    pub host: String,
    /// Its newest block; `None` where it did not answer, which its health then tells.
    pub block: Option<u64>,
}

/// Why no endpoint gave an answer; travels inside a [`TransportError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointsError {
    #[error("{0}")]
    Offline(String),
    #[error("{endpoint} answers for chain {got}")]
    WrongChain { endpoint: String, got: ChainId },
}

enum Failure {
    /// Try the next one.
    Next(TransportError),
    WrongChain(ChainId),
}

impl Endpoints {
    /// # Errors
    ///
    /// [`WalletError::Config`] where there is no endpoint or the TLS set-up fails.
    pub fn new(chain: ChainId, urls: &[Url]) -> Result<Self> {
        let bad = |why: String| WalletError::Config { file: super::CONFIG_FILE.into(), why };
        if urls.is_empty() {
            return Err(bad(format!("chain {chain} has no endpoints")));
        }
        let endpoints = urls.iter().map(|url| {
            let client = http_client(url).map_err(|error| bad(error.to_string()))?;
            Ok(Endpoint { url: url.clone(), client, state: Mutex::default() })
        });
        Ok(Self { inner: Arc::new(Inner { chain, endpoints: endpoints.collect::<Result<_>>()? }) })
    }

    /// How each endpoint does, in order of preference.
    pub fn health(&self) -> Vec<EndpointHealth> {
        let now = Instant::now();
        self.inner.endpoints.iter().map(|endpoint| endpoint.health(now)).collect()
    }

    /// Asks each endpoint for its chain and its newest block, also those that rest.
    pub async fn probe(&self) -> Vec<EndpointProbe> {
        futures::future::join_all(self.inner.endpoints.iter().map(|endpoint| async {
            // A chain id that was believed for a while is asked for anew.
            endpoint.state().chain = None;
            let block = endpoint.block(self.inner.chain).await.ok();
            EndpointProbe { host: endpoint.host(), block }
        }))
        .await
    }

    /// Puts what is known from an earlier run: an endpoint that failed often begins at the end of the queue.
    pub(crate) fn remember(&self, earlier: &[EndpointHealth]) {
        for endpoint in &self.inner.endpoints {
            if let Some(known) = earlier.iter().find(|known| known.host == endpoint.host()) {
                let mut state = endpoint.state();
                state.failures = known.failures.min(TRIP_AFTER);
                state.latency = known.latency_ms.map(Duration::from_millis);
            }
        }
    }

    async fn send(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let mut last: Option<TransportError> = None;
        let mut wrong: Option<(String, ChainId)> = None;
        for round in 0..ROUNDS {
            if round > 0 {
                tokio::time::sleep(jittered(BACKOFF * 2u32.pow(round - 1))).await;
            }
            for endpoint in self.order(round > 0) {
                match endpoint.attempt(self.inner.chain, &request).await {
                    Ok(answer) if is_refusal_of_this_endpoint(&answer) => {
                        let error = answer.as_error().cloned().map(TransportError::ErrorResp);
                        last = last.or(error);
                    }
                    Ok(answer) => return Ok(answer),
                    Err(Failure::WrongChain(got)) => wrong = Some((endpoint.host(), got)),
                    Err(Failure::Next(error)) => last = Some(error),
                }
            }
            // Being told "no such method" by every node is an answer; asking again changes nothing.
            if matches!(last, Some(TransportError::ErrorResp(_))) {
                break;
            }
        }
        match (last, wrong) {
            (Some(error @ TransportError::ErrorResp(_)), _) => Err(error),
            (None, Some((endpoint, got))) => Err(TransportErrorKind::custom(EndpointsError::WrongChain { endpoint, got })),
            _ => Err(TransportErrorKind::custom(EndpointsError::Offline(self.account()))),
        }
    }

    /// Rested and healthy ones first, in order of preference. Where all rest, or when `all` are wanted, none is left out.
    fn order(&self, all: bool) -> Vec<&Endpoint> {
        let now = Instant::now();
        let mut order: Vec<_> = self.inner.endpoints.iter().map(|e| (e.rests(now), e.state().failures.min(TRIP_AFTER), e)).collect();
        order.sort_by_key(|(rests, failures, _)| (*rests, *failures));
        let some_ready = order.iter().any(|(rests, ..)| !rests);
        order.into_iter().filter(|(rests, ..)| all || !some_ready || !rests).map(|(.., e)| e).collect()
    }

    /// What each endpoint answered, in a sentence.
    fn account(&self) -> String {
        let each = self.inner.endpoints.iter().map(|endpoint| {
            let state = endpoint.state();
            format!("{}: {}", endpoint.host(), state.last_error.as_deref().unwrap_or("no answer"))
        });
        each.collect::<Vec<_>>().join("; ")
    }
}

impl Service<RequestPacket> for Endpoints {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

impl Endpoint {
    async fn attempt(&self, expected: ChainId, request: &RequestPacket) -> Result<ResponsePacket, Failure> {
        self.check_chain(expected).await?;
        let body = serde_json::to_vec(request).map_err(|error| Failure::Next(TransportError::SerError(error)))?;
        let begun = Instant::now();
        match self.post(body).await {
            Ok(answer) => {
                self.succeeded(begun.elapsed());
                Ok(answer)
            }
            Err(error) => {
                self.failed(&error.to_string());
                Err(Failure::Next(error))
            }
        }
    }

    /// Its newest block, after its chain was checked.
    async fn block(&self, expected: ChainId) -> Result<u64, Failure> {
        self.check_chain(expected).await?;
        let begun = Instant::now();
        let body = br#"{"jsonrpc":"2.0","id":0,"method":"eth_blockNumber","params":[]}"#.to_vec();
        let answer = self.post(body).await.and_then(|answer| quantity(&answer, "it does not say its newest block"));
        match answer {
            Ok(block) => {
                self.succeeded(begun.elapsed());
                Ok(block)
            }
            Err(error) => {
                self.failed(&error.to_string());
                Err(Failure::Next(error))
            }
        }
    }

    /// Asks for `eth_chainId` once in a while: an endpoint of another chain must never be believed.
    async fn check_chain(&self, expected: ChainId) -> Result<(), Failure> {
        let known = self.state().chain.filter(|(_, at)| at.elapsed() < CHAIN_ID_TTL);
        let got = match known {
            Some((got, _)) => got,
            None => {
                let body = br#"{"jsonrpc":"2.0","id":0,"method":"eth_chainId","params":[]}"#.to_vec();
                let begun = Instant::now();
                let answer = self.post(body).await.and_then(|answer| chain_id(&answer)).map_err(|error| {
                    self.failed(&error.to_string());
                    Failure::Next(error)
                })?;
                self.succeeded(begun.elapsed());
                self.state().chain = Some((answer, Instant::now()));
                answer
            }
        };
        if got == expected {
            return Ok(());
        }
        self.failed(&format!("it answers for chain {got}"));
        Err(Failure::WrongChain(got))
    }

    async fn post(&self, body: Vec<u8>) -> Result<ResponsePacket, TransportError> {
        let (status, bytes) = post_json(&self.client, &self.url, body).await?;
        let parsed = serde_json::from_slice::<ResponsePacket>(&bytes);
        match parsed {
            Ok(answer) => Ok(answer),
            Err(_) if status >= 400 => Err(TransportErrorKind::http_error(status, clean(&String::from_utf8_lossy(&bytes), 160))),
            Err(error) => Err(TransportError::DeserError { err: error, text: clean(&String::from_utf8_lossy(&bytes), 160) }),
        }
    }

    fn succeeded(&self, took: Duration) {
        let mut state = self.state();
        state.failures = 0;
        state.resting_until = None;
        state.last_error = None;
        state.latency = Some(state.latency.map_or(took, |old| (old * 3 + took) / 4));
    }

    fn failed(&self, why: &str) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        state.last_error = Some(clean(why, 200));
        if state.failures >= TRIP_AFTER {
            let rest = FIRST_REST.saturating_mul(2u32.saturating_pow((state.failures - TRIP_AFTER).min(10))).min(LONGEST_REST);
            state.resting_until = Some(Instant::now() + rest);
        }
        tracing::debug!(host = %self.host(), failures = state.failures, why, "endpoint failed");
    }

    fn rests(&self, now: Instant) -> bool {
        self.state().resting_until.is_some_and(|until| until > now)
    }

    fn health(&self, now: Instant) -> EndpointHealth {
        let resting = self.rests(now);
        let state = self.state();
        EndpointHealth {
            host: self.host(),
            failures: state.failures,
            resting,
            latency_ms: state.latency.map(|l| u64::try_from(l.as_millis()).unwrap_or(u64::MAX)),
            chain: state.chain.map(|(id, _)| id),
            last_error: state.last_error.clone(),
        }
    }

    fn host(&self) -> String {
        host_of(&self.url)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Host and port; paths and queries can carry a person's API key.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

pub(crate) fn http_client(url: &Url) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("parlance");
    // A proxy must not see, nor break, what stays on this machine.
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if local { builder.no_proxy().build() } else { builder.build() }
}

/// Posts JSON; gives status and body, never more than [`MAX_ANSWER`] bytes of it. Errors carry no URL.
pub(crate) async fn post_json(client: &reqwest::Client, url: &Url, body: Vec<u8>) -> Result<(u16, Vec<u8>), TransportError> {
    let custom = |error: reqwest::Error| {
        let words = if error.is_timeout() {
            "it did not answer in time".to_owned()
        } else if error.is_connect() {
            "it can't be reached".to_owned()
        } else {
            error.without_url().to_string()
        };
        TransportErrorKind::custom_str(&words)
    };
    let request = client.post(url.clone()).header("content-type", "application/json").body(body);
    let mut response = request.send().await.map_err(custom)?;
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(custom)? {
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return Err(TransportErrorKind::custom_str("its answer is too long"));
        }
        bytes.extend_from_slice(&chunk);
    }
    if status == 429 {
        return Err(TransportErrorKind::http_error(status, "it asks for fewer requests".into()));
    }
    Ok((status, bytes))
}

/// Missing method, rate limits and pruned state are of this endpoint; another may do better.
fn is_refusal_of_this_endpoint(answer: &ResponsePacket) -> bool {
    let Some(error) = answer.as_error() else {
        return false;
    };
    let words = error.message.to_lowercase();
    matches!(error.code, -32601 | -32005 | -32097 | 429)
        || (error.code != 3
            && [
                "rate limit",
                "too many requests",
                "unsupported method",
                "missing trie node",
                "header not found",
                "unauthorized",
                "api key",
            ]
            .iter()
            .any(|w| words.contains(w)))
}

fn chain_id(answer: &ResponsePacket) -> Result<ChainId, TransportError> {
    quantity(answer, "it does not say which chain it serves")
}

fn quantity(answer: &ResponsePacket, otherwise: &str) -> Result<u64, TransportError> {
    if let Some(error) = answer.as_error() {
        return Err(TransportErrorKind::custom_str(&clean(&error.message, 160)));
    }
    let text = answer.first_payload().and_then(|p| p.as_success()).map_or("", |raw| raw.get());
    let hex = text.trim().trim_matches('"').trim_start_matches("0x");
    u64::from_str_radix(hex, 16).map_err(|_| TransportErrorKind::custom_str(otherwise))
}

/// Between a half and three halves of it, so that many clients do not come back at once.
fn jittered(base: Duration) -> Duration {
    let mut byte = [0u8; 1];
    // Without entropy there is no jitter, which harms nobody.
    let _ = getrandom::fill(&mut byte);
    base / 2 + base * u32::from(byte[0]) / 256
}

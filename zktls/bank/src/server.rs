//! HTTP over TLS.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use http_body_util::{Either, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::{BankError, Config, Customer, Transfer, json};

type Chunks = stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>;
type Body = Either<Full<Bytes>, StreamBody<Chunks>>;

/// The longest a connection may last.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bank that is open. Dropping it closes it.
#[derive(Debug)]
pub struct Bank {
    address: SocketAddr,
    task: AbortHandle,
}

impl Bank {
    /// Serves at `listener` within the current runtime.
    pub fn open(listener: TcpListener, config: Config) -> Result<Self, BankError> {
        let address = listener.local_addr().map_err(BankError::Listen)?;
        let tls = TlsAcceptor::from(Arc::new(tls(&config)?));
        let task = tokio::spawn(serve(listener, tls, Arc::new(config))).abort_handle();
        Ok(Self { address, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn tls(config: &Config) -> Result<ServerConfig, BankError> {
    let provider = rustls::crypto::CryptoProvider {
        cipher_suites: config.suites.clone(),
        kx_groups: config.groups.clone(),
        ..rustls::crypto::ring::default_provider()
    };
    let mut tls = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(config.identity.chain.clone(), config.identity.clone_key())?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    tls.max_fragment_size = config.record;
    tls.send_tls13_tickets = config.tickets;
    tls.ignore_client_order = true;
    Ok(tls)
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, config: Arc<Config>) {
    // Connections end with the set, and so with the bank.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(tokio::time::timeout(PATIENCE, connection(stream, tls.clone(), config.clone())));
                }
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, config: Arc<Config>) {
    let stream = match tls.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => return tracing::debug!(%error, "handshake"),
    };
    let service = service_fn(|request| {
        let config = config.clone();
        async move {
            tokio::time::sleep(config.pause).await;
            answer(&request, &config)
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    if let Err(error) = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "connection");
    }
}

fn answer(request: &Request<Incoming>, config: &Config) -> Result<Response<Body>, BankError> {
    let (status, body) = content(request, config)?;
    let mut response = Response::new(frame(body, config.transfer));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn content(request: &Request<Incoming>, config: &Config) -> Result<(StatusCode, String), BankError> {
    let refuse = |status, why| json::error(why, config).map(|body| (status, body));
    let Some(customer) = customer(request, config) else {
        return refuse(StatusCode::UNAUTHORIZED, "wrong token");
    };
    if request.method() != Method::GET {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "only GET");
    }
    let path: Vec<&str> = request.uri().path().split('/').skip(1).collect();
    let body = match path.as_slice() {
        ["v1", "accounts"] => Some(json::accounts(&customer.accounts, config)?),
        ["v1", "accounts", id, "balance"] => customer.account(id).map(|account| json::account(account, config)).transpose()?,
        ["v1", "accounts", id, "transactions"] => customer.account(id).map(|account| json::transactions(account, config)).transpose()?,
        _ => None,
    };
    body.map_or_else(|| refuse(StatusCode::NOT_FOUND, "unknown"), |body| Ok((StatusCode::OK, body)))
}

fn customer<'a>(request: &Request<Incoming>, config: &'a Config) -> Option<&'a Customer> {
    let token = request.headers().get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    config.book.customer(token)
}

fn frame(body: String, transfer: Transfer) -> Body {
    match transfer {
        Transfer::Plain => Either::Left(Full::new(body.into())),
        Transfer::Chunked(size) => {
            let chunks: Vec<_> = body.as_bytes().chunks(size.max(1)).map(|chunk| Ok(Frame::data(Bytes::copy_from_slice(chunk)))).collect();
            Either::Right(StreamBody::new(stream::iter(chunks)))
        }
    }
}

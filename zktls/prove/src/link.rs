//! The way to the bank: a WebSocket to the notary.

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use futures::{SinkExt, StreamExt};
use parlance_zktls_protocol::relay::{Opening, Refusal, SUBPROTOCOL};
use parlance_zktls_protocol::{MAX_DOCUMENT, Notarized};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::{ProveError, Roots};

/// A notary that the wallet uses.
#[derive(Clone)]
pub struct Notary {
    address: String,
    uri: Uri,
    host: String,
    port: u16,
    secure: bool,
    keys: Vec<VerifyingKey>,
    roots: Roots,
}

impl Notary {
    /// At `address` (`wss://host/`, or `ws://` for one on this computer), signing with one of `keys`.
    pub fn new(address: &str, keys: Vec<VerifyingKey>) -> Result<Self, ProveError> {
        let wrong = || ProveError::Address { got: address.to_owned() };
        let uri: Uri = address.parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
        let here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let secure = match uri.scheme_str() {
            Some("wss") => true,
            // The commitment and the bank's name would be open to the network.
            Some("ws") if here => false,
            _ => return Err(wrong()),
        };
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { address: address.to_owned(), uri, host, port, secure, keys, roots: Roots::public() })
    }

    /// Whose own certificate leads to one of these roots.
    #[must_use]
    pub fn with_roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// As it was given.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The keys that it may sign with.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Whether one of the known keys signed.
    pub(crate) fn check(&self, notarized: &Notarized) -> Result<(), ProveError> {
        if self.keys.iter().any(|key| notarized.verify(key).is_ok()) {
            return Ok(());
        }
        Err(ProveError::Unexpected { got: format!("a signature with key {}", notarized.key), expected: "one with a key of its log" })
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, ProveError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(ProveError::Connect)?;
        stream.set_nodelay(true).map_err(ProveError::Connect)?;
        if !self.secure {
            return Ok(Box::new(stream));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(self.roots.store()?)
            .with_no_client_auth();
        let name = ServerName::try_from(self.host.clone()).map_err(|_| ProveError::Address { got: self.address.clone() })?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(ProveError::Connect)?;
        Ok(Box::new(stream))
    }
}

impl fmt::Debug for Notary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notary").field("address", &self.address).finish_non_exhaustive()
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A session's link.
pub(crate) struct Link(WebSocketStream<Box<dyn Stream>>);

impl Link {
    /// Connects and sends the opening.
    pub(crate) async fn open(notary: &Notary, opening: &Opening) -> Result<Self, ProveError> {
        let stream = notary.connect().await?;
        let mut request = notary.uri.clone().into_client_request()?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        let most = Some(MAX_DOCUMENT);
        let config = WebSocketConfig::default().write_buffer_size(0).max_message_size(most).max_frame_size(most);
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        let mut link = Self(socket);
        link.send(&opening.encode()?).await?;
        Ok(link)
    }

    /// Bytes for the bank; none is the end.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), ProveError> {
        match self.0.send(Message::Binary(Bytes::copy_from_slice(bytes))).await {
            Ok(()) => Ok(()),
            // A refusal may wait to be read.
            Err(error) => match self.receive().await {
                Err(refused @ ProveError::Refused(_)) => Err(refused),
                _ => Err(error.into()),
            },
        }
    }

    /// Bytes from the bank; none is its end.
    pub(crate) async fn receive(&mut self) -> Result<Bytes, ProveError> {
        let unexpected = |got: String| ProveError::Unexpected { got, expected: "bytes from the bank, or the signed recording" };
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    let known = Refusal::from_code(code.into()).map(ProveError::Refused);
                    return Err(known.unwrap_or_else(|| unexpected(format!("the end ({code} {reason:?})"))));
                }
                Some(Ok(other)) => return Err(unexpected(if other.is_close() { "the end".into() } else { "another message".into() })),
                Some(Err(error)) => return Err(error.into()),
                None => return Err(unexpected("the end".into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_websockets_only_on_this_computer() {
        for good in
            ["wss://notary.example/", "wss://notary.example:8444/relay", "ws://127.0.0.1:8444/", "ws://[::1]:8444/", "ws://localhost/"]
        {
            assert!(Notary::new(good, Vec::new()).is_ok(), "{good}");
        }
        for bad in [
            "ws://notary.example/",
            "https://notary.example/",
            "notary.example",
            "",
            "wss://",
            "ws://10.0.0.1/",
            "ws://localhost.evil.example/",
        ] {
            assert!(matches!(Notary::new(bad, Vec::new()), Err(ProveError::Address { .. })), "{bad}");
        }
    }
}

//! One session: opening, relay, signature.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::{SinkExt, StreamExt};
use parlance_zktls_protocol::relay::{Opening, Refusal, SUBPROTOCOL};
use parlance_zktls_protocol::{Direction, MAX_DOCUMENT, Notarized, Recording};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode};
use tokio_tungstenite::tungstenite::{self, Bytes, Message};

use crate::admission::Ticket;
use crate::dial::dial;
use crate::{Config, Limits, NotaryError};

/// A place among the sessions, or why there is none.
pub(crate) type Admitted = Result<Ticket, Refusal>;

/// How long a client may take to read the last message and close.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why a session has no signature.
enum End {
    /// The client is told.
    Refused(Refusal),
    /// There is nobody to tell.
    Left,
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// From the WebSocket's handshake to its close.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(stream: S, ticket: Admitted, config: &Config) {
    let opening_by = Instant::now() + config.limits.opening();
    let buffers = WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MAX_DOCUMENT)
        .max_message_size(Some(config.limits.to_bank))
        .max_frame_size(Some(config.limits.to_bank));
    let accepting = tokio_tungstenite::accept_hdr_async_with_config(stream, subprotocol, Some(buffers));
    let Ok(Ok(mut client)) = timeout_at(opening_by, accepting).await else {
        return tracing::debug!("no WebSocket");
    };
    let last = match notarize(&mut client, ticket, opening_by, config).await {
        Ok(document) => {
            if timeout(config.limits.idle(), client.send(Message::Binary(document.into()))).await.is_err() {
                return tracing::debug!("the client did not take its document");
            }
            CloseFrame { code: CloseCode::Normal, reason: "".into() }
        }
        Err(End::Refused(refusal)) => {
            tracing::info!(code = refusal.code(), "refused: {refusal}");
            CloseFrame { code: CloseCode::from(refusal.code()), reason: refusal.to_string().into() }
        }
        Err(End::Left) => return tracing::debug!("the client left"),
    };
    farewell(&mut client, last).await;
}

#[allow(clippy::result_large_err, reason = "the signature is tungstenite's")]
fn subprotocol(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let asked = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    if asked.flat_map(|list| list.split(',')).any(|name| name.trim() == SUBPROTOCOL) {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        return Ok(response);
    }
    let mut error = ErrorResponse::new(Some(format!("expected the WebSocket subprotocol {SUBPROTOCOL}; use a wallet of the same release")));
    *error.status_mut() = StatusCode::BAD_REQUEST;
    Err(error)
}

/// The encoded [`Notarized`].
async fn notarize<S: AsyncRead + AsyncWrite + Unpin>(
    client: &mut WebSocketStream<S>,
    ticket: Admitted,
    opening_by: Instant,
    config: &Config,
) -> Result<Vec<u8>, End> {
    let _ticket = ticket?;
    let opening = match timeout_at(opening_by, client.next()).await {
        Err(_) => return Err(Refusal::Late.into()),
        Ok(Some(Ok(Message::Binary(bytes)))) => Opening::decode(&bytes).map_err(|_| Refusal::Opening)?,
        Ok(Some(Ok(Message::Close(_))) | None) => return Err(End::Left),
        Ok(Some(_)) => return Err(Refusal::Opening.into()),
    };
    let route = *config.routes.get(&opening.domain).ok_or(Refusal::Domain)?;
    let opened = now().map_err(|_| Refusal::Key)?;
    // Before dialling: a session that nobody could sign is not worth a bank's time.
    let key = config.keys.spanning(opened, opened.saturating_add(config.limits.session)).ok_or(Refusal::Key)?;
    let deadline = Instant::now() + config.limits.session();
    let (bank, address) = dial(&opening.domain, route, &config.limits).await?;
    let recording =
        Recording { commitment: opening.commitment, domain: opening.domain, address, opened, closed: opened, chunks: Vec::new() };
    let mut relay = Relay { client, bank, recording, limits: &config.limits, deadline, to_bank: 0, to_client: 0 };
    relay.run().await?;
    let Relay { bank, mut recording, to_bank, to_client, .. } = relay;
    // The bank's connection is closed for good before the signature exists.
    drop(bank);
    recording.closed = now().map_err(|_| Refusal::Key)?;
    tracing::info!(domain = recording.domain, to_bank, to_client, "signed");
    let document = Notarized::sign(recording, key.signing()).and_then(|notarized| notarized.encode());
    Ok(document.map_err(|_| Refusal::TooMuch)?)
}

/// Both directions and what went through them.
struct Relay<'a, S> {
    client: &'a mut WebSocketStream<S>,
    bank: TcpStream,
    recording: Recording,
    limits: &'a Limits,
    deadline: Instant,
    to_bank: usize,
    to_client: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Relay<'_, S> {
    /// Until both directions are closed.
    async fn run(&mut self) -> Result<(), End> {
        let (mut client_open, mut bank_open) = (true, true);
        let mut buffer = vec![0; 16 << 10];
        let mut quiet_until = self.quiet_until();
        let mut linger_until = None;
        while client_open || bank_open {
            let wake = linger_until.unwrap_or(quiet_until).min(self.deadline);
            tokio::select! {
                // Time first: no flood holds it up. Then the bank: what it sent before the client went on is recorded before.
                biased;
                () = sleep_until(wake) => {
                    if Instant::now() >= self.deadline {
                        return Err(Refusal::TooLong.into());
                    }
                    // The wallet is done and the bank does not close: the notary does.
                    if linger_until.is_some() {
                        return self.send(&[]).await;
                    }
                    return Err(Refusal::Idle.into());
                }
                read = self.bank.read(&mut buffer), if bank_open => match read {
                    Ok(0) => {
                        bank_open = false;
                        self.send(&[]).await?;
                    }
                    // Some banks reset when they hear more after their own end.
                    Err(_) if !client_open => {
                        bank_open = false;
                        self.send(&[]).await?;
                    }
                    Err(_) => return Err(Refusal::Broken.into()),
                    Ok(length) => {
                        let bytes = buffer.get(..length).unwrap_or_default();
                        self.to_client += length;
                        self.record(Direction::ToClient, bytes)?;
                        self.send(bytes).await?;
                        quiet_until = self.quiet_until();
                    }
                },
                message = self.client.next() => match message {
                    Some(Ok(Message::Binary(bytes))) if client_open => {
                        quiet_until = self.quiet_until();
                        if bytes.is_empty() {
                            client_open = false;
                            linger_until = Some(Instant::now() + self.limits.linger());
                            let _ = self.bank.shutdown().await;
                        } else {
                            self.to_bank += bytes.len();
                            self.record(Direction::ToBank, &bytes)?;
                            self.forward(&bytes, bank_open).await?;
                        }
                    }
                    // Answered by tungstenite; no sign of life for the session.
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(tungstenite::Error::ConnectionClosed)) | None => return Err(End::Left),
                    Some(Ok(_)) => return Err(Refusal::Message.into()),
                    Some(Err(tungstenite::Error::Capacity(_))) => return Err(Refusal::TooMuch.into()),
                    Some(Err(_)) => return Err(End::Left),
                },
            }
        }
        Ok(())
    }

    fn quiet_until(&self) -> Instant {
        Instant::now() + self.limits.idle()
    }

    fn record(&mut self, direction: Direction, bytes: &[u8]) -> Result<(), Refusal> {
        self.recording.push(direction, bytes);
        let over =
            self.to_bank > self.limits.to_bank || self.to_client > self.limits.to_client || self.recording.chunks.len() > self.limits.turns;
        if over { Err(Refusal::TooMuch) } else { Ok(()) }
    }

    /// To the bank; lost when it has closed already.
    async fn forward(&mut self, bytes: &[u8], bank_open: bool) -> Result<(), End> {
        let by = self.quiet_until().min(self.deadline);
        match timeout_at(by, self.bank.write_all(bytes)).await {
            Err(_) => Err(Refusal::Idle.into()),
            Ok(Err(_)) if bank_open => Err(Refusal::Broken.into()),
            Ok(_) => Ok(()),
        }
    }

    /// To the client; nothing is its end.
    async fn send(&mut self, bytes: &[u8]) -> Result<(), End> {
        let by = self.quiet_until().min(self.deadline);
        let message = Message::Binary(Bytes::copy_from_slice(bytes));
        match timeout_at(by, self.client.send(message)).await {
            Err(_) => Err(Refusal::Idle.into()),
            Ok(Err(_)) => Err(End::Left),
            Ok(Ok(())) => Ok(()),
        }
    }
}

/// Closes, and reads for a moment: a socket that is dropped with unread bytes resets, and the last words would be lost.
async fn farewell<S: AsyncRead + AsyncWrite + Unpin>(client: &mut WebSocketStream<S>, last: CloseFrame) {
    let closing = async {
        if client.close(Some(last)).await.is_ok() {
            while let Some(Ok(_)) = client.next().await {}
        }
    };
    let _ = timeout(FAREWELL, closing).await;
}

fn now() -> Result<u64, NotaryError> {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).map_err(|_| NotaryError::Clock)
}

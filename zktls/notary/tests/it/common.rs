//! A notary with a key, banks that are no banks, and clients that are no wallets.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use futures::{SinkExt, StreamExt};
use parlance_zktls_notary::{Config, Key, Keys, Limits, Notary, Route};
use parlance_zktls_protocol::Commitment;
use parlance_zktls_protocol::relay::{Opening, Refusal, SUBPROTOCOL};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Bytes, Message};

pub const DOMAIN: &str = "api.bank.example";
pub const COMMITMENT: Commitment = Commitment([7; 32]);

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;
pub type Client = WebSocketStream<TcpStream>;

/// Limits that tests reach within a second or two.
pub fn limits() -> Limits {
    Limits { opening: 1, dial: 1, session: 20, idle: 10, linger: 1, client_rate: 1000, ..Limits::default() }
}

pub async fn notary(bank: SocketAddr, limits: Limits) -> Outcome<(Notary, VerifyingKey)> {
    let key = Key::generate("Test", 0, u64::MAX)?;
    let public = key.public().key;
    let config = Config { routes: [(DOMAIN.into(), Route::Local(bank))].into(), keys: Keys::new(vec![key]), limits, tls: None };
    Ok((Notary::serve(TcpListener::bind("127.0.0.1:0").await?, config)?, public))
}

/// A bank that answers each connection by `serve`.
pub async fn bank<F: Future<Output = ()> + Send>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream).await;
        }
    });
    Ok(address)
}

/// Sends everything back, and closes when the client does.
pub async fn echo(mut stream: TcpStream) {
    let (mut read, mut write) = stream.split();
    let _ = tokio::io::copy(&mut read, &mut write).await;
    let _ = write.shutdown().await;
}

/// Reads and says nothing.
pub async fn silent(mut stream: TcpStream) {
    let mut sink = Vec::new();
    let _ = stream.read_to_end(&mut sink).await;
    std::future::pending::<()>().await;
}

pub async fn connect(notary: &Notary) -> Outcome<Client> {
    let stream = TcpStream::connect(notary.address()).await?;
    let mut request = format!("ws://{}/", notary.address()).into_client_request()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    Ok(tokio_tungstenite::client_async(request, stream).await?.0)
}

/// Connected, with the opening sent.
pub async fn open(notary: &Notary) -> Outcome<Client> {
    let mut client = connect(notary).await?;
    let opening = Opening { commitment: COMMITMENT, domain: DOMAIN.into() };
    send(&mut client, &opening.encode()?).await?;
    Ok(client)
}

pub async fn send(client: &mut Client, bytes: &[u8]) -> Outcome {
    Ok(client.send(Message::Binary(Bytes::copy_from_slice(bytes))).await?)
}

/// The next binary message.
pub async fn receive(client: &mut Client) -> Outcome<Vec<u8>> {
    match tokio::time::timeout(Duration::from_secs(10), client.next()).await? {
        Some(Ok(Message::Binary(bytes))) => Ok(bytes.to_vec()),
        other => Err(format!("expected bytes, got {other:?}").into()),
    }
}

/// Why the notary closed; reads over what came before.
pub async fn refusal(client: &mut Client) -> Outcome<Refusal> {
    loop {
        match tokio::time::timeout(Duration::from_secs(10), client.next()).await? {
            Some(Ok(Message::Close(Some(frame)))) => {
                let refusal = Refusal::from_code(frame.code.into()).ok_or_else(|| format!("closed with {frame:?}"))?;
                assert_eq!(frame.reason.as_str(), refusal.to_string());
                return Ok(refusal);
            }
            Some(Ok(_)) => {}
            other => return Err(format!("expected a close frame, got {other:?}").into()),
        }
    }
}

//! Sessions that must not come about.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::*;
use futures::{SinkExt, StreamExt};
use parlance_zktls_bank::{Authority, Identity, Validity};
use parlance_zktls_notary::{Key, Route};
use parlance_zktls_protocol::Suite;
use parlance_zktls_protocol::relay::{Refusal, SUBPROTOCOL};
use parlance_zktls_prove::{Notary, ProveError, Roots, Stage};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

#[tokio::test]
async fn certificates_that_do_not_fit() -> Outcome {
    let domain = template()?.domain;
    let authority = Authority::new()?;
    for (identity, expected) in [
        (authority.issue("api.other-bank.example", Validity::Current)?, "not valid for name"),
        (authority.issue(&domain, Validity::Expired)?, "expired"),
        (authority.issue(&domain, Validity::Future)?, "not valid yet"),
        (Identity::self_signed(&domain)?, "invalid peer certificate"),
        (Authority::new()?.issue(&domain, Validity::Current)?, "invalid peer certificate"),
    ] {
        let mut world = world_with(Authority::new()?, identity, |_| {}).await?;
        world.roots = Roots::only(vec![authority.root().clone()]);
        let error = world.session().await.err().ok_or(expected)?;
        assert!(matches!(error, ProveError::Tls(_)) && error.to_string().contains(expected), "{error}");
    }
    // A root that nobody but the demo trusts.
    let mut world = world(|_| {}).await?;
    world.roots = Roots::public();
    assert!(matches!(world.session().await, Err(ProveError::Tls(_))));
    Ok(())
}

#[tokio::test]
async fn a_bank_without_a_common_suite() -> Outcome {
    let mut world = world(|config| config.suites = vec![parlance_zktls_bank::suites::AES_128_GCM]).await?;
    world.offer.suites = vec![Suite::ChaCha20Poly1305Sha256];
    assert!(matches!(world.session().await, Err(ProveError::Tls(_))));
    Ok(())
}

#[tokio::test]
async fn wrong_tokens_and_accounts_are_told_apart() -> Outcome {
    let mut world = world(|_| {}).await?;
    for (token, account, expected) in
        [("guess", ACCOUNT, "401; check the token"), (TOKEN, "00000000-0000-4000-8000-000000000000", "404; check the account's id")]
    {
        world.values = values(token, account);
        let error = world.session().await.err().ok_or(expected)?.to_string();
        assert!(error.contains(expected), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn values_that_the_alphabets_refuse_never_leave() -> Outcome {
    let mut world = world(|_| {}).await?;
    for (token, account) in [
        ("a\r\nHost: evil", ACCOUNT),
        ("a b", ACCOUNT),
        ("", ACCOUNT),
        ("t\u{e9}", ACCOUNT),
        (TOKEN, "../admin"),
        (TOKEN, "a%2e"),
        (TOKEN, ""),
    ] {
        world.values = values(token, account);
        let (outcome, stages) = world.stages(None).await;
        assert!(matches!(outcome, Err(ProveError::Protocol(_))), "{token:?} {account:?}");
        assert!(stages.is_empty(), "nothing is dialled");
        let said = outcome.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(token.is_empty() || !said.contains(token), "{said}");
    }
    world.values = values(TOKEN, ACCOUNT).with("extra", "1");
    assert!(matches!(world.session().await, Err(ProveError::Protocol(_))));
    Ok(())
}

#[tokio::test]
async fn cancelled_at_every_stage() -> Outcome {
    let world = world(|config| config.pause = Duration::from_millis(300)).await?;
    let all = [Stage::Connecting, Stage::Handshake, Stage::Asking, Stage::Reading, Stage::Notarizing, Stage::Checking];
    let (outcome, stages) = world.stages(None).await;
    outcome?;
    assert_eq!(stages, all);
    for stage in all {
        let (outcome, stages) = world.stages(Some(stage)).await;
        assert!(matches!(outcome, Err(ProveError::Cancelled)), "{stage:?}");
        assert_eq!(stages.last(), Some(&stage));
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_bank_ends_with_the_patience() -> Outcome {
    let mut world = world(|config| config.pause = Duration::from_secs(30)).await?;
    world.patience = 1;
    let begun = Instant::now();
    assert!(matches!(world.session().await, Err(ProveError::TooLong(1))));
    assert!(begun.elapsed() < Duration::from_secs(5));
    Ok(())
}

#[tokio::test]
async fn refusals_of_the_notary_are_heard() -> Outcome {
    let mut world = world(|_| {}).await?;
    world.template.domain = "api.unlisted-bank.example".into();
    assert!(matches!(world.session().await, Err(ProveError::Refused(Refusal::Domain))));
    let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let world = world_of(Authority::new()?, None, Route::Local(closed), None).await?;
    assert!(matches!(world.session().await, Err(ProveError::Refused(Refusal::Unreachable))));
    Ok(())
}

#[tokio::test]
async fn a_signature_by_another_key() -> Outcome {
    let mut world = world(|_| {}).await?;
    let other = Key::generate("Other", 0, u64::MAX)?.public().key;
    world.notary = Notary::new(world.notary.address(), vec![other])?;
    assert!(matches!(world.session().await, Err(ProveError::Unexpected { .. })));
    Ok(())
}

/// A notary with the right key that signs something else: it hands on the document of an earlier session.
#[tokio::test]
async fn the_recording_of_another_session() -> Outcome {
    let mut world = world(|_| {}).await?;
    let earlier = Arc::new(world.session().await?.notarized.encode()?);
    let upstream = world.notary.address().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let proxy = format!("ws://localhost:{}/", listener.local_addr()?.port());
    tokio::spawn(swap(listener, upstream, earlier));
    world.notary = Notary::new(&proxy, world.notary.keys().to_vec())?;
    let error = world.session().await.err().ok_or("accepted")?.to_string();
    assert!(error.contains("a recording of something else"), "{error}");
    Ok(())
}

async fn swap(listener: TcpListener, upstream: String, document: Arc<Vec<u8>>) -> Option<()> {
    let (stream, _) = listener.accept().await.ok()?;
    #[allow(clippy::result_large_err, reason = "the signature is tungstenite's")]
    let protocol = |_: &Request, mut response: Response| {
        response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
        Ok(response)
    };
    let mut wallet = tokio_tungstenite::accept_hdr_async(stream, protocol).await.ok()?;
    let mut request = upstream.clone().into_client_request().ok()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    let address = upstream.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    let (mut notary, _) = tokio_tungstenite::client_async(request, TcpStream::connect(address).await.ok()?).await.ok()?;
    loop {
        tokio::select! {
            message = wallet.next() => notary.send(message?.ok()?).await.ok()?,
            message = notary.next() => {
                let message = message?.ok()?;
                let is_document = message.clone().into_data().starts_with(b"PZKT");
                let message = if is_document { Message::binary(document.to_vec()) } else { message };
                wallet.send(message).await.ok()?;
            }
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_shown() -> Outcome {
    let world = world(|_| {}).await?;
    let session = world.session().await?;
    let plan = format!("{:?} {:#?}", world.plan(), world.values);
    let shown = format!("{session:?} {:#?} {:?}", session, session.secret);
    for secret in [TOKEN, ACCOUNT, "12345.67"] {
        assert!(!plan.contains(secret) && !shown.contains(secret), "{secret}");
    }
    for bytes in [session.secret.bytes(), &*session.shts] {
        let listed = format!("{bytes:?}");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!shown.contains(listed.trim_matches(['[', ']'])) && !shown.contains(&hex));
    }
    Ok(())
}

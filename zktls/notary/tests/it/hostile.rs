//! Clients and banks that mean no good are bounded, each in its way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::common::*;
use futures::SinkExt;
use parlance_zktls_notary::{Config, Key, Keys, Limits, Notary, Route};
use parlance_zktls_protocol::relay::{Opening, Refusal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn without_a_commitment_and_a_listed_domain_nothing_is_dialled() -> Outcome {
    let dialled = Arc::new(AtomicUsize::new(0));
    let counter = dialled.clone();
    let bank = bank(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        std::future::ready(())
    })
    .await?;
    let (notary, _) = notary(bank, limits()).await?;
    let opening = |domain: &str| Opening { commitment: COMMITMENT, domain: domain.into() }.encode();
    let mut truncated = opening(DOMAIN)?;
    truncated.pop();
    let other = opening("api.other.example")?;
    for (first, expected) in [
        (Message::text("hello"), Refusal::Opening),
        (Message::binary(vec![]), Refusal::Opening),
        (Message::binary(b"\x16\x03\x01".to_vec()), Refusal::Opening),
        (Message::binary(truncated), Refusal::Opening),
        (Message::binary(other), Refusal::Domain),
    ] {
        let mut client = connect(&notary).await?;
        client.send(first.clone()).await?;
        assert_eq!(refusal(&mut client).await?, expected, "{first:?}");
    }
    let mut client = connect(&notary).await?;
    assert_eq!(refusal(&mut client).await?, Refusal::Late);
    assert_eq!(dialled.load(Ordering::SeqCst), 0);
    Ok(())
}

#[tokio::test]
async fn a_wallet_of_another_release_hears_why() -> Outcome {
    let (notary, _) = notary(bank(echo).await?, limits()).await?;
    let stream = TcpStream::connect(notary.address()).await?;
    let error = tokio_tungstenite::client_async(format!("ws://{}/", notary.address()), stream).await.err().ok_or("accepted")?;
    assert!(error.to_string().contains("400"), "{error}");
    Ok(())
}

#[tokio::test]
async fn too_much_is_refused_in_every_way() -> Outcome {
    let small = Limits { to_bank: 1000, to_client: 1000, turns: 8, ..limits() };
    let (notary, _) = notary(bank(echo).await?, small).await?;
    // One message, many messages, many turns.
    let mut client = open(&notary).await?;
    send(&mut client, &[0; 1001]).await?;
    assert_eq!(refusal(&mut client).await?, Refusal::TooMuch);
    let mut client = open(&notary).await?;
    for _ in 0..11 {
        let _ = send(&mut client, &[0; 100]).await;
    }
    assert_eq!(refusal(&mut client).await?, Refusal::TooMuch);
    let mut client = open(&notary).await?;
    for _ in 0..4 {
        send(&mut client, b"ping").await?;
        assert_eq!(receive(&mut client).await?, b"ping");
    }
    send(&mut client, b"ping").await?;
    assert_eq!(refusal(&mut client).await?, Refusal::TooMuch);
    Ok(())
}

#[tokio::test]
async fn a_flood_from_the_bank_is_cut_off() -> Outcome {
    let flood = |mut stream: TcpStream| async move { while stream.write_all(&[0; 4096]).await.is_ok() {} };
    let (notary, _) = notary(bank(flood).await?, limits()).await?;
    assert_eq!(refusal(&mut open(&notary).await?).await?, Refusal::TooMuch);
    Ok(())
}

#[tokio::test]
async fn silence_ends_even_among_pings() -> Outcome {
    let (notary, _) = notary(bank(silent).await?, Limits { idle: 1, ..limits() }).await?;
    let mut client = open(&notary).await?;
    let begun = Instant::now();
    for _ in 0..8 {
        let _ = client.send(Message::Ping(vec![0; 8].into())).await;
        sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(refusal(&mut client).await?, Refusal::Idle);
    assert!(begun.elapsed() < Duration::from_secs(5));
    Ok(())
}

#[tokio::test]
async fn a_drip_ends_with_the_session() -> Outcome {
    let (notary, _) = notary(bank(echo).await?, Limits { session: 2, ..limits() }).await?;
    let mut client = open(&notary).await?;
    for _ in 0..12 {
        let _ = send(&mut client, b".").await;
        sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(refusal(&mut client).await?, Refusal::TooLong);
    Ok(())
}

#[tokio::test]
async fn other_messages_and_bytes_after_the_end_are_refused() -> Outcome {
    let (notary, _) = notary(bank(silent).await?, Limits { linger: 5, ..limits() }).await?;
    let mut client = open(&notary).await?;
    client.send(Message::text("hello")).await?;
    assert_eq!(refusal(&mut client).await?, Refusal::Message);
    let mut client = open(&notary).await?;
    send(&mut client, b"").await?;
    send(&mut client, b"more").await?;
    assert_eq!(refusal(&mut client).await?, Refusal::Message);
    Ok(())
}

/// A place is free again: with one in all, another session gets it.
async fn freed(notary: &Notary) -> Outcome {
    for _ in 0..50 {
        let mut client = open(notary).await?;
        let _ = send(&mut client, b"hello").await;
        if receive(&mut client).await.is_ok_and(|bytes| bytes == b"hello") {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Err("no place became free".into())
}

#[tokio::test]
async fn places_become_free_when_clients_vanish() -> Outcome {
    let one = Limits { sessions: 1, idle: 1, ..limits() };
    let (notary, _) = notary(bank(echo).await?, one).await?;
    // Gone without a close frame.
    drop(open(&notary).await?);
    freed(&notary).await?;
    // Connected, and nothing more.
    let _quiet = TcpStream::connect(notary.address()).await?;
    freed(&notary).await?;
    // A handshake in drops.
    let mut slow = TcpStream::connect(notary.address()).await?;
    slow.write_all(b"GET / HTTP/1.1\r\n").await?;
    freed(&notary).await?;
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(3), slow.read_to_end(&mut rest)).await?;
    // Half a frame, and nothing more.
    let mut half = open(&notary).await?;
    half.get_mut().write_all(&[0x82, 0xff]).await?;
    freed(&notary).await
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() -> Outcome {
    let wide = Limits { sessions: 1, idle: 1, to_client: 1 << 30, ..limits() };
    let answers = Arc::new(AtomicUsize::new(0));
    // The first connection is a flood, the others echo.
    let bank = bank(move |mut stream| {
        let first = answers.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if first {
                tokio::spawn(async move { while stream.write_all(&[0; 1 << 16]).await.is_ok() {} });
            } else {
                echo(stream).await;
            }
        }
    })
    .await?;
    let (notary, _) = notary(bank, wide).await?;
    let _unread = open(&notary).await?;
    sleep(Duration::from_millis(300)).await;
    freed(&notary).await
}

#[tokio::test]
async fn sessions_are_counted() -> Outcome {
    let bank = bank(|stream| async move {
        tokio::spawn(silent(stream));
    })
    .await?;
    let (few, _) = notary(bank, Limits { client_sessions: 2, ..limits() }).await?;
    let kept = [open(&few).await?, open(&few).await?];
    assert_eq!(refusal(&mut connect(&few).await?).await?, Refusal::AtOnce);
    drop(kept);
    let (rate, _) = notary(bank, Limits { client_rate: 2, ..limits() }).await?;
    drop([connect(&rate).await?, connect(&rate).await?]);
    assert_eq!(refusal(&mut connect(&rate).await?).await?, Refusal::TooOften);
    let (busy, _) = notary(bank, Limits { sessions: 1, ..limits() }).await?;
    let _kept = open(&busy).await?;
    assert_eq!(refusal(&mut connect(&busy).await?).await?, Refusal::Busy);
    Ok(())
}

#[tokio::test]
async fn banks_that_fail_and_keys_that_ended_leave_no_signature() -> Outcome {
    let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let (nobody, _) = notary(closed, limits()).await?;
    assert_eq!(refusal(&mut open(&nobody).await?).await?, Refusal::Unreachable);

    let reset = bank(|mut stream| async move {
        let _ = stream.read_u8().await;
        let _ = stream.set_zero_linger();
    })
    .await?;
    let (broken, _) = notary(reset, limits()).await?;
    let mut client = open(&broken).await?;
    send(&mut client, b"hello").await?;
    assert_eq!(refusal(&mut client).await?, Refusal::Broken);

    let keys = Keys::new(vec![Key::generate("Test", 0, 1)?]);
    let config = Config { routes: [(DOMAIN.into(), Route::Local(closed))].into(), keys, limits: limits(), tls: None };
    let keyless = Notary::serve(TcpListener::bind("127.0.0.1:0").await?, config)?;
    assert_eq!(refusal(&mut open(&keyless).await?).await?, Refusal::Key);
    Ok(())
}

#[tokio::test]
async fn a_name_without_a_public_address_is_not_dialled() -> Outcome {
    let keys = Keys::new(vec![Key::generate("Test", 0, u64::MAX)?]);
    let routes = [("inner.localhost".into(), Route::Public)].into();
    let notary = Notary::serve(TcpListener::bind("127.0.0.1:0").await?, Config { routes, keys, limits: limits(), tls: None })?;
    let mut client = connect(&notary).await?;
    send(&mut client, &Opening { commitment: COMMITMENT, domain: "inner.localhost".into() }.encode()?).await?;
    assert_eq!(refusal(&mut client).await?, Refusal::Unreachable);
    Ok(())
}

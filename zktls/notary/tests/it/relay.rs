//! What is relayed is what is signed.

use crate::common::*;
use futures::StreamExt;
use parlance_zktls_notary::{Limits, Route, Settings};
use parlance_zktls_protocol::{Direction, Notarized};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn both_directions_are_signed_in_their_order() -> Outcome {
    let bank = bank(echo).await?;
    let (notary, key) = notary(bank, limits()).await?;
    let mut client = open(&notary).await?;
    for text in ["first", "second"] {
        send(&mut client, text.as_bytes()).await?;
        assert_eq!(receive(&mut client).await?, text.as_bytes());
    }
    send(&mut client, b"").await?;
    assert_eq!(receive(&mut client).await?, b"", "the bank's end");
    let notarized = Notarized::decode(&receive(&mut client).await?)?;
    notarized.verify(&key)?;
    let recording = &notarized.recording;
    assert_eq!((recording.commitment, recording.domain.as_str(), recording.address), (COMMITMENT, DOMAIN, bank));
    assert!(recording.opened <= recording.closed);
    let chunks: Vec<_> = recording.chunks.iter().map(|chunk| (chunk.direction, chunk.bytes.as_slice())).collect();
    let (out, back) = (Direction::ToBank, Direction::ToClient);
    assert_eq!(chunks, [(out, &b"first"[..]), (back, b"first"), (out, b"second"), (back, b"second")]);
    assert!(matches!(client.next().await, Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 1000));
    Ok(())
}

#[tokio::test]
async fn a_bank_that_closes_first_is_signed_when_the_wallet_closes() -> Outcome {
    let bank = bank(|mut stream| async move {
        let _ = stream.write_all(b"bye").await;
    })
    .await?;
    let (notary, key) = notary(bank, limits()).await?;
    let mut client = open(&notary).await?;
    assert_eq!(receive(&mut client).await?, b"bye");
    assert_eq!(receive(&mut client).await?, b"");
    // Too late for the bank, yet recorded: the verifier decides.
    send(&mut client, b"alert").await?;
    send(&mut client, b"").await?;
    let notarized = Notarized::decode(&receive(&mut client).await?)?;
    notarized.verify(&key)?;
    assert_eq!(notarized.recording.chunks.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_bank_that_never_closes_is_closed_after_a_moment() -> Outcome {
    let (notary, key) = notary(bank(silent).await?, Limits { linger: 1, ..limits() }).await?;
    let mut client = open(&notary).await?;
    send(&mut client, b"hello").await?;
    send(&mut client, b"").await?;
    assert_eq!(receive(&mut client).await?, b"");
    Notarized::decode(&receive(&mut client).await?)?.verify(&key)?;
    Ok(())
}

#[test]
fn the_example_settings_are_read() -> Outcome {
    let settings = Settings::read(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/notary.toml")))?;
    assert_eq!(settings.limits, Limits::default());
    assert!(settings.config().is_err(), "there is no key file");
    let config = Settings { keys: Vec::new(), ..settings }.config()?;
    assert_eq!(config.routes.get("api.wise.com"), Some(&Route::Public));
    assert_eq!(config.routes.get("api.demo-bank.example"), Some(&Route::Local("127.0.0.1:8443".parse()?)));
    Ok(())
}

//! Whole sessions: wallet, notary and bank.

use std::time::Duration;

use crate::common::*;
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{Aead, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;
use hmac::{Hmac, Mac};
use parlance_zktls_bank::{Layout, Transfer, groups, suites};
use parlance_zktls_protocol::{Direction, Suite};
use parlance_zktls_prove::{BankSession, Group};
use sha2::{Digest, Sha256};

const BALANCE: &str = r#""balance":{"amount":"12345.67","currency":"EUR"}"#;

#[tokio::test]
async fn both_suites_with_both_groups() -> Outcome {
    for (suite, banks) in [(Suite::Aes128GcmSha256, suites::AES_128_GCM), (Suite::ChaCha20Poly1305Sha256, suites::CHACHA20_POLY1305)] {
        for (group, banks_group) in [(Group::X25519, groups::X25519), (Group::Secp256r1, groups::SECP256R1)] {
            let mut world = world(|config| {
                config.suites = vec![banks];
                config.groups = vec![banks_group];
            })
            .await?;
            world.offer.groups = vec![group];
            let session = world.session().await?;
            assert_eq!((session.facts.suite, session.facts.retried), (suite, false));
            assert!(body(&session)?.contains(BALANCE));
            keys_open_all(&session)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn after_a_hello_retry_request() -> Outcome {
    for banks in [suites::AES_128_GCM, suites::CHACHA20_POLY1305] {
        let world = world(|config| {
            config.suites = vec![banks];
            config.groups = vec![groups::SECP256R1];
        })
        .await?;
        let session = world.session().await?;
        assert!(session.facts.retried);
        assert!(body(&session)?.contains(BALANCE));
        keys_open_all(&session)?;
    }
    Ok(())
}

#[tokio::test]
async fn fragmented_chunked_and_indented() -> Outcome {
    let world = world(|config| {
        config.record = Some(96);
        config.transfer = Transfer::Chunked(50);
        config.layout = Layout::Pretty;
        config.transactions = 2;
        config.tickets = 3;
    })
    .await?;
    let session = world.session().await?;
    assert!(session.facts.response.len() > 3, "{}", session.facts.response.len());
    assert!(body(&session)?.starts_with("32\r\n{\n") && body(&session)?.ends_with("\r\n0\r\n\r\n"));
    // A ticket may itself come in several records.
    assert!(session.tickets >= 3, "{}", session.tickets);
    keys_open_all(&session)
}

#[tokio::test]
async fn without_tickets_the_answer_comes_first() -> Outcome {
    let world = world(|config| config.tickets = 0).await?;
    let session = world.session().await?;
    assert_eq!((session.tickets, session.facts.tickets.len()), (0, 0));
    keys_open_all(&session)
}

#[tokio::test]
async fn the_recording_is_for_this_session_and_the_request_stands_whole() -> Outcome {
    let world = world(|config| config.pause = Duration::from_millis(50)).await?;
    let session = world.session().await?;
    let recording = &session.notarized.recording;
    assert_eq!((recording.commitment, &recording.domain), (COMMITMENT, &world.template.domain));
    assert_eq!(recording.chunks.first().map(|chunk| chunk.direction), Some(Direction::ToBank));
    let request = std::str::from_utf8(&session.request)?;
    assert!(request.starts_with(&format!("GET /v1/accounts/{ACCOUNT}/balance HTTP/1.1\r\n")), "the path");
    assert!(request.contains(&format!("\r\nAuthorization: Bearer {TOKEN}\r\n")) && request.ends_with("\r\n\r\n"));
    let holes: Vec<_> = session.holes.iter().map(|hole| (hole.name.as_str(), usize::from(hole.length))).collect();
    assert_eq!(holes, [("account", ACCOUNT.len()), ("credential", TOKEN.len())]);
    assert_eq!(session.facts.request.len(), 1);
    Ok(())
}

/// All application records follow from the handshake secret, as the circuit will derive it: encrypting what the wallet read
/// gives the recorded bytes.
fn keys_open_all(session: &BankSession) -> Outcome {
    let derived = expand(session.secret.bytes(), "derived", &Sha256::digest([]), 32)?;
    let master = hmac(&derived, &[&[0; 32]])?;
    let secret = |label| expand(&master, label, &session.facts.th2, 32);
    let (client, server) = (secret("c ap traffic")?, secret("s ap traffic")?);
    let [request] = session.facts.request.as_slice() else { return Err("one record".into()) };
    assert_eq!(seal(session.facts.suite, &client, 0, &session.request, 23)?, request.bytes);
    let mut rest = session.response.as_slice();
    for record in &session.facts.response {
        // A final alert follows the answer.
        let Some((text, after)) = (!rest.is_empty()).then(|| rest.split_at_checked(record.content_length())).flatten() else { break };
        assert_eq!(seal(session.facts.suite, &server, record.sequence, text, 23)?, record.bytes);
        rest = after;
    }
    assert!(rest.is_empty(), "{} bytes are in no record", rest.len());
    assert_eq!(session.facts.response.first().map(|record| record.sequence), Some(session.tickets.into()));
    Ok(())
}

fn seal(suite: Suite, secret: &[u8], sequence: u64, text: &[u8], kind: u8) -> Outcome<Vec<u8>> {
    let mut nonce: [u8; 12] = expand(secret, "iv", &[], 12)?.try_into().map_err(|_| "an IV of another length")?;
    nonce.iter_mut().rev().zip(sequence.to_le_bytes()).for_each(|(byte, number)| *byte ^= number);
    let key = expand(secret, "key", &[], suite.key_length().into())?;
    let plain = [text, &[kind]].concat();
    let sealed = match suite {
        Suite::Aes128GcmSha256 => Aes128Gcm::new_from_slice(&key)?.encrypt(&nonce.into(), plain.as_slice()),
        Suite::ChaCha20Poly1305Sha256 => ChaCha20Poly1305::new_from_slice(&key)?.encrypt(&nonce.into(), plain.as_slice()),
    };
    let mut sealed = sealed.map_err(|error| error.to_string())?;
    sealed.truncate(plain.len());
    Ok(sealed)
}

fn expand(secret: &[u8], label: &str, context: &[u8], length: usize) -> Outcome<Vec<u8>> {
    let label = [b"tls13 ", label.as_bytes()].concat();
    let info =
        [&u16::try_from(length)?.to_be_bytes(), &[u8::try_from(label.len())?][..], &label, &[u8::try_from(context.len())?], context, &[1]];
    let mut block = hmac(secret, &info)?;
    block.truncate(length);
    Ok(block)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Outcome<Vec<u8>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key)?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().to_vec())
}

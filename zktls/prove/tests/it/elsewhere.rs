//! Over wss://, and with a bank that is no rustls.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::common::*;
use parlance_zktls_bank::{Authority, Bank, Book, Config, Validity};
use parlance_zktls_notary::Route;
use parlance_zktls_protocol::Suite;
use parlance_zktls_prove::{ProveError, Roots};
use rustls::ServerConfig;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_notary_behind_tls() -> Outcome {
    let authority = Authority::new()?;
    let bank = Config::new(authority.issue(&template()?.domain, Validity::Current)?, Book::demo()?);
    let bank = Bank::open(TcpListener::bind("127.0.0.1:0").await?, bank)?;
    let own = authority.issue("localhost", Validity::Current)?;
    let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(own.chain, own.key)?;
    let route = Route::Local(bank.address());
    let mut world = world_of(authority, Some(bank), route, Some(Arc::new(tls))).await?;
    world.session().await?;
    world.notary = world.notary.clone().with_roots(Roots::public());
    assert!(matches!(world.session().await, Err(ProveError::Connect(_))), "its certificate is checked");
    Ok(())
}

/// OpenSSL's test server; it serves files as whole HTTP answers.
struct OpenSsl(Child);

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn openssl(folder: &std::path::Path, authority: &Authority, suite: Suite, group: &str) -> Outcome<(OpenSsl, SocketAddr)> {
    let identity = authority.issue(&template()?.domain, Validity::Current)?;
    std::fs::write(folder.join("certificate.der"), identity.chain.first().ok_or("no leaf")?)?;
    std::fs::write(folder.join("key.der"), identity.key.secret_der())?;
    let answers = folder.join("v1/accounts").join(ACCOUNT);
    std::fs::create_dir_all(&answers)?;
    let body = format!(r#"{{"id":"{ACCOUNT}","type":"current-account","balance":{{"amount":"12.50","currency":"EUR"}}}}"#);
    std::fs::write(answers.join("balance"), format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))?;
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let server = Command::new("openssl")
        .args([
            "s_server",
            "-quiet",
            "-HTTP",
            "-tls1_3",
            "-certform",
            "DER",
            "-cert",
            "certificate.der",
            "-keyform",
            "DER",
            "-key",
            "key.der",
        ])
        .args(["-accept", &address.to_string(), "-ciphersuites", suite.name(), "-groups", group])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let server = OpenSsl(server);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Ok((server, address));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("openssl s_server does not listen".into())
}

#[tokio::test]
async fn a_bank_of_openssl() -> Outcome {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: there is no openssl here");
        return Ok(());
    }
    for (suite, group, retried) in [(Suite::Aes128GcmSha256, "X25519", false), (Suite::ChaCha20Poly1305Sha256, "P-256", true)] {
        let (folder, authority) = (tempfile::tempdir()?, Authority::new()?);
        let (_server, address) = openssl(folder.path(), &authority, suite, group).await?;
        let world = world_of(authority, None, Route::Local(address), None).await?;
        let session = world.session().await?;
        assert_eq!((session.facts.suite, session.facts.retried), (suite, retried));
        assert!(body(&session)?.contains("12.50"));
        assert_eq!(session.tickets, 2, "OpenSSL sends two before the answer");
    }
    Ok(())
}

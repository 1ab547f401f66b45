//! What the bank answers, over its own TLS.

use std::error::Error;
use std::sync::Arc;

use parlance_zktls_bank::{Amounts, Authority, Bank, Book, Config, Layout, Transfer, Validity};
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

const DOMAIN: &str = "api.demo-bank.example";
const ADA: &str = "demo-token-ada-4f0c6a1e9b7d";
const MALLORY: &str = "demo-token-mallory-93aa51c07f22";
const ADAS: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const MALLORYS: &str = "6fa459ea-ee8a-4ca4-894e-db77e160355e";

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

struct Demo {
    bank: Bank,
    client: TlsConnector,
}

async fn open(change: impl FnOnce(&mut Config)) -> Outcome<Demo> {
    let authority = Authority::new()?;
    let mut config = Config::new(authority.issue(DOMAIN, Validity::Current)?, Book::demo()?);
    change(&mut config);
    let bank = Bank::open(TcpListener::bind("127.0.0.1:0").await?, config)?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.root().clone())?;
    let client = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Demo { bank, client: TlsConnector::from(Arc::new(client)) })
}

impl Demo {
    /// Head and body as they came.
    async fn get(&self, path: &str, token: &str) -> Outcome<(String, String)> {
        let stream = TcpStream::connect(self.bank.address()).await?;
        let mut stream = self.client.connect(ServerName::try_from(DOMAIN)?, stream).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no head")?;
        Ok((head.to_owned(), body.to_owned()))
    }
}

#[tokio::test]
async fn gives_a_balance_to_the_token_only() -> Outcome {
    let demo = open(|_| {}).await?;
    let (head, body) = demo.get(&format!("/v1/accounts/{ADAS}/balance"), ADA).await?;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let expected = r#"{"nickname":"Everyday","id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","type":"current-account","balance":{"amount":"12345.67","currency":"EUR"}}"#;
    assert_eq!(body, expected);
    assert!(demo.get(&format!("/v1/accounts/{ADAS}/balance"), "guess").await?.0.starts_with("HTTP/1.1 401 "));
    for path in [format!("/v1/accounts/{MALLORYS}/balance"), format!("/v1/accounts/{}/balance", ADAS.to_uppercase()), "/".into()] {
        assert!(demo.get(&path, ADA).await?.0.starts_with("HTTP/1.1 404 "), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn writes_amounts_in_four_forms() -> Outcome {
    for (amounts, text) in [
        (Amounts::Decimal, r#""amount":"12345.67""#),
        (Amounts::DecimalNumber, r#""amount":12345.67"#),
        (Amounts::Minor, r#""amount":"1234567""#),
        (Amounts::MinorNumber, r#""amount":1234567"#),
    ] {
        let demo = open(|config| config.amounts = amounts).await?;
        let (_, body) = demo.get("/v1/accounts", ADA).await?;
        assert!(body.contains(text), "{body}");
        assert_eq!(serde_json::from_str::<Value>(&body)?.as_array().map(Vec::len), Some(3));
    }
    Ok(())
}

#[tokio::test]
async fn hostile_texts_stay_texts() -> Outcome {
    for layout in [Layout::Minified, Layout::Pretty] {
        let demo = open(|config| {
            config.transactions = 3;
            config.layout = layout;
        })
        .await?;
        let (_, body) = demo.get(&format!("/v1/accounts/{MALLORYS}/balance"), MALLORY).await?;
        assert_eq!(body.contains('\n'), layout == Layout::Pretty);
        let json: Value = serde_json::from_str(&body)?;
        assert_eq!(json["balance"]["amount"], "1.05");
        assert!(json["nickname"].as_str().is_some_and(|name| name.contains("999999.00")));
        assert_eq!(json["transactions"].as_array().map(Vec::len), Some(3));
    }
    Ok(())
}

#[tokio::test]
async fn chunks_are_as_long_as_asked() -> Outcome {
    let demo = open(|config| config.transfer = Transfer::Chunked(64)).await?;
    let (head, body) = demo.get(&format!("/v1/accounts/{ADAS}/balance"), ADA).await?;
    assert!(head.to_lowercase().contains("transfer-encoding: chunked"), "{head}");
    assert!(body.starts_with("40\r\n{") && body.ends_with("\r\n0\r\n\r\n"), "{body}");
    Ok(())
}

#[test]
fn a_root_outlives_its_process_and_secrets_their_debug_output() -> Outcome {
    let folder = tempfile::tempdir()?;
    let first = Authority::open(folder.path())?;
    let again = Authority::open(folder.path())?;
    assert_eq!(first.root(), again.root());
    let identity = again.issue(DOMAIN, Validity::Current)?;
    let roots = {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(first.root().clone())?;
        Arc::new(roots)
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(roots, provider).build()?;
    let leaf = identity.chain.first().ok_or("no leaf")?;
    use rustls::client::danger::ServerCertVerifier;
    verifier.verify_server_cert(leaf, &[], &ServerName::try_from(DOMAIN)?, &[], rustls::pki_types::UnixTime::now())?;
    assert!(!format!("{:?}", Config::new(identity, Book::demo()?)).contains(ADA));
    Ok(())
}

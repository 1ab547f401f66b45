//! Lenders are strangers: what they answer is bounded, checked, cleaned, and the same tomorrow.

use std::sync::{Arc, Mutex};

use parlance_wallet_core::{WalletError, credit, view};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::world::{World, wallet};

/// Something at an address that answers every question with the same bytes.
struct Stranger {
    url: String,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Stranger {
    async fn with(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer));
        let given = Arc::clone(&answer);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let bytes = given.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    // The client may be gone: that is its right.
                    let _ = stream.write_all(&bytes).await;
                });
            }
        });
        Self { url, answer }
    }

    fn answers(&self, bytes: Vec<u8>) {
        *self.answer.lock().unwrap() = bytes;
    }
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn ok(value: &impl serde::Serialize) -> Vec<u8> {
    http("200 OK", &serde_json::to_vec(value).unwrap())
}

#[tokio::test]
async fn only_https_and_this_computer_are_asked() {
    let data = tempfile::tempdir().unwrap();
    let wallet = wallet(data.path());
    for url in [
        "http://lender.example",
        "ftp://lender.example",
        "https://me:secret@lender.example",
        "lender.example",
        "",
        "http://10.0.0.1",
        "javascript:1",
    ] {
        let error = view::add_lender(&wallet, url).await.unwrap_err();
        assert_eq!(error.code(), "lender_url", "{url}");
        assert!(!error.to_string().contains("secret") || url.contains("secret"));
    }
    assert_eq!(view::add_lender(&wallet, "http://127.0.0.1:9").await.unwrap_err().code(), "lender_offline");
    assert!(credit::lenders(&wallet).unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_lender_s_answer_is_refused_in_bounded_time_and_space() {
    let data = tempfile::tempdir().unwrap();
    let wallet = wallet(data.path());
    let stranger = Stranger::with(Vec::new()).await;
    let problem = json!({"code": "x", "message": "no\u{202e}\u{0}t today", "remedy": "y".repeat(10_000)});
    for (answer, code) in [
        (http("200 OK", b"<html>"), "lender_answer"),
        (http("200 OK", b"{}"), "lender_answer"),
        (http("200 OK", &vec![b' '; 300 << 10]), "lender_answer"),
        (http("302 Found\r\nlocation: http://127.0.0.1:9/", b""), "lender_refused"),
        (http("422 Unprocessable", &serde_json::to_vec(&problem).unwrap()), "lender_refused"),
        (http("429 Too Many Requests", b""), "lender_offline"),
        (http("500 Oh", b"stack trace"), "lender_offline"),
        (b"SSH-2.0-OpenSSH\r\n".to_vec(), "lender_offline"),
        (Vec::new(), "lender_offline"),
    ] {
        stranger.answers(answer);
        let error = view::add_lender(&wallet, &stranger.url).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        let shown = format!("{error} {}", error.remedy());
        assert!(shown.chars().count() < 1_200 && !shown.contains(['\u{202e}', '\0']), "{shown}");
        assert!(!shown.contains("stack trace"));
    }
}

#[tokio::test]
async fn a_lender_is_added_once_and_stays_the_same() {
    let world = World::up().await;
    world.wallet.store.unset("credit/lenders").unwrap();
    let stranger = Stranger::with(ok(&world.lender())).await;
    let added = view::add_lender(&world.wallet, &format!("{}/", stranger.url)).await.unwrap();
    assert_eq!((added.name.as_str(), added.chain.as_str(), added.asset.as_str(), added.reachable), ("Maple", "local", "USDC", true));
    assert_eq!((added.tiers[0].at_least.as_str(), added.tiers[0].limit.as_str()), ("$10,000", "1,500 USDC"));
    assert_eq!(
        (added.tiers[0].at_least_units.as_str(), added.tiers[0].rate.as_str(), added.tiers[0].cycle_days),
        ("10000", "12% a year", 30)
    );
    assert_eq!(added.banks, ["demo"]);
    assert_eq!(view::add_lender(&world.wallet, &stranger.url).await.unwrap_err().code(), "lender_name");

    // One that looks like it, and one that is called like a contact.
    for name in ["MAPLE", "Maplе", "Alice"] {
        let mut other = world.lender();
        other.name = name.into();
        stranger.answers(ok(&other));
        assert_eq!(view::add_lender(&world.wallet, &stranger.url).await.unwrap_err().code(), "lender_name", "{name}");
    }
    // A chain that the wallet does not know, a pool that is none, an asset that is another.
    let refused = async |change: &dyn Fn(&mut Value)| {
        let mut other = serde_json::to_value(world.lender()).unwrap();
        other["name"] = "Oak".into();
        change(&mut other);
        stranger.answers(ok(&other));
        view::add_lender(&world.wallet, &stranger.url).await.unwrap_err().code()
    };
    assert_eq!(refused(&|l| l["pool"]["chain"] = 424_242.into()).await, "unknown_chain");
    assert_eq!(refused(&|l| l["pool"]["address"] = "0x00000000000000000000000000000000000000ff".into()).await, "lender_answer");
    assert_eq!(refused(&|l| l["pool"]["asset"] = world.chain.addresses().dai.to_string().into()).await, "lender_answer");
    assert_eq!(refused(&|l| l["pool"]["decimals"] = 18.into()).await, "lender_answer");
    assert_eq!(refused(&|l| l["pool"]["symbol"] = "EURC".into()).await, "lender_answer");

    // Tomorrow it may offer something else, and lend from no other pool under the same name.
    let known = credit::lender(&world.wallet, Some("maple")).unwrap();
    let mut cheaper = world.lender();
    cheaper.tiers[0].rate = 900;
    stranger.answers(ok(&cheaper));
    assert_eq!(credit::refresh(&world.wallet, &known).await.unwrap().tiers[0].rate, 900);
    for change in [
        |l: &mut Value| l["pool"]["address"] = "0x00000000000000000000000000000000000000ff".into(),
        |l: &mut Value| {
            l["name"] = "Oak".into();
        },
    ] {
        let mut other = serde_json::to_value(world.lender()).unwrap();
        change(&mut other);
        stranger.answers(ok(&other));
        assert!(matches!(credit::refresh(&world.wallet, &known).await, Err(WalletError::LenderAnswer { .. })));
    }
    let shown = view::lenders(&world.wallet).await.unwrap();
    assert!(shown[0].reachable && shown[0].problem.is_some() && shown[0].tiers[0].rate == "9% a year", "{shown:?}");
    view::remove_lender(&world.wallet, "maple").unwrap();
    assert!(credit::lenders(&world.wallet).unwrap().is_empty());
}

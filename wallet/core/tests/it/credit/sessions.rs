//! From an offer to a proof: a real bank, a real notary, the wallet's own login, roots and notary of the lender.

use alloy_primitives::{Address, B256, U256, keccak256};
use parlance_credit::Offer;
use parlance_wallet_core::{
    Wallet, WalletError,
    credit::{self, KnownLender, Threshold, Wish},
};
use parlance_zktls_bank::{Authority, Bank, Book, Config as BankConfig, Validity};
use parlance_zktls_notary::{Config as NotaryConfig, Key, Keys, Limits, Notary, Route};
use parlance_zktls_prove::{Stage, Terms};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::world::{lender_of, now, wallet};
use crate::common::demo;

const TOKEN: &str = "demo-token-ada-4f0c6a1e9b7d";
const ACCOUNT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

struct Town {
    wallet: Wallet,
    wish: Wish,
    _data: tempfile::TempDir,
    _bank: Bank,
    _notary: Notary,
}

/// A bank and a notary, and a wallet in whose folder they are described as a local world describes them.
async fn town(token: &str) -> Town {
    let template = &credit::bank("demo").unwrap().template;
    let data = tempfile::tempdir().unwrap();
    let authority = Authority::open(data.path()).unwrap();
    let root = std::fs::read_to_string(data.path().join("root.pem")).unwrap();
    let identity = authority.issue(&template.domain, Validity::Current).unwrap();
    let listener = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bank = Bank::open(listener().await, BankConfig::new(identity, Book::demo().unwrap())).unwrap();
    let key = Key::generate("Maple", 0, u64::MAX).unwrap();
    let public = key.public().key;
    let routes = [(template.domain.clone(), Route::Local(bank.address()))].into();
    let limits = Limits { linger: 1, client_rate: 1000, ..Limits::default() };
    let notary = Notary::serve(listener().await, NotaryConfig { routes, keys: Keys::new(vec![key]), limits, tls: None }).unwrap();

    let described = json!({
        "rpc_url": "http://127.0.0.1:9",
        "chain_id": 31337,
        "credit": {
            "lender": { "name": "Maple", "url": "http://127.0.0.1:9" },
            "bank": { "template": "demo", "account": ACCOUNT, "token": token, "root": root, "holds": "12345.67 EUR" },
        },
    });
    std::fs::write(data.path().join("devworld.json"), described.to_string()).unwrap();
    let wallet = wallet(data.path());
    let mut info = lender_of("Maple", Address::repeat_byte(2), Address::repeat_byte(3), Address::repeat_byte(4));
    info.notaries[0].address = format!("ws://localhost:{}/", notary.address().port());
    info.notaries[0].key = B256::from(public.to_bytes());
    let expired = parlance_credit::api::NotaryInfo { from: 0, until: 1, key: B256::repeat_byte(9), ..info.notaries[0].clone() };
    info.notaries.insert(0, expired);
    let bank_asked = credit::bank_for(&wallet, None, &[info.templates[0].digest]).unwrap();
    let lender = credit::lender(&wallet, Some("maple")).unwrap();
    let threshold = credit::threshold("12345.67 eur", &bank_asked.template, None).unwrap();
    let wish = Wish { lender, info, bank: bank_asked, threshold, account: demo().address() };
    Town { wallet, wish, _data: data, _bank: bank, _notary: notary }
}

fn offer(wish: &Wish) -> Offer {
    Offer {
        nonce: keccak256("nonce"),
        borrower: wish.account,
        lender: "Maple".into(),
        template: wish.bank.digest,
        atLeast: U256::from(wish.threshold.minor),
        currency: wish.threshold.currency.clone(),
        scope: wish.info.scope,
        limit: U256::ZERO,
        rate: U256::ZERO,
        cycle: 0,
        expiry: now() + 3600,
        terms: String::new(),
    }
}

async fn session(town: &Town, stop_at: Option<Stage>) -> (Result<parlance_zktls_prove::BankSession, WalletError>, Vec<Stage>) {
    let offer = offer(&town.wish);
    credit::check_offer(&offer, &town.wish.asked(), &town.wish.info, now()).unwrap();
    let terms = credit::terms(&town.wish, &offer).unwrap();
    let values = credit::values(&town.wallet, town.wish.bank).await.unwrap();
    let (stop, mut seen) = (CancellationToken::new(), Vec::new());
    let progress = |stage| {
        seen.push(stage);
        if stop_at == Some(stage) {
            stop.cancel();
        }
    };
    let done = credit::session(&town.wallet, &town.wish, &values, &terms, progress, &stop).await;
    (done, seen)
}

#[tokio::test]
async fn the_local_worlds_bank_is_asked_through_the_lenders_notary_for_its_offer() {
    let town = town(TOKEN).await;
    let offer = offer(&town.wish);
    let terms = credit::terms(&town.wish, &offer).unwrap();
    let pool = town.wish.info.pool.address;
    assert_eq!(terms.session.offer, offer.digest(31337, pool).0);
    assert_eq!((terms.session.wallet, terms.session.contract), (demo().address().into_array(), pool.into_array()));
    assert_ne!(terms.salt, credit::terms(&town.wish, &offer).unwrap().salt, "a fresh salt each time");

    let commitment = terms.session.commit(&terms.salt);
    let values = credit::values(&town.wallet, town.wish.bank).await.unwrap();
    let stop = CancellationToken::new();
    let session = credit::session(&town.wallet, &town.wish, &values, &terms, |_| {}, &stop).await.unwrap();
    let wish = town.wish.clone();
    let (file, more, other) = tokio::task::spawn_blocking(move || {
        let cent = Terms { at_least: terms.at_least + 1, ..terms.clone() };
        let dollars = Terms { currency: *b"USD", ..terms.clone() };
        let in_dollars = Wish { threshold: Threshold { currency: "USD".into(), ..wish.threshold.clone() }, ..wish.clone() };
        (
            credit::make(&session, &wish, &terms).unwrap(),
            credit::make(&session, &wish, &cent),
            credit::make(&session, &in_dollars, &dollars),
        )
    })
    .await
    .unwrap();
    for (refused, words) in [(more, "less in it"), (other, "a balance in USD")] {
        let error = refused.unwrap_err();
        let said = format!("{error} {}", error.remedy());
        assert_eq!(error.code(), "not_shown");
        assert!(said.contains(words) && said.contains("Nothing was sent") && !said.contains("1234567"), "{said}");
    }
    assert_eq!((file.claim.at_least, file.claim.currency, file.claim.scope), (1_234_567, *b"EUR", offer.scope.0));
    assert_eq!(file.notarized.recording.commitment, commitment);
    let bytes = file.encode().unwrap();
    for secret in [TOKEN, ACCOUNT] {
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()));
    }
}

#[tokio::test]
async fn it_stops_at_once_and_says_so_and_a_bad_token_has_a_remedy() {
    let world = town(TOKEN).await;
    for at in [Stage::Connecting, Stage::Handshake, Stage::Checking] {
        let (done, seen) = session(&world, Some(at)).await;
        assert_eq!(done.err().map(|e| e.code()), Some("cancelled"), "{at:?}");
        assert_eq!(seen.last(), Some(&at));
    }
    let (done, _) = session(&town("wrong-token").await, None).await;
    let error = done.expect_err("the bank refuses it");
    assert_eq!(error.code(), "proof");
    assert!(error.to_string().contains("401") && error.to_string().contains("token"), "{error}");
    assert!(!error.to_string().contains("wrong-token") && !error.remedy().contains("wrong-token"));
}

#[tokio::test]
async fn a_notary_whose_key_is_not_the_lenders_is_not_believed() {
    let mut world = town(TOKEN).await;
    world.wish.info.notaries[1].key = B256::from(*demo().credential().to_bytes().first_chunk::<32>().unwrap());
    let (done, _) = session(&world, None).await;
    assert!(done.is_err());
    world.wish.lender.url = "https://lender.example".parse().unwrap();
    let (done, _) = session(&world, None).await;
    assert!(done.is_err_and(|e| e.to_string().contains("wss://")), "a lender elsewhere reaches no port of this computer");
    world.wish.info.notaries.truncate(1);
    let (done, _) = session(&world, None).await;
    assert_eq!(done.err().map(|e| e.code()), Some("lender_answer"), "no notary with a valid key");
}

#[test]
fn the_local_worlds_lender_is_known_from_the_start() {
    let data = tempfile::tempdir().unwrap();
    let described = json!({
        "rpc_url": "http://127.0.0.1:9", "chain_id": 31337,
        "credit": {
            "lender": { "name": "Maple", "url": "http://127.0.0.1:9" },
            "bank": { "template": "demo", "account": ACCOUNT, "token": TOKEN, "root": "", "holds": "" },
        },
    });
    std::fs::write(data.path().join("devworld.json"), described.to_string()).unwrap();
    let wallet = wallet(data.path());
    let KnownLender { name, of_world, info, .. } = credit::lender(&wallet, None).unwrap();
    assert_eq!((name.as_str(), of_world, info), ("Maple", true, None));
    assert_eq!(credit::remove_lender(&wallet, "MAPLE").unwrap_err().code(), "lender_of_world");
    let logins = parlance_wallet_core::view::logins(&wallet).unwrap();
    assert_eq!((logins[0].template.as_str(), logins[0].account.as_str()), ("demo", "7c9e…0ae7"));
    assert!(!format!("{:?}", wallet.world).contains(TOKEN), "not for logs");
}

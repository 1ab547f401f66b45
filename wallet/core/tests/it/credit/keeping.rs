//! What is kept: proofs sealed on the disk, tokens in the keyring only, and where a conversation stood.

use std::{path::Path, pin::Pin, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, U256};
use keyring_core::{CredentialStore, Entry, Error as KeyringError, api::CredentialStoreApi};
use parlance_credit::{Offer, api::Verdict};
use parlance_grounding::{Intent, Message};
use parlance_wallet_core::{
    Result, Wallet, WalletError,
    conversation::{Conversation, Event, State, Told, Understanding, Understood},
    credit::{self, Keyring},
    store::{ProofRecord, Store, StoreKey},
    view,
};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use zeroize::Zeroizing;

use super::world::{know, lender_of, now, signer, wallet};

const TOKEN: &str = "personal-token-that-nobody-may-read";
const ACCOUNT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

fn token() -> Zeroizing<String> {
    Zeroizing::new(TOKEN.into())
}

fn proof(lender: &str, verdict: Option<bool>) -> ProofRecord {
    let offer = Offer {
        nonce: B256::repeat_byte(1),
        borrower: Address::repeat_byte(2),
        lender: lender.into(),
        template: B256::repeat_byte(3),
        atLeast: U256::from(1_000_000),
        currency: "USD".into(),
        scope: Default::default(),
        limit: U256::from(1_500_000_000),
        rate: U256::from(1200),
        cycle: 86_400,
        expiry: now() + 3600,
        terms: "Repay.".into(),
    };
    ProofRecord {
        id: 0,
        digest: B256::repeat_byte(4),
        lender: lender.into(),
        chain: 31337,
        pool: Address::repeat_byte(5),
        bank: "demo".into(),
        offer: offer.clone(),
        nullifier: B256::repeat_byte(6),
        notaries: B256::repeat_byte(7),
        observed_at: now(),
        made_at: now(),
        verdict: verdict.map(|accepted| Verdict {
            proof: B256::repeat_byte(4),
            accepted,
            statement: accepted.then(|| "A balance of at least 10000.00 USD.".into()),
            visible: vec!["The bank's name.".into()],
            checks: vec![],
            reasons: vec![],
            offer,
            expires: now() + 3600,
        }),
        signature: None,
        attested: None,
    }
}

/// Everything below a folder, as bytes.
fn disk(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        all.extend(if path.is_dir() { disk(&path) } else { std::fs::read(&path).unwrap() });
    }
    all
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|w| w == words)
}

#[test]
fn proofs_are_sealed_kept_changed_exported_and_forgotten() {
    let data = tempfile::tempdir().unwrap();
    let key = StoreKey::random().unwrap();
    let file = b"PZKT: what only a lender gets".repeat(1000);
    let digest = {
        let store = Store::open(data.path(), &key).unwrap();
        let kept = store.add_proof(proof("Maple", None), &file).unwrap();
        assert!(kept.id > 0);
        store
            .update_proof(&ProofRecord {
                verdict: proof("Maple", Some(true)).verdict,
                signature: Some(Bytes::from(vec![7; 65])),
                ..kept.clone()
            })
            .unwrap();
        kept.digest
    };
    let bytes = disk(data.path());
    for words in [&b"PZKT: what"[..], b"Maple", b"10000.00 USD", digest.as_slice()] {
        assert!(!holds(&bytes, words), "{}", String::from_utf8_lossy(words));
    }
    let wallet = Wallet::open(data.path(), signer(), Store::open(data.path(), &key).unwrap()).unwrap();
    let kept = wallet.store.proofs().unwrap();
    assert_eq!((kept.len(), kept[0].accepted(), kept[0].signature.is_some()), (1, true, true));
    assert_eq!(wallet.store.proof_file(kept[0].id).unwrap(), Bytes::from(file.clone()));
    let shown = view::proof_view(&wallet, &kept[0]).unwrap();
    assert_eq!((shown.bank.as_str(), shown.statement.as_str(), shown.answered), ("Demo bank", "A balance of at least 10000.00 USD.", true));

    let out = data.path().join("balance.proof");
    view::export_proof(&wallet, &shown.id.to_uppercase().replace("0X", "0x"), &out).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), file);
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&out).unwrap().permissions()) & 0o777, 0o600);
    assert_eq!(view::export_proof(&wallet, &shown.id, &out).unwrap_err().code(), "io", "never over another file");
    view::forget_proof(&wallet, &shown.id).unwrap();
    assert!(wallet.store.proofs().unwrap().is_empty());
    assert_eq!(wallet.store.proof_file(kept[0].id).unwrap_err().code(), "not_found", "its file is gone too");
    assert_eq!(view::forget_proof(&wallet, &shown.id).unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn a_token_is_in_the_keyring_and_nowhere_else() {
    let data = tempfile::tempdir().unwrap();
    let key = StoreKey::random().unwrap();
    let ring: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
    let open = || {
        let mut wallet = Wallet::open(data.path(), signer(), Store::open(data.path(), &key).unwrap()).unwrap();
        wallet.keyring = Keyring::over(Arc::clone(&ring), data.path());
        wallet
    };
    let wallet = open();
    assert_eq!(credit::bank_for(&wallet, None, &[]).unwrap_err().code(), "no_login");
    let login = view::add_login(&wallet, "Starling Bank", ACCOUNT, token()).await.unwrap();
    assert_eq!((login.template.as_str(), login.bank.as_str(), login.account.as_str()), ("starling", "Starling Bank", "7c9e…0ae7"));
    assert!(!serde_json::to_string(&login).unwrap().contains(TOKEN));
    drop(wallet);
    let bytes = disk(data.path());
    assert!(!holds(&bytes, TOKEN.as_bytes()) && !holds(&bytes, ACCOUNT.as_bytes()));

    let wallet = open();
    let starling = credit::bank_for(&wallet, None, &[]).unwrap();
    let values = credit::values(&wallet, starling).await.unwrap();
    assert_eq!(values.parameter("account"), Some(ACCOUNT));
    assert!(!format!("{values:?}").contains(TOKEN) && !format!("{values:?}").contains(ACCOUNT));
    // A second bank: which one is asked has to be said, unless the lender takes only one of them.
    view::add_login(&wallet, "mercury", "", token()).await.unwrap();
    assert_eq!(credit::bank_for(&wallet, None, &[]).unwrap_err().code(), "which_bank");
    assert_eq!(credit::bank_for(&wallet, None, &[starling.digest]).unwrap().template.id, "starling");
    assert_eq!(credit::bank_for(&wallet, Some("monzo"), &[]).unwrap_err().code(), "no_login");

    view::remove_login(&wallet, "starling").await.unwrap();
    assert_eq!(view::remove_login(&wallet, "starling").await.unwrap_err().code(), "not_found");
    assert_eq!(credit::values(&wallet, starling).await.err().map(|e| e.code()), Some("no_login"), "gone from the keyring too");
    assert_eq!(view::logins(&wallet).unwrap().len(), 1);
}

/// A keyring that is locked, or not there.
#[derive(Debug)]
struct Locked;

impl CredentialStoreApi for Locked {
    fn vendor(&self) -> String {
        "none".into()
    }

    fn id(&self) -> String {
        "none".into()
    }

    fn build(&self, _: &str, _: &str, _: Option<&std::collections::HashMap<&str, &str>>) -> keyring_core::Result<Entry> {
        Err(KeyringError::NoStorageAccess("it is locked".into()))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[tokio::test]
async fn without_a_keyring_nothing_is_kept_and_that_is_said() {
    let data = tempfile::tempdir().unwrap();
    let mut wallet = wallet(data.path());
    wallet.keyring = Keyring::over(Arc::new(Locked), data.path());
    let error = view::add_login(&wallet, "starling", ACCOUNT, token()).await.unwrap_err();
    assert_eq!(error.code(), "no_keyring");
    let said = format!("{error} {}", error.remedy());
    assert!(said.contains("keyring") && said.contains("--token-stdin") && !said.contains(TOKEN), "{said}");
    assert!(view::logins(&wallet).unwrap().is_empty());
}

/// Nobody types here: intents come as they are.
struct Deaf;

impl Understanding for Deaf {
    fn understand<'a>(&'a self, _: &'a Message) -> Pin<Box<dyn Future<Output = Result<Understood>> + Send + 'a>> {
        Box::pin(async { Err(WalletError::Task("not asked".into())) })
    }
}

async fn talk(wallet: &Arc<Wallet>) -> (Conversation, UnboundedReceiver<Told>) {
    let (events, told) = unbounded_channel();
    (Conversation::open(Arc::clone(wallet), Arc::new(Deaf), None, events).await.unwrap(), told)
}

fn said(told: &mut UnboundedReceiver<Told>) -> Vec<Event> {
    std::iter::from_fn(|| told.try_recv().ok()).map(|t| t.event).collect()
}

fn wish(value: serde_json::Value) -> Intent {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn an_interrupted_proof_or_application_is_told_and_waits_for_a_yes() {
    let prove = wish(json!({"intent": "prove_balance", "at_least": "10000"}));
    let apply = wish(json!({"intent": "loan_apply", "amount": "500"}));
    for (state, words) in [
        (State::Proving { intent: Box::new(prove.clone()), then: vec![apply.clone()] }, "proof was not finished"),
        (State::Applying { intent: Box::new(prove.clone()), then: vec![apply.clone()] }, "application for a loan was not finished"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let wallet = Arc::new(wallet(data.path()));
        let id = wallet.store.start_conversation("Chat").unwrap().id;
        wallet.store.put_pending(id, state.name(), &state).unwrap();
        for _ in 0..2 {
            let (conversation, mut told) = talk(&wallet).await;
            let State::Resuming { then, question, .. } = conversation.state() else { panic!("{:?}", conversation.state()) };
            assert_eq!(then, &[prove.clone(), apply.clone()], "and nothing of it is done before a yes");
            assert!(question.contains(words), "{question}");
            assert!(said(&mut told).iter().any(|e| matches!(e, Event::Say { text, .. } if text.contains(words))));
        }
        // A yes goes on where it was: here there is no lender any more.
        let (mut conversation, mut told) = talk(&wallet).await;
        conversation.act(Intent::Confirm {}).await;
        assert!(said(&mut told).iter().any(|e| matches!(e, Event::Error { code, .. } if code == "no_lender")));
        assert_eq!(conversation.state(), &State::Idle);
    }
}

#[tokio::test]
async fn which_lender_is_asked_and_an_unknown_one_is_not_guessed() {
    let data = tempfile::tempdir().unwrap();
    let wallet = Arc::new(wallet(data.path()));
    for name in ["Maple", "Oak"] {
        know(&wallet, lender_of(name, Address::repeat_byte(1), Address::repeat_byte(2), Address::repeat_byte(3)));
    }
    let (mut conversation, mut told) = talk(&wallet).await;
    for (lender, code) in [(None, "which_lender"), (Some("Mapel"), "unknown_lender")] {
        let mut intent = json!({"intent": "prove_balance", "at_least": "10000"});
        if let Some(lender) = lender {
            intent["lender"] = lender.into();
        }
        conversation.act(wish(intent)).await;
        let events = said(&mut told);
        let remedy = events.iter().find_map(|e| match e {
            Event::Error { code: got, remedy, .. } if got == code => Some(remedy.clone()),
            _ => None,
        });
        assert!(remedy.is_some_and(|r| r.contains("Maple") && r.contains("Oak")), "{events:?}");
        let State::Asking { missing, partial, .. } = conversation.state() else { panic!("{:?}", conversation.state()) };
        assert_eq!((missing.as_slice(), partial.contains_key("lender")), (&["lender".to_owned()][..], false));
    }
    assert!(!wallet.stop(conversation.id()), "nothing goes on that could be stopped");
}

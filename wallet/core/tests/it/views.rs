//! What a front end shows, over a real chain and a signer that only answers questions.

use std::{
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex},
};

use alloy_primitives::{Address, B256, U256, address};
use parlance_devnet::{DevChain, addresses::ALICE, interfaces::IERC20};
use parlance_effects::AssetKind;
use parlance_policy::{PACKS, RuleSet};
use parlance_signer_protocol::{
    Account, Contact, Envelope, Limit, Refusal, RefusalCode, Reply, Request, Response, RuleRef, RulesInForce, Status, read_frame,
    write_frame,
};
use parlance_wallet_core::{
    Wallet, WalletError,
    chain::{CONFIG_FILE, ScanLimits, allowances as scan},
    signer::Signer,
    store::{Kind, Leg, NewEntry, Store},
    tokens::Usd,
    view::{self, ActivityFilter, ActivityKind, EndpointState, NetworkForm, NetworkRow, Problem, TransactionStage, ViaView},
};
use serde_json::{Value, json};

use crate::common::{Answer, Draft, Proxy, demo, ether, signed, transact};

const OWN: &str = "@id(\"small-change\")\nforbid (principal, action == Action::\"send\", resource)\nwhen { context.usd > 20000000 };\n";
/// Begins and ends as Alice's does.
const LIKE_ALICE: Address = address!("0x7099000000000000000000000000000000dc79c8");

#[tokio::test]
async fn balances_are_exact_and_make_the_curve() {
    let world = World::up().await;
    assert!(view::worth_over_time(&world.wallet, None, 30).await.unwrap().is_empty());
    let seen = view::balances(&world.wallet, None, None).await.unwrap();
    assert_eq!((seen.chain.as_str(), seen.account.clone()), ("local", demo().address().to_checksum(None)));
    let ether = seen.holdings.iter().find(|h| h.native).unwrap();
    let exact = parlance_wallet_core::tokens::parse_units(&ether.amount, 18).unwrap();
    assert_eq!(exact, world.chain.balance(demo().address()).await.unwrap());
    assert_eq!(ether.price_micro, Some(parlance_devnet::ETH_PRICE_USD * 1_000_000));
    assert_eq!(seen.total_micro, seen.holdings.iter().filter_map(|h| h.usd_micro).sum::<u64>());
    let usdc = seen.holdings.iter().find(|h| h.symbol == "USDC").unwrap();
    assert_eq!(usdc.contract, Some(world.chain.addresses().usdc.to_checksum(None)));

    let curve = view::worth_over_time(&world.wallet, None, 30).await.unwrap();
    assert_eq!(curve.iter().map(|p| p.usd_micro).collect::<Vec<_>>(), [seen.total_micro]);
    let other = view::balances(&world.wallet, Some("local"), Some(ALICE)).await.unwrap();
    assert_eq!(other.account, ALICE.to_checksum(None));
    assert_eq!(view::worth_over_time(&world.wallet, Some("local"), 30).await.unwrap(), curve, "another account has a curve of its own");

    let json = serde_json::to_value(&seen).unwrap();
    assert!(json["holdings"][0]["caveat"].is_null() && json["holdings"][0].get("caveat").is_some(), "null, not absent");
    assert_eq!(view::balances(&world.wallet, Some("atlantis"), None).await.unwrap_err().code(), "unknown_chain");
}

#[tokio::test]
async fn what_is_shown_to_a_payer_can_be_scanned() {
    let world = World::up().await;
    let plain = view::receive(&world.wallet, None, None, None, None).await.unwrap();
    assert_eq!(plain.address, demo().address().to_checksum(None));
    assert_eq!(plain.spaced.replace(' ', ""), plain.address);
    assert!(plain.modules.len() >= 21);
    assert!(plain.modules.iter().all(|row| row.len() == plain.modules.len() && row.bytes().all(|b| matches!(b, b'0' | b'1'))));
    let asked = view::receive(&world.wallet, None, Some("USDC"), Some("12.5"), Some(ALICE)).await.unwrap();
    assert!(asked.uri.contains("/transfer?") && asked.uri.contains("uint256=12500000"), "{}", asked.uri);
    for amount in ["1.2345678", "-1", "lots"] {
        assert!(view::receive(&world.wallet, None, Some("USDC"), Some(amount), None).await.is_err(), "{amount}");
    }
}

#[tokio::test]
async fn an_address_is_looked_at_before_it_is_proposed() {
    let world = World::up().await;
    let wallet = &world.wallet;
    assert_eq!(view::contacts(wallet).await.unwrap().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Alice"]);
    let check = async |name: &str, who: &str| view::contact_check(wallet, name, who).await.unwrap();
    let noted = |notes: &[String], word: &str| notes.iter().any(|n| n.contains(word));

    let alice = check("Alice", &ALICE.to_checksum(None)).await;
    assert_eq!((alice.known_as.as_deref(), alice.notes.len()), (Some("Alice"), 0), "{:?}", alice.notes);
    let like = check("Alice", &format!("{LIKE_ALICE:#x}")).await;
    for word in ["without a checksum", "Alice's address", "in your book already"] {
        assert!(noted(&like.notes, word), "{word}: {:?}", like.notes);
    }
    assert!(noted(&check("Me", &demo().address().to_checksum(None)).await.notes, "your own accounts"));
    let usdc = world.chain.addresses().usdc;
    assert!(noted(&check("Coin", &usdc.to_checksum(None)).await.notes, "a contract"));
    // An address that was seen once, and one that was made to look like it.
    wallet.store.add_history(entry(Kind::In, 1, "USDC", Some(usdc))).unwrap();
    let mut poison = usdc;
    poison.0[9] ^= 0xff;
    assert!(noted(&check("Coin", &poison.to_checksum(None)).await.notes, "in your activity"));

    for (who, code) in
        [("0x70997970c51812dc3A010C7d01b50e0d17dc79C8", "bad_checksum"), ("0x7099", "bad_address"), ("Bobb", "unknown_contact")]
    {
        assert_eq!(view::contact_check(wallet, "x", who).await.unwrap_err().code(), code, "{who}");
    }
}

#[tokio::test]
async fn an_allowance_risks_no_more_than_there_is() {
    let world = World::up().await;
    let (at, me) = (world.chain.addresses(), demo().address());
    let held = U256::from(7_000_000);
    world.chain.set_token_balance(at.usdc, me, held).await.unwrap();
    transact(&world.chain, me, at.usdc, IERC20::approveCall { spender: ALICE, value: U256::from(2_500_000) }).await;
    transact(&world.chain, me, at.usdc, IERC20::approveCall { spender: at.uniswap_v2_router, value: U256::MAX }).await;
    transact(&world.chain, me, at.fake_usdc, IERC20::approveCall { spender: ALICE, value: U256::from(1) }).await;

    let seen = view::allowances(&world.wallet, None).await.unwrap();
    let client = world.wallet.client(None).unwrap();
    assert_eq!(seen.rows.len(), scan::open(&client, &world.wallet.tokens, me, ScanLimits::default()).await.unwrap().open.len());
    let [unlimited, some, unpriced] = seen.rows.as_slice() else { panic!("{:?}", seen.rows) };
    assert_eq!((unlimited.unlimited, unlimited.at_risk_micro), (true, Some(7_000_000)), "all that there is, not all that is allowed");
    assert!(unlimited.spender_label.is_some());
    assert_eq!((some.amount.as_str(), some.at_risk_micro, some.via), ("2.5", Some(2_500_000), ViaView::Erc20));
    assert_eq!((unpriced.token.clone(), unpriced.at_risk_micro), (at.fake_usdc.to_checksum(None), None));
}

#[tokio::test]
async fn rules_are_shown_checked_and_remembered() {
    let world = World::up().await;
    let wallet = &world.wallet;
    let first = view::rules(wallet).await.unwrap();
    assert_eq!(first.own_rules.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["small-change"]);
    assert!(!first.pack_rules.is_empty() && first.pack_rules.iter().all(|r| r.id != "small-change"));
    assert_eq!(first.limits[0].label, "without asking, a day");
    view::rules(wallet).await.unwrap();
    world.rules.lock().unwrap().clone_from(&in_force(8, ""));
    view::rules(wallet).await.unwrap();
    let seen = view::rules_history(wallet).unwrap();
    assert_eq!(seen.iter().map(|v| (v.version, v.own_source.as_str())).collect::<Vec<_>>(), [(8, ""), (7, OWN)]);

    let packs = view::rules_packs(wallet).await.unwrap();
    assert_eq!(packs.len(), PACKS.len());
    assert!(packs.iter().all(|p| !p.summary.is_empty() && !p.rules.is_empty() && p.in_force == (p.name == "cautious")));

    world.rules.lock().unwrap().clone_from(&in_force(9, OWN));
    let form = json!({"effect": "forbid", "action": "send", "asset": null, "to": null, "over": "$200", "per": "day"});
    let draft = view::rules_form(wallet, &serde_json::from_value(form).unwrap()).await.unwrap();
    assert!(draft.sentence.contains("$200"), "{}", draft.sentence);
    assert!(draft.whole.starts_with(OWN) && draft.whole.contains(&draft.id), "{}", draft.whole);
    let check = view::rules_check("cautious", &draft.whole);
    assert!(check.ok && check.rules.len() == 2, "{check:?}");
    assert_eq!(view::rules_format(&draft.whole).unwrap(), view::rules_format(&view::rules_format(&draft.whole).unwrap()).unwrap());
    let empty = json!({"effect": "allow", "action": "any", "asset": null, "to": null, "over": null, "per": null});
    let problem = Problem::from(view::rules_form(wallet, &serde_json::from_value(empty).unwrap()).await.unwrap_err());
    assert!(problem.code == "rule" && !problem.remedy.is_empty(), "{problem:?}");
}

#[tokio::test]
async fn a_network_is_added_asked_renamed_and_removed_without_a_restart() {
    let world = World::up().await;
    let wallet = &world.wallet;
    let config = world.data.path().join(CONFIG_FILE);
    std::fs::write(&config, "# keep me\n[ui]\nzoom = 2 # and me\n").unwrap();
    let current = |rows: &[NetworkRow]| rows.iter().filter(|r| r.current).map(|r| r.name.clone()).collect::<Vec<_>>();
    let rows = view::networks(wallet).unwrap();
    assert_eq!(current(&rows), ["local"]);
    assert!(rows.len() > 5 && rows.iter().all(|r| !r.own));

    let local = view::network_check(wallet, "local").await.unwrap();
    assert_eq!(local.endpoints[0].state, EndpointState::Good);
    assert_eq!(local.endpoints[0].block, Some(world.chain.block_number().await.unwrap()));
    assert!(local.endpoints[0].latency_ms.is_some());

    let other = Proxy::before(world.chain.rpc_url(), |method| match method {
        "eth_chainId" => Answer::Result(json!("0x13fb")),
        _ => Answer::Forward,
    })
    .await;
    let endpoints = vec![other.url.clone(), world.chain.rpc_url().to_owned(), crate::common::dead_url()];
    let mut form = NetworkForm { name: "ours".into(), chain_id: 5115, native: "ETH".into(), endpoints, explorer: None, testnet: true };
    assert!(view::network_save(wallet, &form).unwrap().own);
    let states = view::network_check(wallet, "ours").await.unwrap().endpoints;
    let found: Vec<_> = states.iter().map(|e| (e.state, e.block.is_some())).collect();
    assert_eq!(found, [(EndpointState::Good, true), (EndpointState::WrongChain, false), (EndpointState::Failing, false)]);
    assert!(states[2].last_error.is_some());

    assert!(view::network_use(wallet, "ours").unwrap().current);
    assert_eq!(wallet.client(None).unwrap().balance(demo().address()).await.unwrap(), world.chain.balance(demo().address()).await.unwrap());
    form.name = "still-ours".into();
    assert!(view::network_save(wallet, &form).unwrap().current, "the choice goes with the new name");
    assert_eq!(current(&view::networks(wallet).unwrap()), ["still-ours"]);
    form.endpoints = vec!["http://node.example".into()];
    assert_eq!(view::network_save(wallet, &form).unwrap_err().code(), "bad_network");
    assert_eq!(view::networks(wallet).unwrap().iter().find(|r| r.own).unwrap().endpoints.len(), 3, "nothing was written");

    assert_eq!(view::network_remove(wallet, "still-ours").unwrap_err().code(), "network_in_use");
    view::network_use(wallet, "local").unwrap();
    view::network_remove(wallet, "still-ours").unwrap();
    assert_eq!(view::network_remove(wallet, "still-ours").unwrap_err().code(), "unknown_chain");
    assert_eq!(view::network_remove(wallet, "ethereum").unwrap_err().code(), "network_built_in");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("# keep me") && text.contains("zoom = 2 # and me") && !text.contains("5115"), "{text}");
}

#[tokio::test]
async fn a_network_that_is_gone_can_be_left() {
    let world = World::up().await;
    let wallet = &world.wallet;
    let config = world.data.path().join(CONFIG_FILE);
    let entry = format!("[[chains]]\nid = 5115\nname = \"ours\"\nnative = \"ETH\"\nendpoints = [{:?}]\n", world.chain.rpc_url());
    std::fs::write(&config, entry).unwrap();
    wallet.reload_catalogue().unwrap();
    view::network_use(wallet, "ours").unwrap();
    std::fs::write(&config, "").unwrap();
    wallet.reload_catalogue().unwrap();
    assert!(matches!(wallet.current_chain(), Err(WalletError::UnknownChain { .. })));
    assert!(view::networks(wallet).unwrap().iter().all(|r| !r.current), "they are shown nevertheless");
    assert!(view::network_use(wallet, "local").unwrap().current);
}

#[tokio::test]
async fn activity_is_filtered_and_told_in_full() {
    let world = World::up().await;
    let wallet = &world.wallet;
    for at in 1..=5 {
        let noted = NewEntry { note: Some(format!("Lunch number {at}")), ..entry(Kind::Out, at, "USDC", Some(ALICE)) };
        wallet.store.add_history(noted).unwrap();
    }
    let swap = wallet.store.add_history(entry(Kind::Swap, 9, "DAI", None)).unwrap();
    let page = |filter: Value| {
        let mut whole = json!({"kinds": [], "asset": null, "with": null, "text": null, "chain": null, "from": null, "until": null,
            "offset": 0, "limit": 10});
        whole.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        view::activity(wallet, &serde_json::from_value::<ActivityFilter>(whole).unwrap()).map(|p| {
            let times: Vec<u64> = p.rows.iter().map(|r| r.at).collect();
            (times, p.more)
        })
    };
    assert_eq!(page(json!({})).unwrap(), (vec![9, 5, 4, 3, 2, 1], false));
    assert_eq!(page(json!({"limit": 2, "offset": 1})).unwrap(), (vec![5, 4], true));
    assert_eq!(page(json!({"limit": 2, "offset": 4})).unwrap(), (vec![2, 1], false));
    assert_eq!(page(json!({"offset": u32::MAX, "limit": u32::MAX})).unwrap(), (vec![], false));
    assert_eq!(page(json!({"text": "  NUMBER 3"})).unwrap(), (vec![3], false));
    assert_eq!(page(json!({"text": &ALICE.to_string()[..12], "from": 2, "until": 4})).unwrap(), (vec![3, 2], false));
    assert_eq!(page(json!({"kinds": ["swap", "x402"]})).unwrap(), (vec![9], false));
    assert_eq!(page(json!({"asset": "dai", "chain": "Local"})).unwrap(), (vec![9], false));
    assert_eq!(page(json!({"chain": "base"})).unwrap(), (vec![], false));
    assert_eq!(page(json!({"chain": "atlantis"})).unwrap_err().code(), "unknown_chain");

    let detail = view::activity_detail(wallet, swap.id).unwrap();
    assert_eq!((detail.row.kind, detail.account), (ActivityKind::Swap, demo().address().to_checksum(None)));
    assert_eq!(detail.row.gave.unwrap().amount, "1.5");
    assert!(detail.transaction.is_none());
    assert_eq!(view::activity_detail(wallet, swap.id + 1).unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn a_transaction_is_told_from_signed_to_mined() {
    let world = World::up().await;
    let (wallet, client) = (&world.wallet, world.wallet.client(None).unwrap());
    assert!(view::outstanding(wallet).unwrap().is_empty());
    let record = signed(&wallet.store, &client, &Draft::send_ether(&client, ALICE, ether(1)).await).await;
    let row = view::outstanding(wallet).unwrap().remove(0);
    assert_eq!((row.stage, row.replaceable, row.hash.clone()), (TransactionStage::Signed, true, record.hash.map(|h| h.to_string())));

    wallet.outbox.send(&client, record.id, wallet.outbox.default_route(&client)).await.unwrap();
    let watcher = parlance_wallet_core::chain::Watcher::new(wallet.store.clone(), client.clone());
    crate::common::mined(&watcher, record.id).await;
    let row = view::transaction_row(wallet, &wallet.store.transaction(record.id).unwrap());
    assert!(matches!(row.stage, TransactionStage::Mined | TransactionStage::Final), "{row:?}");
    assert!(row.block.is_some() && !row.replaceable && row.fee.as_ref().is_some_and(|fee| fee.ends_with(" ETH")), "{row:?}");
    let paid = entry(Kind::Out, 1, "ETH", Some(ALICE));
    let entry = wallet.store.add_history(NewEntry { tx: record.hash, ..paid }).unwrap();
    assert_eq!(view::activity_detail(wallet, entry.id).unwrap().transaction, Some(row));
}

#[tokio::test]
async fn a_currency_needs_a_feed_that_says_so() {
    let world = World::up().await;
    let wallet = &world.wallet;
    let codes = async || view::currencies(wallet).await.unwrap();
    assert_eq!(codes().await.iter().map(|c| (c.code.as_str(), c.per_usd)).collect::<Vec<_>>(), [("USD", 1.0)]);

    // EUR has a feed of its own; what is put down as GBP is the feed of ether.
    let eur = feed_called(&world.chain, "EUR / USD").await;
    let feeds = format!("{{ EUR = \"{eur}\", GBP = \"{}\" }}", world.chain.addresses().eth_usd_feed);
    std::fs::write(world.data.path().join(CONFIG_FILE), format!("[[chains]]\nid = 31337\nfeeds = {feeds}\n")).unwrap();
    wallet.reload_catalogue().unwrap();
    world.chain.set_price(eur, "108000000".parse().unwrap()).await.unwrap();
    let rows = codes().await;
    assert_eq!(rows.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), ["USD", "EUR"]);
    assert!((rows[1].per_usd - 1.0 / 1.08).abs() < 1e-6 && rows[1].at.is_some(), "{:?}", rows[1]);
}

#[tokio::test]
async fn a_locked_signer_is_told_as_locked() {
    let world = World::up().await;
    *world.locked.lock().unwrap() = true;
    let problem = Problem::from(view::rules(&world.wallet).await.unwrap_err());
    assert_eq!(problem.code, "locked");
    let json = serde_json::to_value(&problem).unwrap();
    assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["code", "message", "remedy"]);
    let data = view::data(&world.wallet).unwrap();
    assert_eq!(data.folder, world.data.path().display().to_string());
}

/// A chain with contracts, and a wallet over it.
struct World {
    chain: DevChain,
    data: tempfile::TempDir,
    wallet: Wallet,
    rules: Arc<Mutex<RulesInForce>>,
    locked: Arc<Mutex<bool>>,
}

impl World {
    async fn up() -> Self {
        let chain = DevChain::spawn().await.unwrap();
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("devworld.json"), serde_json::to_vec(chain.world()).unwrap()).unwrap();
        let (rules, locked) = (Arc::new(Mutex::new(in_force(7, OWN))), Arc::<Mutex<bool>>::default());
        let signer = Signer::with_second(stand_in(&rules, &locked), stand_in(&rules, &locked));
        let wallet = open(data.path(), signer);
        Self { chain, data, wallet, rules, locked }
    }
}

pub(crate) fn open(data: &Path, signer: Signer) -> Wallet {
    Wallet::open(data, signer, Store::in_memory().unwrap()).unwrap()
}

/// A signer that knows the demo account, Alice and some rules, and signs nothing.
pub(crate) fn stand_in(rules: &Arc<Mutex<RulesInForce>>, locked: &Arc<Mutex<bool>>) -> UnixStream {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let (rules, locked) = (Arc::clone(rules), Arc::clone(locked));
    std::thread::spawn(move || {
        while let Ok(Envelope { id, request, .. }) = read_frame::<Envelope>(&mut theirs) {
            let response = match request {
                Request::Status {} => Response::Status(status()),
                _ if *locked.lock().unwrap() => refused(RefusalCode::Locked),
                Request::Rules {} => Response::Rules(rules.lock().unwrap().clone()),
                Request::Contacts {} => {
                    Response::Contacts { contacts: vec![Contact { name: "Alice".into(), address: ALICE, added: 1, paid: 5 }] }
                }
                _ => refused(RefusalCode::NotAllowed),
            };
            if write_frame(&mut theirs, &Reply { id, response }).is_err() {
                return;
            }
        }
    });
    ours
}

fn refused(code: RefusalCode) -> Response {
    Response::Refused(Refusal { code, reason: "no".into(), remedy: "Ask for something else.".into(), decision: None })
}

pub(crate) fn in_force(version: u64, own: &str) -> RulesInForce {
    let pack = PACKS.iter().find(|p| p.name == "cautious").unwrap();
    let sentences = RuleSet::with_pack(pack.name, own).unwrap().sentences();
    RulesInForce {
        version,
        pack: pack.name.into(),
        pack_source: pack.source.into(),
        own_source: own.into(),
        sentences: sentences.into_iter().map(|r| RuleRef { id: r.id, sentence: r.sentence }).collect(),
    }
}

fn status() -> Status {
    Status {
        version: "0".into(),
        vault: true,
        locked: false,
        play_money: true,
        accounts: vec![Account { address: demo().address(), label: "Main".into(), path: None, watch_only: false }],
        rules_version: 7,
        pack: "cautious".into(),
        limits: vec![Limit { label: "without asking, a day".into(), used: 1, limit: 50_000_000 }],
        sandbox: vec![],
        keyring: "none".into(),
        rollback: None,
        approver: "none".into(),
        asking: false,
        lock_in: None,
    }
}

fn entry(kind: Kind, at: u64, symbol: &str, with: Option<Address>) -> NewEntry {
    let leg = Leg {
        asset: AssetKind::Native,
        symbol: symbol.into(),
        decimals: 6,
        amount: U256::from(1_500_000),
        usd: Some(Usd::from_micro(1_500_000)),
    };
    NewEntry {
        at,
        kind,
        chain: 31337,
        account: demo().address(),
        gave: Some(leg),
        got: None,
        fee: None,
        with,
        with_name: None,
        tx: None,
        note: None,
    }
}

/// A feed like that of ether, under another description.
async fn feed_called(chain: &DevChain, description: &str) -> Address {
    use alloy_provider::Provider;
    let (from, feed) = (chain.addresses().eth_usd_feed, Address::repeat_byte(0xee));
    let ask = async |method: &'static str, params: Value| chain.provider().raw_request::<_, Value>(method.into(), params).await.unwrap();
    let code = ask("eth_getCode", json!([from, "latest"])).await;
    ask("anvil_setCode", json!([feed, code])).await;
    let short = |text: &str| {
        let mut slot = [0u8; 32];
        slot[..text.len()].copy_from_slice(text.as_bytes());
        slot[31] = u8::try_from(2 * text.len()).unwrap();
        B256::from(slot)
    };
    for slot in 0..12u64 {
        let at = U256::from(slot);
        let found: B256 = serde_json::from_value(ask("eth_getStorageAt", json!([from, at, "latest"])).await).unwrap();
        let put = if found == short("ETH / USD") { short(description) } else { found };
        ask("anvil_setStorageAt", json!([feed, at, put])).await;
    }
    feed
}

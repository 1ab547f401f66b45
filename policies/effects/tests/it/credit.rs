//! Credit pools: calls of borrowers, and applications for credit.

use alloy_consensus::SignableTransaction;
use alloy_primitives::{Address, B256, Bytes, U256, address, hex, keccak256};
use alloy_sol_types::{SolCall, SolStruct};
use parlance_credit::pool::{Attestation, Pool};
use parlance_credit::{Application, Offer};
use parlance_effects::{Asset, Effect, Effects, EffectsError, Registry, Role, Subject, Warning, decode_transaction, decode_typed_data};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::*;

const POOL: Address = address!("Cf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9");
const EXPIRY: u64 = 1_831_536_000;

/// The registry with a pool on Ethereum that lends USDC.
fn registry() -> Registry {
    Registry::from_toml(&with_pool(&format!("Maple = {{ address = \"{POOL}\", asset = \"USDC\" }}"))).expect("well-formed")
}

fn with_pool(line: &str) -> String {
    include_str!("../../registry.toml").replacen("[chain.contracts]", &format!("[chain.credit_pools]\n{line}\n\n[chain.contracts]"), 1)
}

fn on(chain: u64, to: Address, value: U256, data: impl Into<Bytes>) -> Effects {
    let payload = transaction(chain, to, value, data).encoded_for_signing();
    decode_transaction(&registry(), ACCOUNT, &payload).expect("well-formed").effects
}

fn called(data: impl Into<Bytes>) -> Effects {
    on(1, POOL, U256::ZERO, data)
}

#[track_caller]
fn reason(effects: &Effects) -> &str {
    match effects.items.as_slice() {
        [Effect::UnknownCall { reason, .. } | Effect::UnknownTypedData { reason }] => reason,
        understood => panic!("expected what is not understood, got {understood:?}"),
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/credit.json")).expect("JSON")
}

fn attestation(borrower: Address) -> Attestation {
    Attestation {
        id: b(1),
        statement: b(2),
        borrower,
        limit: u(2_000_000_000),
        rate: u(1_200),
        cycle: 2_592_000,
        scope: [7; 8].into(),
        nullifier: b(3),
        notaries: b(4),
        template: b(5),
        observedAt: EXPIRY - 9_000,
        issuedAt: EXPIRY - 8_000,
        expiry: EXPIRY,
        epoch: 1,
    }
}

fn open(attestation: Attestation) -> Vec<u8> {
    Pool::openCall { attestation, notaries: vec![b(9)], signatures: vec![vec![1; 65].into()] }.abi_encode()
}

fn line(renews: Option<U256>) -> Effect {
    let (pool, asset, borrower) = (POOL, token(USDC), ACCOUNT);
    Effect::CreditLine { pool, asset, limit: u(2_000_000_000), rate: 1_200, cycle: 2_592_000, expiry: EXPIRY, borrower, renews }
}

fn draw(to: Address, amount: U256) -> Vec<u8> {
    Pool::drawCall { id: u(3), amount, to }.abi_encode()
}

fn borrow(to: Address, amount: U256) -> Effect {
    Effect::Borrow { pool: POOL, asset: token(USDC), amount, to, line: u(3) }
}

/// Calldata of another implementation, from the compiler's interface.
#[test]
fn calls_by_ethers() {
    let vectors = vectors();
    let repay = |most| Some(Effect::Repay { pool: POOL, asset: token(USDC), most: u(most), line: u(3) });
    for call in vectors["calls"].as_array().expect("a list") {
        let name = call["name"].as_str().expect("a name");
        let data = hex::decode(call["data"].as_str().expect("hex")).expect("hex");
        let expected = match name {
            "open" => Some(line(None)),
            "renew" => Some(line(Some(u(3)))),
            "draw" => Some(borrow(call["to"].as_str().expect("an address").parse().expect("an address"), u(500_000_000))),
            "repay" => repay(200_000_000),
            "repayAll" => repay(510_000_000),
            "close" => Some(Effect::CreditClose { pool: POOL, asset: token(USDC), line: u(3) }),
            _ => None,
        };
        let effects = called(data);
        match expected {
            Some(expected) => assert_eq!(effects.items, [expected], "{name}"),
            None => assert!(reason(&effects).contains("of the credit pool is not understood"), "{name}"),
        }
    }
}

#[test]
fn lines_are_open_until_they_expire() {
    assert_eq!(called(open(attestation(ACCOUNT))).usable_until(), Some(EXPIRY));
    assert_eq!(called(draw(ACCOUNT, u(1))).usable_until(), None);
}

#[test]
fn an_attestation_for_somebody_else_is_not_understood() {
    assert!(reason(&called(open(attestation(ALICE)))).contains("not for the signing account"));
    let renew = Pool::renewCall { id: u(3), attestation: attestation(ALICE), notaries: vec![], signatures: vec![] };
    assert!(reason(&called(renew.abi_encode())).contains("not for the signing account"));
}

#[test]
fn terms_that_no_pool_takes_are_not_understood() {
    let changed = |change: &dyn Fn(&mut Attestation)| {
        let mut terms = attestation(ACCOUNT);
        change(&mut terms);
        called(open(terms))
    };
    for limit in [U256::ZERO, U256::MAX, U256::from(1) << 128] {
        assert!(reason(&changed(&|a| a.limit = limit)).contains("limit"), "{limit}");
    }
    for rate in [u(10_001), u(1 << 32), U256::MAX] {
        assert!(reason(&changed(&|a| a.rate = rate)).contains("interest"), "{rate}");
    }
    for cycle in [0, 86_399, 366 * 86_400 + 1, u32::MAX] {
        assert!(reason(&changed(&|a| a.cycle = cycle)).contains("cycle"), "{cycle}");
    }
    // The widest that are.
    let widest = changed(&|a| (a.limit, a.rate, a.cycle, a.expiry) = (U256::from(u128::MAX), u(10_000), 86_400, u64::MAX));
    assert!(!widest.has_unknown());
    assert_eq!(widest.usable_until(), None);
    assert_eq!(widest.warnings, [Warning::HighRate { rate: 10_000 }, Warning::ShortCycle { cycle: 86_400 }]);
}

#[test]
fn dear_and_hasty_terms_are_named() {
    let warned = |rate: u64, cycle: u32| {
        let mut terms = attestation(ACCOUNT);
        (terms.rate, terms.cycle) = (u(rate), cycle);
        called(open(terms)).warnings
    };
    assert_eq!(warned(3_000, 604_800), []);
    assert_eq!(warned(3_001, 604_800), [Warning::HighRate { rate: 3_001 }]);
    assert_eq!(warned(3_000, 604_799), [Warning::ShortCycle { cycle: 604_799 }]);
}

#[test]
fn what_somebody_else_gets_is_named() {
    assert_eq!(called(draw(ACCOUNT, u(1))).warnings, []);
    assert_eq!(called(draw(ALICE, u(1))).warnings, [Warning::BorrowedFor { to: ALICE }]);
    for lost in [Address::ZERO, POOL, USDC, V2_ROUTER] {
        assert_eq!(called(draw(lost, u(1))).warnings, [Warning::BorrowedFor { to: lost }, Warning::LikelyLost { to: lost }]);
    }
}

/// The same bytes mean nothing anywhere else: at a stranger's contract, on another chain, at a token or router.
#[test]
fn only_registered_pools_lend() {
    let data = || draw(ACCOUNT, u(1));
    assert!(reason(&on(1, STRANGER, U256::ZERO, data())).contains("not in the registry"));
    assert!(reason(&on(8453, POOL, U256::ZERO, data())).contains("not in the registry"));
    for other in [USDC, WETH, PERMIT2, V2_ROUTER, V3_ROUTER, ROUTER_02] {
        reason(&on(1, other, U256::ZERO, data()));
    }
    assert!(reason(&on(1, POOL, u(1), data())).contains("takes none"));
    assert!(reason(&on(1, POOL, U256::ZERO, vec![1, 2, 3])).contains("selector"));
    // The built-in registry decides by itself: a pool that is not in it is a stranger.
    let payload = transaction(1, POOL, U256::ZERO, data()).encoded_for_signing();
    let effects = decode_transaction(Registry::builtin_ref(), ACCOUNT, &payload).expect("well-formed").effects;
    assert!(reason(&effects).contains("not in the registry"));
}

/// A pool is reached by a transaction of the account or not at all: in somebody's multicall another one would owe.
#[test]
fn draws_inside_of_multicalls_are_not_understood() {
    let inner: Bytes = draw(ACCOUNT, u(1)).into();
    let nested = |data: Vec<u8>| V3::multicallCall { data: vec![data.into()] }.abi_encode();
    let once = V3::multicallCall { data: vec![inner.clone(), inner] }.abi_encode();
    for data in [once.clone(), nested(once.clone()), nested(nested(once))] {
        for router in [V3_ROUTER, ROUTER_02, POOL, address!("cA11bde05977b3631167028862bE2a173976CA11")] {
            reason(&on(1, router, U256::ZERO, data.clone()));
        }
    }
}

/// Encodings that a contract would read as we do, or otherwise, but that nobody honest makes.
#[test]
fn other_encodings_are_not_understood() {
    let good = open(attestation(ACCOUNT));
    // Words: fourteen of the attestation, then the offsets of the two lists.
    let word = |index: usize| 4 + 32 * index..4 + 32 * (index + 1);
    let mut moved = good.clone();
    let shift: [u8; 32] = u(18 * 32).to_be_bytes();
    moved[word(14)].copy_from_slice(&shift);
    moved.splice(word(16).start..word(16).start, [0; 32]);
    let mut overlapping = good.clone();
    overlapping.copy_within(word(14), word(15).start);
    let mut dirty = good.clone();
    dirty[word(2).start] = 1;
    let mut dirty_scope = good.clone();
    dirty_scope[word(6).end - 1] = 1;
    let mut wide_cycle = good.clone();
    wide_cycle[word(5).start] = 1;
    let mut far = good.clone();
    far[word(14)].copy_from_slice(&U256::MAX.to_be_bytes::<32>());
    let cut = good[..good.len() - 1].to_vec();
    let longer = [good.as_slice(), &[0]].concat();
    for (what, data) in [
        ("a gap", moved),
        ("one offset twice", overlapping),
        ("dirty bytes before the borrower", dirty),
        ("dirty bytes behind the scope", dirty_scope),
        ("a cycle of more than 32 bits", wide_cycle),
        ("an offset beyond everything", far),
        ("a byte less", cut),
        ("a byte more", longer),
    ] {
        assert!(reason(&called(data)).contains("canonical encoding"), "{what}");
    }
    let mut dirty = draw(ALICE, u(1));
    dirty[4 + 64] = 1;
    assert!(reason(&called(dirty)).contains("canonical encoding"));
}

fn types() -> Value {
    vectors()["signed"][0]["typed"]["types"].clone()
}

fn application() -> Value {
    vectors()["signed"][0]["typed"].clone()
}

fn decoded(typed: &Value) -> Effects {
    decode_typed_data(&registry(), ACCOUNT, &typed.to_string()).expect("well-formed").effects
}

fn accepted() -> Effect {
    Effect::CreditApplication {
        pool: POOL,
        asset: token(USDC),
        lender: "Maple".into(),
        limit: u(2_000_000_000),
        rate: 1_200,
        cycle: 2_592_000,
        at_least: u(1_000_000),
        currency: "USD".into(),
        expiry: EXPIRY,
        terms: "Simple interest. A tenth of the principal is due each cycle.".into(),
    }
}

/// Three implementations: ethers, the types that lender and wallet share, and the decoder.
#[test]
fn typed_data_by_ethers() {
    for signed in vectors()["signed"].as_array().expect("a list") {
        let effects = decoded(&signed["typed"]);
        assert_eq!(effects.digest().to_string(), signed["digest"].as_str().expect("a digest"));
        match signed["typed"]["primaryType"].as_str() {
            Some("Application") => {
                assert_eq!(effects.items, [accepted()]);
                assert_eq!((effects.chain, effects.fee, effects.usable_until()), (Some(1), None, Some(EXPIRY)));
                assert_eq!(effects.warnings, []);
                let message: Application = serde_json::from_value(signed["typed"]["message"].clone()).expect("an application");
                assert_eq!(message.digest(1, POOL), effects.digest());
                assert_eq!(Application::eip712_encode_type(), signed["encodeType"].as_str().expect("a type"));
            }
            // What an attester signs, and an offer by itself.
            _ => assert!(reason(&effects).contains("none of the kinds")),
        }
    }
}

#[test]
fn the_offer_that_the_proof_is_for_is_the_one_that_is_accepted() {
    let message: Application = serde_json::from_value(application()["message"].clone()).expect("an application");
    let offer = &vectors()["signed"][1];
    assert_eq!(message.offer.digest(1, POOL).to_string(), offer["digest"].as_str().expect("a digest"));
    assert_eq!(Offer::eip712_encode_type(), offer["encodeType"].as_str().expect("a type"));
}

#[test]
fn applications_elsewhere_are_not_understood() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut typed = application();
        change(&mut typed);
        decoded(&typed)
    };
    let domain = |key: &str, value: Value| changed(&|typed| typed["domain"][key] = value.clone());
    for contract in [STRANGER, USDC, PERMIT2] {
        assert!(reason(&domain("verifyingContract", json!(contract))).contains("no credit pool of the registry"));
    }
    assert!(reason(&domain("chainId", json!(8453))).contains("no credit pool of the registry"));
    assert!(reason(&domain("name", json!("Parlance  Credit"))).contains("its domain is not"));
    assert!(reason(&domain("version", json!("2"))).contains("its domain is not"));
    assert!(reason(&domain("salt", json!(b(1)))).contains("salt"));
    for missing in ["name", "version", "chainId", "verifyingContract"] {
        let effects = changed(&|typed| drop(typed["domain"].as_object_mut().expect("an object").remove(missing)));
        reason(&effects);
        assert_eq!(effects.warnings.contains(&Warning::DomainChain), missing == "chainId");
    }
    // A permit at a pool is none, and neither is an application at a token.
    assert!(reason(&changed(&|typed| typed["message"]["offer"]["borrower"] = json!(ALICE))).contains("not for the signing account"));
    // Another type of the same name.
    assert!(reason(&changed(&|typed| typed["types"]["Offer"][7]["type"] = "uint128".into())).contains("none of the kinds"));
    let renamed = changed(&|typed| {
        typed["types"]["Offer"][11]["name"] = "words".into();
        let terms = typed["message"]["offer"].as_object_mut().expect("an object").remove("terms");
        typed["message"]["offer"]["words"] = terms.expect("terms");
    });
    assert!(reason(&renamed).contains("none of the kinds"));
}

#[test]
fn applications_for_terms_that_no_pool_takes_are_not_understood() {
    let offer = |key: &str, value: Value| {
        let mut typed = application();
        typed["message"]["offer"][key] = value;
        decoded(&typed)
    };
    for (key, value, part) in [
        ("limit", json!("0"), "limit"),
        ("limit", json!(U256::MAX.to_string()), "limit"),
        ("rate", json!("10001"), "interest"),
        ("rate", json!(U256::MAX.to_string()), "interest"),
        ("cycle", json!(3_600), "cycle"),
        ("currency", json!("usd"), "currency"),
        ("currency", json!("US"), "currency"),
        ("currency", json!("U\u{421}D"), "currency"),
        ("lender", json!("x".repeat(65)), "longer"),
        ("terms", json!("x".repeat(2_001)), "longer"),
    ] {
        assert!(reason(&offer(key, value.clone())).contains(part), "{key}: {value}");
    }
    // A balance has no bound of its own; it is what the lender says.
    let huge = offer("atLeast", json!(U256::MAX.to_string()));
    assert!(matches!(huge.items[..], [Effect::CreditApplication { at_least: U256::MAX, .. }]));
    // A number that the type does not hold is an error, as everywhere.
    let mut wide = application();
    wide["message"]["offer"]["cycle"] = json!("4294967296");
    let error = decode_typed_data(&registry(), ACCOUNT, &wide.to_string()).expect_err("more than 32 bits");
    assert!(matches!(error, EffectsError::TypedData { .. }), "{error}");
    let endless = offer("expiry", json!(u64::MAX.to_string()));
    assert_eq!((endless.usable_until(), &endless.warnings[..]), (None, &[Warning::NoDeadline][..]));
}

#[test]
fn the_lenders_words_are_quoted_and_can_not_hide_anything() {
    let mut typed = application();
    typed["message"]["offer"]["lender"] = json!("Your\u{202e} bank\u{0}”, which \n pays");
    typed["message"]["offer"]["terms"] = json!(format!("Free\u{200b} of\tcharge.\r\n{}", "x".repeat(1_900)));
    let effects = decoded(&typed);
    assert_eq!(effects.warnings, [Warning::DeceptiveText]);
    let [Effect::CreditApplication { lender, terms, .. }] = &effects.items[..] else { panic!("{effects:?}") };
    assert_eq!(lender, "Your bank”, which pays");
    assert!(terms.starts_with("Free of charge. xxx") && terms.len() > 1_900);
    let sentences = effects.sentences(&|_| None);
    let sentence = &sentences[0];
    assert!(!sentence.chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}'), "{sentence:?}");
    assert!(sentence.contains("the lender calls itself “Your bank', which pays” and says “Free"), "{sentence}");
    assert!(sentence.len() < 600 && sentence.ends_with("xxx…”"), "{sentence}");
    // What is signed is in the tree, as it is.
    let Subject::TypedData { tree, .. } = &effects.subject else { panic!("no typed data") };
    assert!(tree.children[0].children[2].value.as_deref().expect("a lender").contains('\u{202e}'));
}

#[test]
fn sentences() {
    let names = |address: Address| (address == POOL).then(|| "Maple's pool".to_owned());
    let first = |effects: &Effects| effects.sentences(&names).swap_remove(0);
    let pool = format!("Maple's pool ({POOL}) on Ethereum");
    assert_eq!(
        first(&called(open(attestation(ACCOUNT)))),
        format!("Open a credit line of up to 2000 USDC at {pool}, 12 % a year, repaid every 30 days, drawn on until 2028-01-15 08:00 UTC")
    );
    let renew = Pool::renewCall { id: u(3), attestation: attestation(ACCOUNT), notaries: vec![], signatures: vec![] }.abi_encode();
    assert_eq!(
        first(&called(renew)),
        format!(
            "Renew credit line 3 with up to 2000 USDC at {pool}, 12 % a year, repaid every 30 days, drawn on until 2028-01-15 08:00 UTC"
        )
    );
    assert_eq!(first(&called(draw(ACCOUNT, u(500_000_000)))), format!("Borrow 500 USDC from {pool}, on credit line 3"));
    assert_eq!(
        first(&called(draw(ALICE, u(500_000_000)))),
        format!("Borrow 500 USDC from {pool}, on credit line 3, to be paid to {ALICE}")
    );
    let repay = Pool::repayAllCall { id: u(3), atMost: u(200_500_000) }.abi_encode();
    assert_eq!(first(&called(repay)), format!("Pay back up to 200.5 USDC to {pool}, on credit line 3"));
    assert_eq!(first(&called(Pool::closeCall { id: u(3) }.abi_encode())), format!("Close credit line 3 at {pool}"));
    assert_eq!(
        first(&decoded(&application())),
        format!(
            "Apply for a credit line of up to 2000 USDC at {pool}, 12 % a year, repaid every 30 days, with a proof of at least 10000 USD \
             at your bank, until 2028-01-15 08:00 UTC; the lender calls itself “Maple” and says “Simple interest. A tenth of the \
             principal is due each cycle.”"
        )
    );
    let mut dear = attestation(ACCOUNT);
    (dear.rate, dear.cycle) = (u(3_650), 3 * 86_400);
    assert_eq!(
        called(open(dear)).warning_sentences(&names),
        ["The interest is high: 36.5 % a year", "Payments are due often: every 3 days"]
    );
    assert_eq!(called(draw(ALICE, u(1))).warning_sentences(&names), [format!("{ALICE} gets the money, and you owe it")]);
}

#[test]
fn terms_stand_side_by_side() {
    let application = decoded(&application()).credit_terms().swap_remove(0);
    let rows = [
        ("Lender", "“Maple”, as it calls itself"),
        ("Limit", "2000 USDC"),
        ("Interest", "12 % a year"),
        ("Repaid", "every 30 days"),
        ("Proved", "a balance of at least 10000 USD"),
        ("Offer ends", "2028-01-15 08:00 UTC"),
    ];
    assert_eq!(application.rows, rows.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(application.quote.as_deref(), Some("Simple interest. A tenth of the principal is due each cycle."));
    let line = called(open(attestation(ACCOUNT))).credit_terms().swap_remove(0);
    assert_eq!((line.rows.len(), line.quote), (4, None));
    assert_eq!(called(draw(ACCOUNT, u(1))).credit_terms(), []);
    assert!(called(draw(ACCOUNT, u(1))).owes() && decoded(&self::application()).owes());
    assert!(!called(Pool::repayCall { id: u(3), amount: u(1) }.abi_encode()).owes());
}

#[test]
fn pools_of_the_registry() {
    let registry = registry();
    assert_eq!(registry.pool_asset(1, POOL), Some(token(USDC)));
    assert_eq!(registry.contract(1, POOL).map(|pool| &pool.role), Some(&Role::CreditPool { asset: USDC }));
    assert_eq!(registry.label(1, POOL), Some("Maple's pool"));
    for (chain, address) in [(8453, POOL), (1, STRANGER), (1, USDC)] {
        assert_eq!(registry.pool_asset(chain, address), None::<Asset>);
    }
    for faulty in [
        format!("Maple = {{ address = \"{POOL}\", asset = \"SHIB\" }}"),
        format!("Maple = {{ address = \"{POOL}\", asset = \"ETH\" }}"),
        format!("Maple = {{ address = \"{POOL}\" }}"),
        format!("Maple = {{ address = \"{POOL}\", asset = \"USDC\", limit = 5 }}"),
        format!("Maple = {{ address = \"{}\", asset = \"USDC\" }}", POOL.to_string().to_lowercase()),
        format!("Maple = {{ address = \"{USDC}\", asset = \"USDC\" }}"),
        format!("Maple = {{ address = \"{POOL}\", asset = \"USDC\" }}\nOak = {{ address = \"{POOL}\", asset = \"DAI\" }}"),
    ] {
        assert!(Registry::from_toml(&with_pool(&faulty)).is_err(), "{faulty}");
    }
}

fn address_of() -> impl Strategy<Value = Address> {
    prop_oneof![any::<[u8; 20]>().prop_map(Address::from), prop::sample::select(vec![ACCOUNT, ALICE, POOL, USDC, Address::ZERO])]
}

fn amount() -> impl Strategy<Value = U256> {
    prop_oneof![any::<u64>().prop_map(U256::from), any::<[u64; 4]>().prop_map(U256::from_limbs)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("PARLANCE_SOAK").is_some() { 50_000 } else { 400 }))]

    /// Whatever is done to a draw's bytes: what still decodes to a draw is exactly what the contract would read.
    #[test]
    fn changed_draws_never_hide_money(
        id in amount(), value in amount(), to in address_of(), at: prop::sample::Index, byte: u8, cut in 0..3usize, extra in 0..3usize,
    ) {
        let mut data = Pool::drawCall { id, amount: value, to }.abi_encode();
        let index = at.index(data.len());
        data[index] = byte;
        data.truncate(data.len() - cut);
        data.extend(vec![byte; extra]);
        let effects = called(data.clone());
        if let [Effect::Borrow { pool, asset, amount, to, line }] = &effects.items[..] {
            prop_assert_eq!((*pool, asset), (POOL, &token(USDC)));
            prop_assert_eq!(*line, U256::from_be_slice(&data[4..36]));
            prop_assert_eq!(*amount, U256::from_be_slice(&data[36..68]));
            prop_assert_eq!(*to, Address::from_slice(&data[80..100]));
            prop_assert_eq!(effects.warnings.contains(&Warning::BorrowedFor { to: *to }), *to != ACCOUNT);
        } else {
            prop_assert!(effects.has_unknown());
        }
    }

    /// A line is opened for the account on the very terms of the attestation, or the call is not understood.
    #[test]
    fn lines_are_those_of_the_attestation(
        borrower in address_of(), limit in amount(), rate in prop_oneof![(0..20_000_u64).prop_map(U256::from), amount()],
        cycle in prop_oneof![any::<u32>(), 0..40_000_000_u32], expiry: u64, renews in prop::option::of(amount()),
        lists in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let terms = Attestation { limit, rate, cycle, expiry, ..attestation(borrower) };
        let notaries: Vec<B256> = lists.iter().map(|n| b(*n)).collect();
        let signatures: Vec<Bytes> = lists.iter().map(|n| vec![*n; usize::from(*n)].into()).collect();
        let data = match renews {
            None => Pool::openCall { attestation: terms, notaries, signatures }.abi_encode(),
            Some(id) => Pool::renewCall { id, attestation: terms, notaries, signatures }.abi_encode(),
        };
        let effects = called(data);
        let acceptable = borrower == ACCOUNT
            && !limit.is_zero() && limit <= U256::from(u128::MAX)
            && rate <= u(10_000)
            && (86_400..=366 * 86_400).contains(&cycle);
        prop_assert_eq!(!effects.has_unknown(), acceptable);
        if acceptable {
            let (pool, asset, rate) = (POOL, token(USDC), rate.to::<u32>());
            prop_assert_eq!(&effects.items[..], &[Effect::CreditLine { pool, asset, limit, rate, cycle, expiry, borrower, renews }]);
        }
    }

    /// Any bytes at a pool are one effect, understood or not, with sentences.
    #[test]
    fn any_call_is_decoded_or_unknown(
        selector in prop::sample::select(vec!["open", "renew", "draw", "repay", "repayAll", "close", "deposit"]),
        words in prop::collection::vec(prop_oneof![(0u64..700).prop_map(U256::from), amount()], 0..30),
    ) {
        let vectors = vectors();
        let call = vectors["calls"].as_array().expect("a list").iter().find(|call| call["name"] == selector).expect("a call");
        let mut data = hex::decode(call["data"].as_str().expect("hex")).expect("hex")[..4].to_vec();
        words.iter().for_each(|word| data.extend(word.to_be_bytes::<32>()));
        let effects = called(data);
        prop_assert_eq!(effects.items.len(), 1);
        prop_assert_eq!(effects.sentences(&|_| None).len(), 2);
    }

    /// What an application says is what is hashed, and no text of a lender breaks out of its sentence.
    #[test]
    fn applications_say_what_is_signed(
        borrower in address_of(), lender in ".{0,70}", terms in "(?s).{0,300}", limit in amount(), rate in 0..20_000_u64, cycle in 0..40_000_000_u32,
        expiry: u64, at_least in amount(),
    ) {
        let mut typed = application();
        let offer = &mut typed["message"]["offer"];
        (offer["borrower"], offer["lender"], offer["terms"]) = (json!(borrower), json!(lender), json!(terms));
        (offer["limit"], offer["rate"]) = (json!(limit.to_string()), json!(rate.to_string()));
        (offer["cycle"], offer["expiry"]) = (json!(cycle), json!(expiry));
        offer["atLeast"] = json!(at_least.to_string());
        let message: Application = serde_json::from_value(typed["message"].clone()).expect("an application");
        let effects = decoded(&typed);
        prop_assert_eq!(effects.digest(), message.digest(1, POOL));
        let sentences = effects.sentences(&|_| None);
        prop_assert_eq!(sentences.len(), 1);
        prop_assert!(!sentences[0].chars().any(char::is_control), "{:?}", sentences);
        if let [Effect::CreditApplication { limit: said, rate: cost, cycle: every, .. }] = &effects.items[..] {
            prop_assert_eq!((*said, u64::from(*cost), *every, borrower), (limit, rate, cycle, ACCOUNT));
        } else {
            prop_assert!(effects.has_unknown());
        }
    }
}

/// The type hash by which contracts and lenders know an application.
#[test]
fn the_type_is_the_one_that_lenders_check() {
    let decoded = decode_typed_data(&registry(), ACCOUNT, &application().to_string()).expect("well-formed");
    assert_eq!(decoded.parsed.type_hash().expect("a type"), keccak256(Application::eip712_encode_type().as_bytes()));
    assert!(types()["Offer"].as_array().is_some_and(|fields| fields.len() == 12));
}

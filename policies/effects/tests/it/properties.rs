//! What must hold for all inputs.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxLegacy};
use alloy_primitives::aliases::U24;
use alloy_primitives::{Address, Bytes, TxKind, U160, U256, keccak256};
use alloy_sol_types::SolCall;
use parlance_effects::{Effect, Registry, TypedTransaction, decode_message, decode_transaction, decode_typed_data};
use proptest::prelude::*;

use crate::support::*;

/// More cases with PARLANCE_SOAK=1.
fn cases() -> ProptestConfig {
    let soak = std::env::var_os("PARLANCE_SOAK").is_some_and(|value| value == "1");
    ProptestConfig::with_cases(if soak { 50_000 } else { 400 })
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        any::<[u8; 20]>().prop_map(Address::from),
        prop::sample::select(vec![ACCOUNT, ALICE, USDC, DAI, WETH, PERMIT2, V2_ROUTER, V3_ROUTER, ROUTER_02, Address::ZERO]),
    ]
}

fn amount() -> impl Strategy<Value = U256> {
    prop_oneof![any::<u64>().prop_map(U256::from), any::<[u64; 4]>().prop_map(U256::from_limbs)]
}

prop_compose! {
    fn fields()(chain in 1u64.., nonce: u64, gas_limit: u64, price: u128, tip: u128, to in prop::option::of(address()),
                value in amount(), input in prop::collection::vec(any::<u8>(), 0..200), kind in 0..3u8)
        -> TypedTransaction {
        let to = to.map_or(TxKind::Create, TxKind::Call);
        let input = Bytes::from(input);
        match kind {
            0 => TxLegacy { chain_id: Some(chain), nonce, gas_price: price, gas_limit, to, value, input }.into(),
            1 => TxEip2930 { chain_id: chain, nonce, gas_price: price, gas_limit, to, value, input, access_list: Default::default() }.into(),
            _ => TxEip1559 {
                chain_id: chain, nonce, gas_limit, max_fee_per_gas: price, max_priority_fee_per_gas: tip, to, value, input,
                access_list: Default::default(),
            }.into(),
        }
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let registry = Registry::builtin_ref();
        let _ = decode_transaction(registry, ACCOUNT, &bytes);
        let _ = decode_message(ACCOUNT, &bytes);
        let _ = decode_typed_data(registry, ACCOUNT, &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn transactions_come_back_as_they_were(transaction in fields()) {
        let payload = transaction.encoded_for_signing();
        let decoded = decode_transaction(Registry::builtin_ref(), ACCOUNT, &payload).expect("well-formed");
        prop_assert_eq!(&decoded.parsed, &transaction);
        prop_assert_eq!(decoded.digest, keccak256(&payload));
        prop_assert_eq!(decoded.digest, transaction.signature_hash());
        prop_assert!(!decoded.effects.items.is_empty());
        let sentences = decoded.effects.sentences(&|_| None);
        prop_assert_eq!(sentences.len(), decoded.effects.items.len() + 1);
    }

    #[test]
    fn a_changed_payload_is_refused_or_another(transaction in fields(), at: prop::sample::Index, bit in 0..8u8) {
        let mut payload = transaction.encoded_for_signing();
        let index = at.index(payload.len());
        payload[index] ^= 1 << bit;
        if let Ok(decoded) = decode_transaction(Registry::builtin_ref(), ACCOUNT, &payload) {
            prop_assert_ne!(&decoded.parsed, &transaction);
            prop_assert_eq!(decoded.parsed.encoded_for_signing(), payload);
        }
    }

    #[test]
    fn arbitrary_calldata_is_decoded_or_unknown(
        to in address(),
        selector in prop::sample::select(vec![
            [0xa9, 0x05, 0x9c, 0xbb], [0x23, 0xb8, 0x72, 0xdd], [0x09, 0x5e, 0xa7, 0xb3], [0xac, 0x96, 0x50, 0xd8],
            [0x5a, 0xe4, 0x01, 0xdc], [0x1f, 0x04, 0x64, 0xd1], [0x41, 0x4b, 0xf3, 0x89], [0xc0, 0x4b, 0x8d, 0x59],
            [0x38, 0xed, 0x17, 0x39], [0x30, 0xf2, 0x8b, 0x7a], [0x2b, 0x67, 0xb5, 0x70], [0x0d, 0x58, 0xb1, 0xdb],
        ]),
        words in prop::collection::vec(prop_oneof![(0u64..400).prop_map(U256::from), amount()], 0..20),
        value in prop_oneof![Just(U256::ZERO), amount()],
    ) {
        let mut data = selector.to_vec();
        words.iter().for_each(|word| data.extend(word.to_be_bytes::<32>()));
        let effects = call(to, value, data);
        prop_assert!(!effects.items.is_empty());
    }

    /// Whatever is done to the calldata of a transfer: what still decodes to a transfer is exactly what it encodes.
    #[test]
    fn mutated_transfers_never_hide_money(
        to in address(), value in amount(), at: prop::sample::Index, byte: u8, cut in 0..3usize, extra in 0..3usize,
    ) {
        let mut data = Token::transferCall { to, value }.abi_encode();
        let index = at.index(data.len());
        data[index] = byte;
        data.truncate(data.len() - cut);
        data.extend(vec![byte; extra]);
        for effect in items(USDC, U256::ZERO, data.clone()) {
            if let Effect::TransferOut { asset, amount, from, to } = effect {
                // The EVM reads the low 20 bytes of word 0 and all of word 1.
                let recipient = if data.starts_with(&Token::transferCall::SELECTOR) {
                    prop_assert_eq!(from, ACCOUNT);
                    Address::from_slice(&data[16..36])
                } else {
                    to
                };
                prop_assert_eq!((asset, to), (token(USDC), recipient));
                prop_assert_eq!(amount, U256::from_be_slice(&data[36..68]));
            }
        }
    }

    /// Swaps through multicalls: what goes in is never understated, what comes out never overstated.
    #[test]
    fn folded_swaps_keep_their_bounds(
        swaps in prop::collection::vec((any::<u32>(), any::<u32>(), any::<bool>()), 1..5),
        least: u32, recipient in address(), nest in 0..3usize,
    ) {
        let mut calls: Vec<Bytes> = swaps.iter().map(|(amount, least, from_dai)| {
            let p = V3::InSingle {
                tokenIn: if *from_dai { DAI } else { USDC }, tokenOut: WETH, fee: U24::from(500), recipient: Address::ZERO,
                deadline: u(SOON), amountIn: U256::from(*amount), least: U256::from(*least), limit: U160::ZERO,
            };
            V3::exactInputSingleCall { p }.abi_encode().into()
        }).collect();
        calls.push(V3::unwrapWETH9Call { least: U256::from(least), to: recipient }.abi_encode().into());
        let data = (0..nest).fold(V3::multicallCall { data: calls }.abi_encode(), |data, _| {
            V3::multicallCall { data: vec![data.into()] }.abi_encode()
        });
        let effects = call(V3_ROUTER, U256::ZERO, data);
        if swaps.iter().any(|(amount, ..)| *amount == 0) || recipient == V3_ROUTER {
            prop_assert!(effects.has_unknown());
            return Ok(());
        }
        let total = |from_dai: bool| {
            swaps.iter().filter(|swap| swap.2 == from_dai).map(|swap| U256::from(swap.0)).sum::<U256>()
        };
        let promised: U256 = swaps.iter().map(|swap| U256::from(swap.1)).sum();
        let (mut dai, mut usdc, mut out) = (U256::ZERO, U256::ZERO, U256::ZERO);
        for effect in &effects.items {
            let Effect::Swap { sell, most_in, buy, least_out, recipient: to, .. } = effect else {
                return Err(TestCaseError::fail(format!("{effect:?}")));
            };
            prop_assert_eq!((buy, *to), (&eth(), recipient));
            if *sell == token(DAI) { dai += *most_in } else { usdc += *most_in }
            out += *least_out;
        }
        prop_assert_eq!((dai, usdc), (total(true), total(false)));
        prop_assert_eq!(out, promised.max(U256::from(least)));
    }

    #[test]
    fn nested_bombs_are_bounded(depth in 0..12usize, width in 1..6usize) {
        let leaf: Bytes = Token::transferCall { to: ALICE, value: u(1) }.abi_encode().into();
        let mut data = leaf;
        for _ in 0..depth {
            if data.len() * width > 60_000 { break }
            data = V3::multicallCall { data: vec![data; width] }.abi_encode().into();
        }
        not_understood(V3_ROUTER, U256::ZERO, data);
    }
}

//! Any calldata to any registered contract: understood as a whole, or not at all.
#![no_main]

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, TxKind, U256};
use libfuzzer_sys::fuzz_target;
use parlance_effects::{Effect, Registry, decode_transaction};

fuzz_target!(|data: &[u8]| {
    let [contract, value, calldata @ ..] = data else {
        return;
    };
    let registry = Registry::builtin_ref();
    let contracts: Vec<Address> = registry
        .contracts(1)
        .map(|contract| contract.address)
        .collect();
    let to = contracts[usize::from(*contract) % contracts.len()];
    let transaction = TxEip1559 {
        chain_id: 1,
        to: TxKind::Call(to),
        value: U256::from(*value),
        input: calldata.to_vec().into(),
        ..Default::default()
    };
    let Ok(decoded) = decode_transaction(
        registry,
        Address::repeat_byte(7),
        &transaction.encoded_for_signing(),
    ) else {
        assert!(
            calldata.len() > 100_000,
            "a small transaction that we encoded ourselves"
        );
        return;
    };
    let effects = decoded.effects;
    assert!(!effects.items.is_empty());
    if effects.has_unknown() {
        assert_eq!(effects.items.len(), 1);
    } else {
        // Whatever coin goes along is accounted for.
        let spent = effects
            .items
            .iter()
            .fold(U256::ZERO, |sum, item| match item {
                Effect::Swap { sell, most_in, .. } if sell == &registry.native(1) => {
                    sum.saturating_add(*most_in)
                }
                Effect::Wrap { amount, .. } => sum.saturating_add(*amount),
                Effect::TransferOut { asset, amount, .. } if asset == &registry.native(1) => {
                    sum.saturating_add(*amount)
                }
                _ => sum,
            });
        // A refund hands back what is not spent.
        assert!(spent <= U256::from(*value));
    }
    effects.sentences(&|_| None);
    effects.warning_sentences(&|_| None);
});

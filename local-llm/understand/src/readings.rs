//! Readings that the vocabulary fixes whatever the words: exchanging ETH for WETH is wrapping, and a swap whose only named
//! side is the default for the other one lacks that other one.

use parlance_grounding::{Intent, Side, UnclearReason};

/// The asset that a swap's unnamed side stands for until the person chooses another.
const SPENDING_ASSET: &str = "USDC";

/// The canonical reading of an accepted intent.
pub fn canonical(intent: Intent) -> Intent {
    match intent {
        Intent::Swap { from: Some(from), to: Some(to), amount, side: None | Some(Side::In), slippage: _, chain, of }
            if from == "ETH" && to == "WETH" =>
        {
            Intent::Wrap { amount, chain, of }
        }
        Intent::Swap { from: Some(from), to: Some(to), amount, side: None | Some(Side::In), slippage: _, chain, of }
            if from == "WETH" && to == "ETH" =>
        {
            Intent::Unwrap { amount, chain, of }
        }
        Intent::Swap { from: Some(ref from), to: None, .. } if from == SPENDING_ASSET => lacking("to", &intent),
        Intent::Swap { from: None, to: Some(ref to), .. } if to == SPENDING_ASSET => lacking("from", &intent),
        Intent::Steps { r#do } => Intent::Steps { r#do: r#do.into_iter().map(wrapped).collect() },
        Intent::Schedule { every, at, r#do } => Intent::Schedule { every, at, r#do: Box::new(wrapped(*r#do)) },
        Intent::When { asset, below, above, r#do } => Intent::When { asset, below, above, r#do: Box::new(wrapped(*r#do)) },
        other => other,
    }
}

/// Inside another intent nothing can be asked for, only be said otherwise.
fn wrapped(intent: Intent) -> Intent {
    match canonical(intent.clone()) {
        Intent::Unclear { .. } => intent,
        canonical => canonical,
    }
}

fn lacking(field: &str, intent: &Intent) -> Intent {
    Intent::Unclear { reason: Some(UnclearReason::Incomplete), missing: vec![field.to_owned()], partial: serde_json::to_value(intent).ok() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reading(intent: Value) -> Value {
        serde_json::to_value(canonical(serde_json::from_value(intent).unwrap())).unwrap()
    }

    #[test]
    fn eth_for_weth_is_wrapping_wherever_it_stands() {
        let swap = json!({"intent": "swap", "from": "ETH", "to": "WETH", "amount": "0.3"});
        let wrap = json!({"intent": "wrap", "amount": "0.3"});
        assert_eq!(reading(swap.clone()), wrap);
        assert_eq!(
            reading(json!({"intent": "swap", "from": "WETH", "to": "ETH", "amount": "max"})),
            json!({"intent": "unwrap", "amount": "max"})
        );
        assert_eq!(
            reading(json!({"intent": "steps", "do": [swap, {"intent": "lock"}]})),
            json!({"intent": "steps", "do": [wrap, {"intent": "lock"}]})
        );
    }

    #[test]
    fn a_swap_of_the_spending_asset_alone_lacks_its_other_side() {
        assert_eq!(reading(json!({"intent": "swap", "from": "USDC", "amount": "100"}))["missing"], json!(["to"]));
        assert_eq!(reading(json!({"intent": "swap", "from": "USDT", "amount": "100"}))["intent"], "swap");
        assert_eq!(reading(json!({"intent": "swap", "from": "ETH", "to": "DAI", "amount": "1"}))["intent"], "swap");
    }
}

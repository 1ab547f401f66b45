//! The canonical readings of open cases: the words, and the line whose meaning they have.

use parlance_grounding::{Intent, decode};
use serde_json::{Value, json};

use crate::read;

#[track_caller]
fn means(text: &str, line: &str, intent: Value) {
    let grounding = read(text);
    let read = decode(line, &grounding).unwrap_or_else(|e| panic!("{text}: {} — {e}", grounding.delexicalised()));
    assert_eq!(serde_json::to_value(&read).expect("json"), intent, "{text}");
    assert_eq!(serde_json::from_value::<Intent>(intent).expect("an intent"), read);
}

#[test]
fn amounts_beside_a_stablecoin_are_plain() {
    means(
        "give bob 20 bucks in usdc",
        "send asset=<T1> amount=<A1> to=<N1>",
        json!({"intent": "send", "asset": "USDC", "amount": "20", "to": "Bob"}),
    );
    means(
        "give bob 20 bucks of eth",
        "send asset=<T1> amount=<A1> to=<N1>",
        json!({"intent": "send", "asset": "ETH", "amount": "$20", "to": "Bob"}),
    );
    means(
        "$100 USDC to ETH",
        "swap from=<T1> to=<T2> amount=<A1>",
        json!({"intent": "swap", "from": "USDC", "to": "ETH", "amount": "100"}),
    );
    means(
        "sell $100 of eth for dai",
        "swap from=<T1> to=<T2> amount=<A1>",
        json!({"intent": "swap", "from": "ETH", "to": "DAI", "amount": "$100"}),
    );
    means(
        "get exactly $100 of dai for eth",
        "swap from=<T2> to=<T1> amount=<A1> side=out",
        json!({"intent": "swap", "from": "ETH", "to": "DAI", "amount": "100", "side": "out"}),
    );
    means(
        "approve uniswap for $50 of usdt",
        "approve asset=<T1> spender=<P1> amount=<A1>",
        json!({"intent": "approve", "asset": "USDT", "spender": "uniswap", "amount": "50"}),
    );
    means(
        "give bob 20 euros in eurc",
        "send asset=<T1> amount=<A1> to=<N1>",
        json!({"intent": "send", "asset": "EURC", "amount": "20", "to": "Bob"}),
    );
}

#[test]
fn an_amount_in_euros_of_anything_else_is_refused() {
    let grounding = read("give bob 20 euros of eth");
    assert!(matches!(decode("send asset=<T1> amount=<A1> to=<N1>", &grounding), Err(parlance_grounding::GroundingError::Currency { .. })));
}

#[test]
fn prices_and_proofs_are_plain_digits() {
    means(
        "buy eth when it is under $2,000",
        "when asset=<T1> below=<A1> do ( swap to=<T1> )",
        json!({"intent": "when", "asset": "ETH", "below": "2000", "do": {"intent": "swap", "to": "ETH"}}),
    );
    means("prove ten grand at my bank", "prove_balance at_least=<A1>", json!({"intent": "prove_balance", "at_least": "10000"}));
    let grounding = read("buy eth when it drops 30%");
    assert!(decode("when asset=<T1> below=<A1> do ( swap to=<T1> )", &grounding).is_err(), "a share is no price");
}

#[test]
fn bounds_keep_their_dollars() {
    means(
        "ask me above 5 cents per x402 call",
        "rule effect=ask action=x402 over=<A1> per=tx",
        json!({"intent": "rule", "effect": "ask", "action": "x402", "over": "$0.05", "per": "tx"}),
    );
    means(
        "forbid sends over 100 usdc",
        "rule effect=forbid action=send asset=<T1> over=<A1>",
        json!({"intent": "rule", "effect": "forbid", "action": "send", "asset": "USDC", "over": "100"}),
    );
    means(
        "forbid sends over $100 usdc",
        "rule effect=forbid action=send asset=<T1> over=<A1>",
        json!({"intent": "rule", "effect": "forbid", "action": "send", "asset": "USDC", "over": "100"}),
    );
    means(
        "pay https://a.example/x but at most 2 dollars",
        "pay url=<U1> max=<A1>",
        json!({"intent": "pay", "url": "https://a.example/x", "max": "$2"}),
    );
}

#[test]
fn a_contract_may_be_the_asset() {
    let x = "0x52908400098527886E0F7030069857D2E4169EE7";
    means(
        &format!("buy $20 of FAKE {x} on base"),
        "swap to=<X1> amount=<A1> chain=<C1>",
        json!({"intent": "swap", "to": x, "amount": "$20", "chain": "base"}),
    );
    means(&format!("my balance of {x}"), "balance asset=<X1>", json!({"intent": "balance", "asset": x}));
}

#[test]
fn the_step_before_gives_the_asset() {
    means(
        "unwrap 1 weth and send all of it to bob",
        "unwrap amount=<A1> ; send asset=it amount=it to=<N1>",
        json!({"intent": "steps", "do": [{"intent": "unwrap", "amount": "1"}, {"intent": "send", "asset": "ETH", "amount": "max", "to": "Bob", "of": "previous"}]}),
    );
}

#[test]
fn names_stay_as_typed_where_the_book_has_none() {
    means(
        "give McTavish 5 usdc",
        "send asset=<T1> amount=<A1> to=\" mctavish \"",
        json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "McTavish"}),
    );
    means(
        "let CowSwap's router use 5 usdc",
        "approve asset=<T1> spender=<P1> amount=<A1>",
        json!({"intent": "approve", "asset": "USDC", "spender": "CowSwap", "amount": "5"}),
    );
}

#[test]
fn times_are_of_24_hours() {
    means(
        "every friday at 9 pm wrap 1 eth",
        "schedule every=<Y1> at=<O1> do ( wrap amount=<A1> )",
        json!({"intent": "schedule", "every": "friday", "at": "21:00", "do": {"intent": "wrap", "amount": "1"}}),
    );
    means(
        "on the 15th of each month wrap 1 eth",
        "schedule every=<Y1> do ( wrap amount=<A1> )",
        json!({"intent": "schedule", "every": "15th", "do": {"intent": "wrap", "amount": "1"}}),
    );
}

#[test]
fn slippage_is_a_percentage() {
    means(
        "swap 5 usdc to eth, slippage .5%",
        "swap from=<T1> to=<T2> amount=<A1> slippage=<A2>",
        json!({"intent": "swap", "from": "USDC", "to": "ETH", "amount": "5", "slippage": "0.5%"}),
    );
    means(
        "swap 5 usdc to eth, slippage 1",
        "swap from=<T1> to=<T2> amount=<A1> slippage=<A2>",
        json!({"intent": "swap", "from": "USDC", "to": "ETH", "amount": "5", "slippage": "1%"}),
    );
    assert!(decode("swap from=<T1> to=<T2> amount=<A1> slippage=<A2>", &read("swap 5 usdc to eth, slippage $1")).is_err());
}

//! The preview of a payment: a plan by the real wallet core with the real signer's address book, simulated on a real anvil by
//! the node and by the EVM in this process; against one bare round trip of `eth_call` and of `eth_simulateV1` in the same run.

use criterion::{Criterion, criterion_group, criterion_main};
use parlance_devnet::DevChain;
use parlance_grounding::Intent;
use parlance_signer_protocol::{Request, Response};
use parlance_tests::signer::{Person, Signer, init};
use parlance_wallet_core::{
    Wallet,
    chain::{Call, ChainClient, SimulatedBy},
    plan::{Plan, plan},
    signer,
    store::Store,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

fn preview(c: &mut Criterion) {
    let tokio = Runtime::new().expect("a runtime");
    let chain = tokio.block_on(DevChain::spawn()).expect("anvil starts");
    let dir = tempfile::tempdir().expect("a folder");
    let described = json!({ "rpc_url": chain.rpc_url(), "chain_id": 31337 }).to_string();
    std::fs::write(dir.path().join("devworld.json"), described).expect("written");
    let data = dir.path().join("signer");
    init(&data);
    let (mut process, mut sockets) = Signer::start_with_raw(&data, 1, Person::Clicks);
    assert!(matches!(process.ask(Request::Unlock {}), Response::Done { .. }));
    let socket = sockets.pop().expect("one socket");
    let wallet = Wallet::open(dir.path(), signer::Signer::new(socket), Store::in_memory().expect("a store")).expect("opens");
    let client = wallet.client(None).expect("the local chain");
    let intent: Intent =
        serde_json::from_value(json!({ "intent": "send", "asset": "USDC", "amount": "50", "to": "Alice" })).expect("an intent");

    let made = tokio.block_on(plan(&wallet, &intent, None)).expect("a plan");
    let call = call_of(&made);
    assert_eq!(tokio.block_on(client.simulate(&call)).expect("simulated").by, SimulatedBy::Node);

    let mut group = c.benchmark_group("preview of 50 USDC");
    group.bench_function("plan and simulation by the node", |b| {
        b.iter(|| {
            tokio.block_on(async { simulate_on_node(&client, &call_of(&plan(&wallet, &intent, None).await.expect("a plan"))).await })
        });
    });
    group.bench_function("plan alone", |b| b.iter(|| tokio.block_on(plan(&wallet, &intent, None)).expect("a plan")));
    group.bench_function("simulation by the node", |b| b.iter(|| tokio.block_on(simulate_on_node(&client, &call))));
    group.bench_function("simulation by the EVM in this process", |b| {
        b.iter(|| assert!(tokio.block_on(client.simulate_locally(&call)).expect("simulated").succeeds()));
    });
    let peer = Peer { http: reqwest::Client::new(), url: chain.rpc_url().to_owned() };
    let request = json!({ "from": call.from, "to": call.to, "input": call.data });
    group.bench_function("peer: one bare eth_call", |b| b.iter(|| tokio.block_on(peer.ask("eth_call", json!([request, "latest"])))));
    let simulated = json!([{ "blockStateCalls": [{ "calls": [request] }], "traceTransfers": true }, "latest"]);
    group.bench_function("peer: one bare eth_simulateV1", |b| b.iter(|| tokio.block_on(peer.ask("eth_simulateV1", simulated.clone()))));
    group.finish();
}

fn call_of(plan: &Plan) -> Call {
    let tx = plan.txs.first().expect("one transaction");
    Call::new(plan.account, tx.to).value(tx.value).data(tx.data.clone()).gas(tx.gas_limit)
}

async fn simulate_on_node(client: &ChainClient, call: &Call) {
    assert!(client.simulate_on_node(call).await.expect("simulated").succeeds());
}

/// JSON-RPC without anything around it.
struct Peer {
    http: reqwest::Client,
    url: String,
}

impl Peer {
    async fn ask(&self, method: &str, params: Value) {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let reply = self.http.post(&self.url).header("content-type", "application/json").body(body).send().await.expect("anvil answers");
        let reply: Value = serde_json::from_slice(&reply.bytes().await.expect("a body")).expect("JSON");
        assert!(reply.get("result").is_some(), "{reply}");
    }
}

criterion_group!(benches, preview);
criterion_main!(benches);

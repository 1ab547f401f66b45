//! A chain, an account that signs, and a node that can be told to misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use parlance_devnet::DevChain;
use parlance_wallet_core::chain::{Catalogue, Chain, ChainClient, Fees, Nonces, Outbox, Watcher};
use parlance_wallet_core::store::{NewTx, Purpose, Reservation, Store, TxRecord, TxState};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Anvil's first account, which the whole world knows.
const DEMO_KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

pub fn soak() -> bool {
    std::env::var_os("PARLANCE_SOAK").is_some_and(|v| v == "1")
}

pub fn demo() -> PrivateKeySigner {
    DEMO_KEY.parse().unwrap()
}

/// The local chain's entry with these endpoints.
pub fn local(urls: &[&str]) -> Chain {
    let catalogue = Catalogue::builtin();
    catalogue.by_id(31337).unwrap().clone().with_endpoints(urls.iter().map(|url| url.parse().unwrap()))
}

pub fn client(chain: &DevChain) -> ChainClient {
    ChainClient::new(local(&[chain.rpc_url()])).unwrap()
}

/// An address where nobody listens.
pub fn dead_url() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

pub fn ether(n: u64) -> U256 {
    U256::from(n) * U256::from(10).pow(U256::from(18))
}

/// What the plan would make: a transaction of the demo account.
#[derive(Clone)]
pub struct Draft {
    pub to: Address,
    pub value: U256,
    pub data: Bytes,
    pub gas: u64,
    pub fees: Fees,
}

impl Draft {
    pub async fn send_ether(client: &ChainClient, to: Address, value: U256) -> Self {
        Self { to, value, data: Bytes::new(), gas: 21_000, fees: client.fees().await.unwrap().normal }
    }

    pub fn build(&self, reservation: &Reservation) -> TxEip1559 {
        let Fees::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas } = self.fees else { panic!("the local chain has a base fee") };
        TxEip1559 {
            chain_id: reservation.chain,
            nonce: reservation.nonce,
            gas_limit: self.gas,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            to: TxKind::Call(self.to),
            value: self.value,
            access_list: Default::default(),
            input: self.data.clone(),
        }
    }

    pub fn new_tx(&self, reservation: Reservation, replaces: Option<i64>) -> NewTx {
        NewTx {
            reservation,
            purpose: Purpose::Send,
            unsigned: self.build(&reservation).encoded_for_signing().into(),
            fees: self.fees,
            gas_limit: self.gas,
            intent: json!({ "intent": "send" }),
            summary: "a test".into(),
            quotes: Value::Null,
            conversation: None,
            replaces,
        }
    }
}

/// The signed bytes and hash, as the signer process would give them.
pub fn sign(tx: TxEip1559) -> (Bytes, B256) {
    let signature = demo().sign_hash_sync(&tx.signature_hash()).unwrap();
    let signed: TxEnvelope = tx.into_signed(signature).into();
    (signed.encoded_2718().into(), *signed.tx_hash())
}

/// Reserved, recorded and signed, not sent.
pub async fn signed(store: &Store, client: &ChainClient, draft: &Draft) -> TxRecord {
    let reservation = Nonces::new(store.clone()).reserve(client, demo().address()).await.unwrap();
    signed_on(store, draft, reservation, None)
}

pub fn signed_on(store: &Store, draft: &Draft, reservation: Reservation, replaces: Option<i64>) -> TxRecord {
    let outbox = Outbox::new(store.clone());
    let record = outbox.record(draft.new_tx(reservation, replaces)).unwrap();
    let (raw, hash) = sign(draft.build(&reservation));
    let record = outbox.signed(record.id, raw).unwrap();
    assert_eq!(record.hash, Some(hash));
    record
}

/// The state once it is in a block: nodes that mine at once still take a moment.
pub async fn mined(watcher: &Watcher, id: i64) -> TxState {
    for _ in 0..250 {
        let state = watcher.poll(id).await.unwrap();
        if state.is_mined() {
            return state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("transaction {id} is in no block after five seconds");
}

/// Calls a contract as an account and waits until that is in a block.
pub async fn transact<C: alloy_sol_types::SolCall>(chain: &DevChain, from: Address, to: Address, call: C) {
    let hash = chain.transact_as(from, to, call).await.unwrap();
    let receipt = chain.receipt(hash).await.unwrap().expect("mined at once");
    assert!(receipt.status());
}

/// What a misbehaving node answers to a method; `Forward` gives the request to the real one.
pub enum Answer {
    Forward,
    Error(i64, &'static str),
    Result(Value),
    Http(u16, &'static str),
    /// Closes the connection without a word.
    HangUp,
}

/// A JSON-RPC server in front of a real node.
pub struct Proxy {
    pub url: String,
    pub asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    pub async fn before(node: &str, answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (node, answer, count) = (node.to_owned(), Arc::new(answer), asked.clone());
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let (node, answer, count) = (node.clone(), answer.clone(), count.clone());
                tokio::spawn(async move { serve(stream, &node, &*answer, &count).await });
            }
        });
        Self { url, asked, task }
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: tokio::net::TcpStream, node: &str, answer: &(dyn Fn(&str) -> Answer + Send + Sync), count: &AtomicUsize) {
    let Some(body) = read_body(&mut stream).await else {
        return;
    };
    count.fetch_add(1, Ordering::Relaxed);
    let request: Value = serde_json::from_slice(&body).unwrap();
    let id = request["id"].clone();
    let (status, reply) = match answer(request["method"].as_str().unwrap_or_default()) {
        Answer::HangUp => return,
        Answer::Http(status, text) => (status, text.as_bytes().to_vec()),
        Answer::Error(code, message) => {
            (200, json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }).to_string().into_bytes())
        }
        Answer::Result(result) => (200, json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string().into_bytes()),
        Answer::Forward => {
            let forwarded = reqwest::Client::new().post(node).header("content-type", "application/json").body(body).send().await;
            let Ok(response) = forwarded else { return };
            (response.status().as_u16(), response.bytes().await.unwrap_or_default().to_vec())
        }
    };
    let head =
        format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", reply.len());
    // The client may be gone: that is its right.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&reply).await;
}

async fn read_body(stream: &mut tokio::net::TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0u8; 8192];
        let n = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length: usize = head.lines().find_map(|l| l.strip_prefix("content-length:"))?.trim().parse().ok()?;
        if bytes.len() >= end + 4 + length {
            return Some(bytes[end + 4..end + 4 + length].to_vec());
        }
    }
}

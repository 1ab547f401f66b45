//! A pool with money in it, a lender that knows it, and a wallet that knows the lender.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, keccak256};
use alloy_provider::Provider;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, SolValue};
use parlance_credit::{
    Attestation,
    api::{self, Attested},
    pool::{Pool, Setup, Terms},
};
use parlance_devnet::{DevChain, interfaces::IERC20};
use parlance_wallet_core::{Wallet, credit::KnownLender, plan::Plan, signer::Signer, store::Store};
use serde_json::Value;

use crate::{
    common::{demo, transact},
    views::{in_force, stand_in},
};

pub const CYCLE: u32 = 30 * 86_400;
pub const SCOPE: FixedBytes<8> = FixedBytes(*b"maple/01");
/// Owner and guardian of the pool.
pub const OWNER: Address = Address::repeat_byte(0x99);
const CASH: u64 = 10_000_000_000;

pub struct World {
    pub chain: DevChain,
    _data: tempfile::TempDir,
    pub wallet: Wallet,
    pub pool: Address,
    pub registry: Address,
    pub usdc: Address,
    attester: PrivateKeySigner,
}

/// The key id of the notary that the pool trusts.
pub fn notary() -> B256 {
    keccak256("a notary")
}

/// A signer that knows the demo account, and signs nothing.
pub fn signer() -> Signer {
    let (rules, locked) = (Arc::new(Mutex::new(in_force(1, ""))), Arc::<Mutex<bool>>::default());
    Signer::with_second(stand_in(&rules, &locked), stand_in(&rules, &locked))
}

pub fn wallet(data: &Path) -> Wallet {
    Wallet::open(data, signer(), Store::in_memory().unwrap()).unwrap()
}

impl World {
    pub async fn up() -> Self {
        let chain = DevChain::spawn().await.unwrap();
        let usdc = chain.addresses().usdc;
        let attester = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
        let (registry, pool) = deploy(&chain, usdc, attester.address()).await;
        let lp = Address::repeat_byte(0x77);
        chain.set_balance(lp, U256::from(10).pow(U256::from(18))).await.unwrap();
        chain.set_token_balance(usdc, lp, U256::from(CASH)).await.unwrap();
        transact(&chain, lp, usdc, IERC20::approveCall { spender: pool, value: U256::from(CASH) }).await;
        transact(&chain, lp, pool, Pool::depositCall { assets: U256::from(CASH), receiver: lp }).await;
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("devworld.json"), serde_json::to_vec(chain.world()).unwrap()).unwrap();
        let wallet = wallet(data.path());
        let world = Self { chain, _data: data, wallet, pool, registry, usdc, attester };
        know(&world.wallet, world.lender());
        world
    }

    /// What a lender with this pool says of itself.
    pub fn lender(&self) -> api::Lender {
        lender_of("Maple", self.pool, self.registry, self.usdc)
    }

    /// What the lender's attester signs for a line.
    pub async fn attested(&self, limit: u64, account: &str) -> Attested {
        let now = self.chain.block_time().await.unwrap();
        let notaries = vec![notary()];
        let attestation = Attestation {
            id: keccak256(format!("attestation {account} {limit} {now}")),
            statement: keccak256("balance >= X"),
            borrower: demo().address(),
            limit: U256::from(limit),
            rate: U256::from(1200),
            cycle: CYCLE,
            scope: SCOPE,
            nullifier: keccak256(account),
            notaries: Attestation::notaries(&notaries),
            template: keccak256("demo bank"),
            observedAt: now - 60,
            issuedAt: now,
            expiry: now + 365 * 86_400,
            epoch: self.chain.call(self.pool, Pool::epochCall {}).await.unwrap(),
        };
        let signature = self.attester.sign_hash_sync(&attestation.digest(31337, self.pool)).unwrap();
        Attested { attestation, notaries, signatures: vec![signature.as_bytes().to_vec().into()] }
    }

    /// A line as anybody would open it, without the wallet.
    pub async fn open_line(&self, limit: u64, account: &str) {
        let Attested { attestation, notaries, signatures } = self.attested(limit, account).await;
        transact(&self.chain, demo().address(), self.pool, Pool::openCall { attestation, notaries, signatures }).await;
    }

    /// Does what a plan says, in its order; gas used by each.
    pub async fn carry_out(&self, plan: &Plan) -> Vec<u64> {
        let mut used = Vec::new();
        for tx in &plan.txs {
            let request = TransactionRequest {
                to: Some(tx.to.into()),
                value: Some(tx.value),
                gas: Some(tx.gas_limit),
                ..TransactionRequest::default().input(tx.data.clone().into())
            };
            let hash = self.chain.send_as(plan.account, request).await.unwrap();
            let receipt = self.chain.receipt(hash).await.unwrap().unwrap();
            assert!(receipt.status(), "{}", tx.sentence);
            used.push(receipt.gas_used);
        }
        used
    }

    pub async fn usdc_of(&self, account: Address) -> u64 {
        self.chain.token_balance(self.usdc, account).await.unwrap().to()
    }
}

/// The wallet has added this lender before.
pub fn know(wallet: &Wallet, info: api::Lender) {
    let mut known: Vec<KnownLender> = wallet.store.setting("credit/lenders").unwrap().unwrap_or_default();
    let url = format!("http://127.0.0.1:9/{}", info.name.to_lowercase()).parse().unwrap();
    known.push(KnownLender { name: info.name.clone(), url, info: Some(info), of_world: false });
    wallet.store.set("credit/lenders", &known).unwrap();
}

pub fn lender_of(name: &str, pool: Address, registry: Address, usdc: Address) -> api::Lender {
    let demo = parlance_wallet_core::credit::bank("demo").unwrap();
    api::Lender {
        name: name.into(),
        pool: api::PoolInfo { chain: 31337, address: pool, registry, asset: usdc, symbol: "USDC".into(), decimals: 6 },
        scope: SCOPE,
        notaries: vec![api::NotaryInfo {
            address: "ws://127.0.0.1:9/".into(),
            operator: name.into(),
            key: B256::repeat_byte(1),
            from: 0,
            until: u64::MAX,
        }],
        templates: vec![api::TemplateInfo {
            id: "demo".into(),
            name: "Demo bank".into(),
            domain: demo.template.domain.clone(),
            digest: demo.digest,
        }],
        tiers: vec![api::Tier { at_least: 1_000_000, currency: "USD".into(), limit: U256::from(1_500_000_000), rate: 1200, cycle: CYCLE }],
        max_age: 3600,
        demo: true,
    }
}

/// Registry and pool; a pool knows its registry from birth, and is registered there from birth.
async fn deploy(chain: &DevChain, usdc: Address, attester: Address) -> (Address, Address) {
    let owner = OWNER;
    chain.set_balance(owner, U256::from(10).pow(U256::from(18))).await.unwrap();
    let nonce = chain.provider().get_transaction_count(owner).await.unwrap();
    let pool = owner.create(nonce + 1);
    let two_days = U256::from(2 * 86_400);
    let arguments = (owner, two_days, U256::from(30 * 86_400), vec![pool]).abi_encode_params();
    let registry = create(chain, owner, code("NullifierRegistry"), &arguments).await;
    let cap = U256::from(1_000_000_000_000u64);
    let setup = Setup {
        asset: usdc,
        name: "Parlance credit USDC".into(),
        symbol: "pcUSDC".into(),
        registry,
        owner,
        guardian: owner,
        terms: Terms {
            grace: 7 * 86_400,
            delinquency: 20 * 86_400,
            installmentShare: 1_000,
            releaseTime: 14 * 86_400,
            maxAge: 7 * 86_400,
            delay: 2 * 86_400,
            minLimit: 10_000_000,
        },
        attesters: vec![attester],
        threshold: U256::from(1),
        backers: vec![attester.into_word(), notary()],
        caps: vec![cap, cap],
    };
    let made = create(chain, owner, code("CreditPool"), &(setup,).abi_encode_params()).await;
    assert_eq!(made, pool);
    (registry, pool)
}

fn code(name: &str) -> Bytes {
    let text = match name {
        "CreditPool" => include_str!("../../../../../credit/contracts/out-abi/CreditPool.json"),
        _ => include_str!("../../../../../credit/contracts/out-abi/NullifierRegistry.json"),
    };
    let artifact: Value = serde_json::from_str(text).unwrap();
    let bytecode = artifact["bytecode"]["object"].as_str().or(artifact["bytecode"].as_str()).unwrap();
    bytecode.parse().unwrap()
}

async fn create(chain: &DevChain, from: Address, code: Bytes, arguments: &[u8]) -> Address {
    let input: Bytes = [&code[..], arguments].concat().into();
    let request = TransactionRequest { to: Some(alloy_primitives::TxKind::Create), ..TransactionRequest::default().input(input.into()) };
    let hash = chain.send_as(from, request).await.unwrap();
    let receipt = chain.receipt(hash).await.unwrap().unwrap();
    assert!(receipt.status());
    receipt.contract_address.unwrap()
}

/// An unlimited call's selector, for asserting what a plan does.
pub fn selector(plan: &Plan, step: usize) -> [u8; 4] {
    plan.txs[step].data[..4].try_into().unwrap()
}

pub const APPROVE: [u8; 4] = IERC20::approveCall::SELECTOR;

/// Seconds since 1970.
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

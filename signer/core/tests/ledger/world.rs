//! A play-money signer, and a person who answers.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, Bytes, TxKind, U256, address, hex, keccak256};
use parlance_signer_core::SignerError;
use parlance_signer_core::clock::ManualClock;
use parlance_signer_core::origins::Capability;
use parlance_signer_core::service::{Custody, Opening, PlayWorld, Service, SocketApprover, init_play_money};
use parlance_signer_core::vault::{DataFolder, KdfParameters};
use parlance_signer_protocol::approver::{Answer, Hello, Prompt, ToApprover, Verdict};
use parlance_signer_protocol::{
    Claims, Decided, Envelope, Outcome, Payload, Refusal, Request, Response, Signed, Status, read_frame, write_frame,
};

pub const T0: u64 = 1_800_000_000;
pub const LOCAL: u64 = 31_337;
pub const DEMO: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub const ALICE: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
pub const BOB: Address = address!("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");
pub const STRANGER: Address = address!("0x1111111111111111111111111111111111111111");
pub const USDC: Address = address!("0xb19b36b1456E65E3A6D514D3F715f204BD59f431");
pub const WETH: Address = address!("0x8ce361602B935680E8DeC218b820ff5056BeB7af");
/// Maple's: lends USDC.
pub const POOL: Address = address!("0x39dD11C243Ac4Ac250980FA3AEa016f73C509f37");
pub const ROUTER: Address = address!("0x196dBCBb54b8ec4958c959D8949EBFE87aC2Aaaf");
const PHRASE: &str = "test test test test test test test test test test test junk";

/// What the person does with each question.
pub type Person = Arc<Mutex<dyn FnMut(&Prompt) -> Verdict + Send>>;

pub struct World {
    pub dir: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub service: Option<Arc<Service>>,
    pub asked: Arc<Mutex<Vec<Prompt>>>,
    /// What the keyring would have stored.
    pub keyring: Arc<Mutex<u64>>,
    person: Person,
}

/// Approves everything, with the play-money password.
pub fn agreeable(prompt: &Prompt) -> Verdict {
    match prompt {
        Prompt::Password { .. } => Verdict::Secret { text: "play".into() },
        _ => Verdict::Approved { password: Some("play".into()) },
    }
}

/// Opens the vault and rejects everything else.
pub fn stubborn(prompt: &Prompt) -> Verdict {
    match prompt {
        Prompt::Password { .. } => Verdict::Secret { text: "play".into() },
        Prompt::Notice { .. } => Verdict::Approved { password: None },
        _ => Verdict::Rejected,
    }
}

impl World {
    /// A play-money wallet, unlocked.
    pub fn new(person: impl FnMut(&Prompt) -> Verdict + Send + 'static) -> Self {
        let mut world = Self::empty(person);
        let contacts = format!(r#"[{{"name":"Alice","address":"{ALICE}"}},{{"name":"Bob","address":"{BOB}"}}]"#);
        let play = format!(r#"{{"chain_id":31337,"demo":{{"mnemonic":"{PHRASE}"}},"contacts":{contacts}}}"#);
        let play: PlayWorld = serde_json::from_str(&play).unwrap();
        let made = init_play_money(world.opening().unwrap(), play, KdfParameters::cheap_for_tests()).unwrap();
        assert_eq!(made, DEMO);
        *world.keyring.lock().unwrap() = 0;
        world.start().unwrap();
        world.unlock();
        world
    }

    /// No vault, nothing running.
    pub fn empty(person: impl FnMut(&Prompt) -> Verdict + Send + 'static) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(T0, "boot a", 1_000_000)),
            service: None,
            asked: Arc::default(),
            keyring: Arc::default(),
            person: Arc::new(Mutex::new(person)),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("signer").join(name)
    }

    fn opening(&self) -> Result<Opening, SignerError> {
        let keyring = self.keyring.clone();
        Ok(Opening {
            folder: Arc::new(DataFolder::open(self.dir.path().join("signer"))?),
            clock: self.clock.clone(),
            keyring: None,
            generation: *self.keyring.lock().unwrap(),
            sink: Some(Box::new(move |generation| {
                *keyring.lock().unwrap() = generation;
                Ok(())
            })),
            sandbox: Vec::new(),
            utc_offset: 0,
        })
    }

    /// Start the service over what is on the disk.
    pub fn start(&mut self) -> Result<(), SignerError> {
        let custody = Custody::open(self.opening()?)?;
        let (signer, mut approver) = UnixStream::pair().unwrap();
        let (person, asked) = (self.person.clone(), self.asked.clone());
        std::thread::spawn(move || {
            write_frame(&mut approver, &Hello { kind: "terminal".into() }).unwrap();
            while let Ok(said) = read_frame::<ToApprover>(&mut approver) {
                let ToApprover::Ask(ask) = said else { continue };
                asked.lock().unwrap().push(ask.prompt.clone());
                let verdict = (person.lock().unwrap())(&ask.prompt);
                if write_frame(&mut approver, &Answer { id: ask.id, verdict }).is_err() {
                    break;
                }
            }
        });
        let approver = SocketApprover::new(signer).unwrap();
        self.service = Some(Arc::new(Service::new(custody, Box::new(approver), KdfParameters::cheap_for_tests())));
        Ok(())
    }

    /// End the process as a kill would: nothing is put away.
    pub fn stop(&mut self) {
        self.service = None;
    }

    pub fn restart(&mut self) {
        self.stop();
        self.start().unwrap();
        self.unlock();
    }

    pub fn person(&mut self, person: impl FnMut(&Prompt) -> Verdict + Send + 'static) {
        self.person = Arc::new(Mutex::new(person));
        self.restart();
        self.asked.lock().unwrap().clear();
    }

    pub fn service(&self) -> &Service {
        self.service.as_deref().expect("started")
    }

    pub fn ask(&self, request: Request) -> Response {
        self.ask_as(&Capability::wallet(), request)
    }

    pub fn ask_as(&self, who: &Capability, request: Request) -> Response {
        let reply = self.service().handle(who, Envelope { id: 7, deadline_ms: 3_600_000, request });
        assert_eq!(reply.id, 7);
        reply.response
    }

    pub fn unlock(&self) {
        let answer = self.ask(Request::Unlock {});
        assert!(matches!(answer, Response::Done { .. }), "{answer:?}");
    }

    pub fn done(&self, request: Request) {
        let answer = self.ask(request);
        assert!(matches!(answer, Response::Done { .. }), "{answer:?}");
    }

    pub fn status(&self) -> Status {
        match self.ask(Request::Status {}) {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    pub fn decide(&self, payload: Payload) -> Decided {
        match self.ask(Request::Decide { payload, claims: Claims::default() }) {
            Response::Decided(decided) => decided,
            other => panic!("{other:?}"),
        }
    }

    pub fn sign(&self, payload: Payload) -> Result<Signed, Refusal> {
        self.sign_with(payload, Claims::default())
    }

    pub fn sign_with(&self, payload: Payload, claims: Claims) -> Result<Signed, Refusal> {
        match self.ask(Request::Sign { payload, claims }) {
            Response::Signed(signed) => Ok(signed),
            Response::Refused(refusal) => Err(refusal),
            other => panic!("{other:?}"),
        }
    }

    /// Enact rules of one's own on top of the pack.
    pub fn rules(&self, source: &str) {
        self.done(Request::ProposeRules { source: source.into(), quote: None });
    }

    pub fn level(&self, payload: Payload) -> Outcome {
        self.decide(payload).outcome
    }
}

/// Everything up to so many dollars a day is signed without asking, and nothing beyond it.
pub fn daily(dollars: u64) -> String {
    let limit = dollars * 1_000_000;
    format!(
        r#"@id("test-daily")
@says("test")
permit (principal, action in Action::"spend", resource)
when {{ context.approval >= 0 && context.spent.day <= {limit} }};
@id("test-cap")
@says("test")
forbid (principal, action, resource)
when {{ context.approval < 1 && context.spent.day > {limit} }};"#
    )
}

/// The same for draws, for the own accounts, and never more than so many dollars owed.
pub fn borrowing(dollars: u64, owed: u64) -> String {
    let (limit, owed) = (dollars * 1_000_000, owed * 1_000_000);
    format!(
        r#"@id("test-borrow")
permit (principal, action == Action::"borrow", resource)
when {{ context.approval >= 0 && context has recipient && context.recipient.own && context.borrowed.day <= {limit} &&
        context.without_asking.day <= 1000000000 }};
@id("test-borrow-cap")
forbid (principal, action == Action::"borrow", resource) when {{ context.approval < 1 && context.borrowed.day > {limit} }};
@id("test-owed")
forbid (principal, action == Action::"borrow", resource) when {{ context.borrowed_total > {owed} }};"#
    )
}

/// An EIP-1559 transaction on the local chain with a fee ceiling of $0.00021.
pub fn tx(nonce: u64, to: Address, value: U256, input: Bytes) -> Payload {
    tx_on(LOCAL, nonce, to, value, input, 5)
}

pub fn tx_on(chain: u64, nonce: u64, to: Address, value: U256, input: Bytes, max_fee_per_gas: u128) -> Payload {
    let transaction = TxEip1559 {
        chain_id: chain,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(to),
        value,
        access_list: Default::default(),
        input,
    };
    Payload::Transaction { account: DEMO, unsigned: transaction.encoded_for_signing().into() }
}

fn call(signature: &str, words: &[U256]) -> Bytes {
    let mut data = keccak256(signature)[..4].to_vec();
    for word in words {
        data.extend_from_slice(&word.to_be_bytes::<32>());
    }
    data.into()
}

fn word(address: Address) -> U256 {
    U256::from_be_slice(address.as_slice())
}

/// USDC in cents.
pub fn cents(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10_000)
}

pub fn pay(nonce: u64, to: Address, usd_cents: u64) -> Payload {
    tx(nonce, USDC, U256::ZERO, call("transfer(address,uint256)", &[word(to), cents(usd_cents)]))
}

pub fn draw(nonce: u64, line: u64, to: Address, usd_cents: u64) -> Payload {
    let words = [U256::from(line), cents(usd_cents), word(to)];
    tx(nonce, POOL, U256::ZERO, call("draw(uint256,uint256,address)", &words))
}

pub fn repay(nonce: u64, line: u64, usd_cents: u64) -> Payload {
    tx(nonce, POOL, U256::ZERO, call("repay(uint256,uint256)", &[U256::from(line), cents(usd_cents)]))
}

/// A pool's `open` with an attestation of so many dollars for `borrower`, without notaries and signatures.
pub fn open(nonce: u64, borrower: Address, dollars: u64) -> Payload {
    let tuple = "(bytes32,bytes32,address,uint256,uint256,uint32,bytes8,bytes32,bytes32,bytes32,uint64,uint64,uint64,uint32)";
    let number = |n: u64| U256::from(n);
    let terms = [number(1), number(2), word(borrower), cents(dollars * 100), number(1200), number(2_592_000), U256::ZERO];
    let rest = [number(3), number(4), number(5), number(T0), number(T0), number(T0 + 8_640_000), number(1)];
    // The two lists: their offsets, and that they are empty.
    let lists = [number(16 * 32), number(17 * 32), U256::ZERO, U256::ZERO];
    let words: Vec<U256> = terms.into_iter().chain(rest).chain(lists).collect();
    tx(nonce, POOL, U256::ZERO, call(&format!("open({tuple},bytes32[],bytes[])"), &words))
}

/// The borrower's signature under an offer of so many dollars.
pub fn apply(pool: Address, borrower: Address, dollars: u64) -> Payload {
    let json = format!(
        r#"{{"types":{{"Application":[{{"name":"offer","type":"Offer"}},{{"name":"proof","type":"bytes32"}}],
        "Offer":[{{"name":"nonce","type":"bytes32"}},{{"name":"borrower","type":"address"}},{{"name":"lender","type":"string"}},
        {{"name":"template","type":"bytes32"}},{{"name":"atLeast","type":"uint256"}},{{"name":"currency","type":"string"}},
        {{"name":"scope","type":"bytes8"}},{{"name":"limit","type":"uint256"}},{{"name":"rate","type":"uint256"}},
        {{"name":"cycle","type":"uint32"}},{{"name":"expiry","type":"uint64"}},{{"name":"terms","type":"string"}}]}},
        "primaryType":"Application",
        "domain":{{"name":"Parlance Credit","version":"1","chainId":31337,"verifyingContract":"{pool}"}},
        "message":{{"proof":"{zero}","offer":{{"nonce":"{zero}","borrower":"{borrower}","lender":"Maple","template":"{zero}",
        "atLeast":"1000000","currency":"USD","scope":"0x0000000000000000","limit":"{}","rate":"1200","cycle":2592000,
        "expiry":{},"terms":"Pay back in time."}}}}}}"#,
        cents(dollars * 100),
        T0 + 600,
        zero = alloy_primitives::B256::ZERO,
    );
    Payload::TypedData { account: DEMO, json }
}

pub fn approve(nonce: u64, spender: Address, amount: U256) -> Payload {
    tx(nonce, USDC, U256::ZERO, call("approve(address,uint256)", &[word(spender), amount]))
}

/// SwapRouter02 `exactInputSingle` of USDC for WETH.
pub fn swap(nonce: u64, usd_cents: u64, least_wei: u64, recipient: Address) -> Payload {
    let words = [word(USDC), word(WETH), U256::from(3000), word(recipient), cents(usd_cents), U256::from(least_wei), U256::ZERO];
    let signature = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))";
    tx(nonce, ROUTER, U256::ZERO, call(signature, &words))
}

/// EIP-3009 in USDC, as x402 pays.
pub fn x402(to: Address, usd_cents: u64, valid_before: u64, salt: u64) -> Payload {
    let nonce = hex::encode(keccak256(salt.to_be_bytes()));
    let json = format!(
        r#"{{"types":{{"EIP712Domain":[{{"name":"name","type":"string"}},{{"name":"version","type":"string"}},
        {{"name":"chainId","type":"uint256"}},{{"name":"verifyingContract","type":"address"}}],
        "TransferWithAuthorization":[{{"name":"from","type":"address"}},{{"name":"to","type":"address"}},
        {{"name":"value","type":"uint256"}},{{"name":"validAfter","type":"uint256"}},
        {{"name":"validBefore","type":"uint256"}},{{"name":"nonce","type":"bytes32"}}]}},
        "primaryType":"TransferWithAuthorization",
        "domain":{{"name":"USD Coin","version":"2","chainId":31337,"verifyingContract":"{USDC}"}},
        "message":{{"from":"{DEMO}","to":"{to}","value":"{}","validAfter":"0","validBefore":"{valid_before}",
        "nonce":"0x{nonce}"}}}}"#,
        cents(usd_cents)
    );
    Payload::TypedData { account: DEMO, json }
}

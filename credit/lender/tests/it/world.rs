//! A chain with a pool, a demo bank, and the lender as a process of its own with its built-in notary.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use alloy_network::TransactionBuilder;
use alloy_primitives::{Address, B256, Bytes, U256, hex};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolValue;
use parlance_credit::pool::{Pool, Setup, Terms};
use parlance_devnet::DevChain;
use parlance_devnet::interfaces::IERC20;
use parlance_lender::chain::backer;
use parlance_zktls_bank::{Authority, Bank, Book, Config as BankConfig, Validity};
use parlance_zktls_notary::KeyLog;
use parlance_zktls_protocol::{NotaryKey, Template};
use reqwest::Client;
use reqwest::redirect::Policy;
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub const PASSWORD: &str = "correct horse battery staple";
const OWNER: Address = Address::repeat_byte(0xA1);
const DEPOSITOR: Address = Address::repeat_byte(0xD1);
const DAY: u32 = 86_400;

/// What a test wants otherwise.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// Sections or lines that replace others of the configuration: (what stands there, what should).
    pub config: Vec<(&'static str, String)>,
    /// Attesters that have to sign at the pool.
    pub threshold: u64,
    /// Cash of the pool, whole units.
    pub cash: u64,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { config: Vec::new(), threshold: 1, cash: 100_000 }
    }
}

pub struct World {
    pub chain: DevChain,
    pub pool: Address,
    pub attester: Address,
    pub folder: TempDir,
    pub root: CertificateDer<'static>,
    pub template: Template,
    pub notary: NotaryKey,
    pub http: Client,
    pub lender: Option<Lender>,
    _bank: Bank,
}

/// `parlance-lender serve` as a process; killed when dropped.
pub struct Lender {
    child: Child,
    pub url: String,
}

pub fn usdc(whole: u64) -> U256 {
    U256::from(whole) * U256::from(1_000_000)
}

/// Runs the program to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Outcome<Output> {
    Ok(Command::new(env!("CARGO_BIN_EXE_parlance-lender")).current_dir(folder).args(arguments).stdin(Stdio::null()).output()?)
}

/// The same; its standard output if it did what it was asked.
pub fn done(folder: &Path, arguments: &[&str]) -> Outcome<String> {
    let output = run(folder, arguments)?;
    if !output.status.success() {
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

pub async fn world() -> Outcome<World> {
    world_with(Wishes::default()).await
}

/// A world with the lender at work.
pub async fn world_with(wishes: Wishes) -> Outcome<World> {
    let mut world = world_without_lender(wishes).await?;
    world.start().await?;
    Ok(world)
}

pub async fn world_without_lender(wishes: Wishes) -> Outcome<World> {
    let folder = tempfile::tempdir()?;
    let template = Template::from_toml(include_str!("../../../../zktls/templates/demo.toml"))?;
    let authority = Authority::open(&folder.path().join("demo-bank"))?;
    let bank = BankConfig::new(authority.issue(&template.domain, Validity::Current)?, Book::demo()?);
    let bank = Bank::open(TcpListener::bind("127.0.0.1:0").await?, bank)?;

    std::fs::write(folder.path().join("attester.password"), PASSWORD)?;
    let attester: Address = done(folder.path(), &["keys", "new", "--password-file", "attester.password"])?.parse()?;
    done(folder.path(), &["keys", "notary", "--operator", "Maple"])?;
    let hash = done(folder.path(), &["keys", "staff", "--password-file", "attester.password"])?;
    let keys = KeyLog::at(folder.path().join("notary-keys.jsonl")).keys()?;
    let notary = keys.into_iter().next().ok_or("no notary key")?;

    let chain = DevChain::spawn().await?;
    let pool = deploy(&chain, attester, notary.id().0.into(), &wishes).await?;
    chain.set_balance(attester, U256::from(10).pow(U256::from(18))).await?;
    write_config(folder.path(), &chain, pool, &bank, &hash, &wishes)?;
    let http = Client::builder().no_proxy().redirect(Policy::none()).build()?;
    Ok(World { root: authority.root().clone(), chain, pool, attester, folder, template, notary, http, lender: None, _bank: bank })
}

/// The example configuration with this world's places.
fn write_config(folder: &Path, chain: &DevChain, pool: Address, bank: &Bank, hash: &str, wishes: &Wishes) -> Outcome {
    let mut text = include_str!("../../lender.toml").to_owned();
    let hash_line = text.lines().find(|line| line.starts_with("password_hash")).ok_or("no hash")?.to_owned();
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/../../zktls/templates/demo.toml");
    let own = [
        ("\"127.0.0.1:8450\"", "\"127.0.0.1:0\"".to_owned()),
        ("\"127.0.0.1:8444\"", "\"127.0.0.1:0\"".to_owned()),
        ("\"127.0.0.1:8443\"", format!("\"{}\"", bank.address())),
        ("http://127.0.0.1:8545", chain.rpc_url().to_owned()),
        ("0x0000000000000000000000000000000000000001", pool.to_string()),
        ("../../zktls/templates/demo.toml", templates.to_owned()),
        ("[limits]", "[limits]\npages = 100000\napplications = 1000\nlogins = 1000".to_owned()),
        ("[notary.settings.local]", "[notary.settings.limits]\nlinger = 1\nclient_rate = 1000\n\n[notary.settings.local]".to_owned()),
        ("offers = 20", "offers = 1000".to_owned()),
        ("proofs = 10", "proofs = 1000".to_owned()),
    ];
    for (from, to) in own.iter().chain(&wishes.config).chain([&(hash_line.as_str(), format!("password_hash = \"{hash}\""))]) {
        if !text.contains(from) {
            return Err(format!("the example has no {from}").into());
        }
        text = text.replacen(from, to, 1);
    }
    Ok(std::fs::write(folder.join("lender.toml"), text)?)
}

/// Registry and pool, with deposits.
async fn deploy(chain: &DevChain, attester: Address, notary: B256, wishes: &Wishes) -> Outcome<Address> {
    let deployer = Address::repeat_byte(0xDE);
    chain.set_balance(deployer, U256::MAX >> 8).await?;
    chain.set_balance(DEPOSITOR, U256::MAX >> 8).await?;
    chain.set_balance(OWNER, U256::MAX >> 8).await?;
    let pool = deployer.create(1);
    let arguments = (OWNER, U256::from(2 * DAY), U256::from(30 * DAY), vec![pool]).abi_encode_params();
    let registry = create(chain, deployer, include_str!("../../../contracts/out-abi/NullifierRegistry.json"), &arguments).await?;
    let mut attesters = vec![attester, Address::repeat_byte(0xEE)];
    attesters.sort_unstable();
    let terms = Terms {
        grace: 7 * DAY,
        delinquency: 20 * DAY,
        installmentShare: 1000,
        releaseTime: 14 * DAY,
        maxAge: DAY,
        delay: 2 * DAY,
        minLimit: 10_000_000,
    };
    let setup = Setup {
        asset: chain.addresses().usdc,
        name: "Maple pool".into(),
        symbol: "mUSDC".into(),
        registry,
        owner: OWNER,
        guardian: OWNER,
        terms,
        attesters,
        threshold: U256::from(wishes.threshold),
        backers: vec![backer(attester), notary],
        caps: vec![usdc(50_000), usdc(50_000)],
    };
    let made = create(chain, deployer, include_str!("../../../contracts/out-abi/CreditPool.json"), &setup.abi_encode()).await?;
    assert_eq!(made, pool);
    if wishes.cash > 0 {
        let token = chain.addresses().usdc;
        chain.set_token_balance(token, DEPOSITOR, usdc(wishes.cash)).await?;
        succeed(chain, DEPOSITOR, token, IERC20::approveCall { spender: pool, value: usdc(wishes.cash) }).await?;
        succeed(chain, DEPOSITOR, pool, Pool::depositCall { assets: usdc(wishes.cash), receiver: DEPOSITOR }).await?;
    }
    Ok(pool)
}

async fn create(chain: &DevChain, from: Address, artifact: &str, arguments: &[u8]) -> Outcome<Address> {
    let artifact: serde_json::Value = serde_json::from_str(artifact)?;
    let mut code = hex::decode(artifact["bytecode"].as_str().ok_or("no bytecode")?)?;
    code.extend_from_slice(arguments);
    let hash = chain.send_as(from, TransactionRequest::default().with_deploy_code(Bytes::from(code))).await?;
    let receipt = chain.receipt(hash).await?.ok_or("no receipt")?;
    if !receipt.status() {
        return Err("the contract could not be made".into());
    }
    receipt.contract_address.ok_or_else(|| "no address".into())
}

/// Whether a call as this account is done by the chain.
pub async fn works<C: alloy_sol_types::SolCall>(chain: &DevChain, from: Address, to: Address, call: C) -> Outcome<bool> {
    let hash = chain.transact_as(from, to, call).await?;
    Ok(chain.receipt(hash).await?.ok_or("no receipt")?.status())
}

pub async fn succeed<C: alloy_sol_types::SolCall>(chain: &DevChain, from: Address, to: Address, call: C) -> Outcome {
    if works(chain, from, to, call).await? { Ok(()) } else { Err(format!("{} was reverted", C::SIGNATURE).into()) }
}

impl World {
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("lender.toml")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("lender.log")).unwrap_or_default()
    }

    pub async fn start(&mut self) -> Outcome {
        self.lender = Some(Lender::start(self.folder.path())?);
        Ok(())
    }

    /// As a power cut would, with nothing written on the way out.
    pub async fn kill_and_restart(&mut self) -> Outcome {
        self.lender = None;
        self.start().await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.lender.as_ref().map_or("", |lender| lender.url.as_str()))
    }

    /// A wallet with some ether.
    pub async fn wallet(&self) -> Outcome<PrivateKeySigner> {
        let wallet = PrivateKeySigner::random();
        self.chain.set_balance(wallet.address(), U256::from(10).pow(U256::from(18))).await?;
        Ok(wallet)
    }

    pub async fn as_owner<C: alloy_sol_types::SolCall>(&self, call: C) -> Outcome {
        succeed(&self.chain, OWNER, self.pool, call).await
    }
}

impl Lender {
    fn start(folder: &Path) -> Outcome<Self> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("lender.log"))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlance-lender"));
        command.args(["serve", "lender.toml"]).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command.env("RUST_LOG", "debug,hyper=info,sqlx=debug");
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let url = lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("listens at ").map(str::to_owned));
        match url {
            Some(url) => Ok(Self { child, url }),
            None => {
                child.wait()?;
                Err(format!("the lender did not start: {}", std::fs::read_to_string(folder.join("lender.log"))?).into())
            }
        }
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

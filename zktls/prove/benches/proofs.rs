//! What a proof costs, by size class and suite: witness and proof, the lender's report, bytes; set-up of the keys and peak memory in a
//! process of its own. And a session through the notary, against one with the same bank without it in the same run.
//!
//! `PARLANCE_ZKTLS_CASE="aes 2048"` makes one session and proof only, and says what they took.

use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, criterion_group};
use parlance_zktls_bank::{Account, Book, Customer, Transaction, suites};
use parlance_zktls_circuit::proof::Keys;
use parlance_zktls_circuit::statement::Class;
use parlance_zktls_protocol::{ProofFile, Salt, Session, Suite};
use parlance_zktls_prove::{BankSession, Terms, prove};
use parlance_zktls_verify::{Circuit, Expectation, Registry, Report, Trust, verify};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

#[path = "../tests/it/common.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod common;

use common::{ACCOUNT, Outcome, World, values, world};

const CASE: &str = "PARLANCE_ZKTLS_CASE";
/// Bytes of request and response; the first as they come.
const SIZES: [(usize, usize); 3] = [(0, 0), (500, 1024), (1024, 2048)];
const SUITES: [(&str, Suite); 2] = [("aes", Suite::Aes128GcmSha256), ("chacha", Suite::ChaCha20Poly1305Sha256)];

/// Nobody's account backs a line.
struct Nobody;

impl Registry for Nobody {
    fn holder(&self, _: &[u8; 8], _: &[u8; 32]) -> Option<[u8; 20]> {
        None
    }
}

fn terms() -> Terms {
    let session = Session { wallet: [1; 20], chain: 31337, contract: [2; 20], lender_nonce: [3; 32], offer: [4; 32] };
    Terms { session, salt: Salt([5; 32]), at_least: 1_000_000, currency: *b"EUR", scope: *b"bench/01" }
}

/// A world whose request and response have these lengths, or the least that they can have.
async fn sized(suite: Suite, (request, response): (usize, usize)) -> Outcome<(World, BankSession)> {
    let made = async |token: &str, memo: usize| {
        let mut account: Account = Book::demo()?.customers.remove(0).accounts.remove(0);
        account.nickname = String::new();
        account.transactions = vec![Transaction { amount: 1, memo: "x".repeat(memo) }];
        let book = Book { customers: vec![Customer { token: token.to_owned(), accounts: vec![account] }] };
        let mut world = world(|config| {
            config.book = book;
            config.transactions = usize::from(memo > 0);
            config.suites = vec![match suite {
                Suite::Aes128GcmSha256 => suites::AES_128_GCM,
                Suite::ChaCha20Poly1305Sha256 => suites::CHACHA20_POLY1305,
            }];
        })
        .await?;
        world.values = values(token, ACCOUNT);
        let session = open(&world).await?;
        Ok::<_, Box<dyn std::error::Error>>((world, session))
    };
    let (mut token, mut memo) = ("t".repeat(30), 0);
    for _ in 0..2 {
        let (_, session) = made(&token, memo).await?;
        token = "t".repeat((token.len() + request).saturating_sub(session.request.len()).max(30));
        memo = (memo + response).saturating_sub(session.response.len());
    }
    made(&token, memo).await
}

async fn open(world: &World) -> Outcome<BankSession> {
    let terms = terms();
    let mut plan = world.plan();
    plan.commitment = terms.session.commit(&terms.salt);
    Ok(parlance_zktls_prove::open(&plan, |_| {}, &CancellationToken::new()).await?)
}

fn report(world: &World, file: &ProofFile) -> Report {
    let trust = Trust {
        roots: world.root.clone(),
        notaries: vec![world.notary_key.clone()],
        templates: vec![world.template.clone()],
        local_banks: true,
    };
    let Terms { session, at_least, currency, scope, .. } = terms();
    let expected = Expectation { session, at_least, currency, scope, now: file.notarized.recording.closed, max_age: 3_600 };
    verify(file, &trust, &expected, &Nobody, &Circuit)
}

fn proofs(c: &mut Criterion) {
    let tokio = Runtime::new().expect("a runtime");
    for (name, suite) in SUITES {
        for size in SIZES {
            let (world, session) = tokio.block_on(sized(suite, size)).expect("a session");
            let lengths = (session.request.len(), session.response.len());
            let file = prove(&session, &world.template, &terms()).expect("a proof");
            println!("{name} {lengths:?}: proof {} bytes, file {}", file.proof.len(), file.encode().expect("encodes").len());
            alone(name, size.1);
            let mut group = c.benchmark_group(format!("{name}, request and response of {lengths:?} bytes"));
            group
                .sample_size(10)
                .sampling_mode(SamplingMode::Flat)
                .warm_up_time(Duration::from_millis(1))
                .measurement_time(Duration::from_secs(1));
            group.bench_function("witness, proof and its check", |b| {
                b.iter(|| prove(&session, &world.template, &terms()).expect("a proof"))
            });
            group.bench_function("the lender's report", |b| b.iter(|| assert!(report(&world, &file).accepted)));
            group.finish();
        }
    }
}

/// The same in a process of its own.
fn alone(suite: &str, response: usize) {
    let program = std::env::current_exe().expect("this program");
    let status = std::process::Command::new(program).env(CASE, format!("{suite} {response}")).status().expect("starts");
    assert!(status.success());
}

fn sessions(c: &mut Criterion) {
    let tokio = Runtime::new().expect("a runtime");
    let (world, session) = tokio.block_on(sized(Suite::Aes128GcmSha256, (0, 0))).expect("a session");
    let mut roots = rustls::RootCertStore::empty();
    world.root.iter().for_each(|root| roots.add(root.clone()).expect("a root"));
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut group = c.benchmark_group("a session on this computer");
    group.sample_size(20);
    group.bench_function("through the notary", |b| b.iter(|| tokio.block_on(open(&world)).expect("a session")));
    group.bench_function("peer: the bank alone over TLS", |b| {
        b.iter(|| tokio.block_on(direct(&world, &tls, &session.request)).expect("an answer"))
    });
    group.finish();
}

async fn direct(world: &World, tls: &rustls::ClientConfig, request: &[u8]) -> Outcome<Vec<u8>> {
    let socket = tokio::net::TcpStream::connect(world.bank.as_ref().ok_or("no bank")?.address()).await?;
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(tls.clone()));
    let mut stream = connector.connect(ServerName::try_from(world.template.domain.clone())?, socket).await?;
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// One case: times of set-up, proof and report, then the most memory that this process had.
fn one(case: &str) -> Outcome {
    let (name, response) = case.split_once(' ').ok_or("suite and size")?;
    let (_, suite) = SUITES.into_iter().find(|(known, _)| *known == name).ok_or("a suite")?;
    let response: usize = response.parse()?;
    let size = SIZES.into_iter().find(|size| size.1 == response).ok_or("a size")?;
    let (world, session) = Runtime::new()?.block_on(sized(suite, size))?;
    let timed = |what: &str, before: (Instant, f64)| {
        println!("{case}: {what} {:.2} s, {:.2} s of processors' time", before.0.elapsed().as_secs_f64(), processors() - before.1);
    };
    let now = || (Instant::now(), processors());
    let before = now();
    let keys = Keys::of(Class::fitting(suite, session.request.len(), session.response.len())?)?;
    timed("keys", before);
    println!("{case}: {:?}, {} MB so far", keys.sizes(), peak()? >> 10);
    let before = now();
    let file = prove(&session, &world.template, &terms())?;
    timed("witness, proof and its check", before);
    let before = now();
    assert!(report(&world, &file).accepted);
    timed("the lender's report", before);
    println!("{case}: {} MB at most", peak()? >> 10);
    Ok(())
}

/// Kilobytes of memory that this process had at most.
fn peak() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Seconds of processors' time that this process had in user space.
fn processors() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(11)?.parse::<f64>().ok());
    ticks.unwrap_or_default() / 100.0
}

criterion_group!(benches, proofs, sessions);

fn main() {
    match std::env::var(CASE) {
        Ok(case) => one(&case).expect("a proof"),
        Err(_) => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}

//! Sessions between rustls and itself, recorded as a notary would.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod tcp;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use parlance_zktls_protocol::{Chunk, Commitment, Direction, Recording};
use parlance_zktls_verify::{Check, CheckName, Report, SessionFacts, examine, records};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SignatureAlgorithm};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, KeyLog, ServerConfig, ServerConnection, SignatureScheme,
    SupportedCipherSuite,
};

pub use Direction::{ToBank, ToClient};

pub const DOMAIN: &str = "api.demo-bank.example";
pub const OPENED: u64 = 1_796_000_000;
pub const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: api.demo-bank.example\r\n\r\n";
pub const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"balance\":1.5}";

/// A bank's certificate and the root that it leads to.
pub struct Identity {
    pub root: CertificateDer<'static>,
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

#[derive(Clone, Copy)]
pub enum Key {
    P256,
    P384,
    Ed25519,
    Rsa,
}

impl Key {
    fn pair(self) -> KeyPair {
        let of = |algorithm: &'static SignatureAlgorithm| KeyPair::generate_for(algorithm).unwrap();
        match self {
            Self::P256 => of(&rcgen::PKCS_ECDSA_P256_SHA256),
            Self::P384 => of(&rcgen::PKCS_ECDSA_P384_SHA384),
            Self::Ed25519 => of(&rcgen::PKCS_ED25519),
            Self::Rsa => KeyPair::from_pem(include_str!("../keys/rsa-for-tests-only.pem")).unwrap(),
        }
    }
}

/// Root, intermediate and own certificate for `names`.
pub fn identity(names: &[&str], key: Key, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let ca = || {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params
    };
    let named = |mut params: CertificateParams, name: &str| {
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params
    };
    let (root_params, root_key) = (named(ca(), "Root"), KeyPair::generate().unwrap());
    let root = root_params.self_signed(&root_key).unwrap().der().clone();
    let root = (root, Issuer::new(root_params, root_key));
    let (middle_params, middle_key) = (named(ca(), "Intermediate"), KeyPair::generate().unwrap());
    let middle = middle_params.signed_by(&middle_key, &root.1).unwrap().der().clone();
    let issuer = Issuer::new(middle_params, middle_key);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    change(&mut params);
    let key = key.pair();
    let own = params.signed_by(&key, &issuer).unwrap().der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Identity { root: root.0, chain: vec![own, middle], key }
}

/// How a session goes; start from `Options::default()`.
pub struct Options {
    pub identity: Identity,
    pub suites: Vec<SupportedCipherSuite>,
    pub client_groups: Vec<&'static dyn SupportedKxGroup>,
    pub server_groups: Vec<&'static dyn SupportedKxGroup>,
    pub tickets: usize,
    pub fragment: Option<usize>,
    pub server_alpn: bool,
    pub request: Vec<Vec<u8>>,
    pub response: Vec<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            identity: identity(&[DOMAIN], Key::P256, |_| ()),
            suites: vec![ring::cipher_suite::TLS13_AES_128_GCM_SHA256],
            client_groups: vec![ring::kx_group::X25519, ring::kx_group::SECP256R1],
            server_groups: vec![ring::kx_group::X25519, ring::kx_group::SECP256R1],
            tickets: 2,
            fragment: None,
            server_alpn: true,
            request: vec![REQUEST.to_vec()],
            response: RESPONSE.to_vec(),
        }
    }
}

/// A session as it was recorded, with one record a chunk.
#[derive(Clone)]
pub struct Recorded {
    pub recording: Recording,
    pub shts: [u8; 32],
    pub tickets: u8,
    pub roots: Vec<CertificateDer<'static>>,
    /// How many protected records the server's flight took.
    pub flight: usize,
}

impl Recorded {
    pub fn examine(&self) -> (Report, Option<SessionFacts>) {
        examine(&self.recording, &self.shts, self.tickets, &self.roots)
    }

    /// Examines; all must hold.
    pub fn accept(&self) -> SessionFacts {
        let (report, facts) = self.examine();
        assert!(report.accepted, "{report:#?}");
        facts.unwrap()
    }

    /// Examines; exactly this check must be the first to fail. Gives its sentence.
    pub fn refuse(&self, name: CheckName) -> String {
        let (report, _) = self.examine();
        first_failure(&report, name)
    }

    /// Indices of the chunks of a direction.
    pub fn of(&self, direction: Direction) -> Vec<usize> {
        let chunks = self.recording.chunks.iter().enumerate();
        chunks.filter(|(_, chunk)| chunk.direction == direction).map(|(index, _)| index).collect()
    }

    /// Indices of the protected records of a direction.
    pub fn protected(&self, direction: Direction) -> Vec<usize> {
        self.of(direction).into_iter().filter(|index| self.recording.chunks[*index].bytes[0] == 23).collect()
    }

    pub fn with(&self, change: impl FnOnce(&mut Recording)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.recording);
        changed
    }
}

pub fn first_failure(report: &Report, name: CheckName) -> String {
    assert!(!report.accepted);
    let Check { name: got, sentence, .. } = report.checks.iter().find(|check| !check.passed).expect("a failed check");
    assert_eq!(*got, name, "{sentence}");
    sentence.clone()
}

/// Runs a session to its end.
pub fn run(options: Options) -> Recorded {
    let secrets = Arc::new(Secrets::default());
    let (mut client, mut server) = connections(&options, secrets.clone());
    let mut recording = empty_recording();
    let sent = |recording: &Recording| {
        let records = records::records(recording, ToClient).unwrap();
        records.iter().filter(|record| record.kind == records::APPLICATION_DATA).count()
    };
    let mut flight = 0;
    while client.is_handshaking() || server.is_handshaking() {
        flush(&mut Side::Client(&mut client), &mut Side::Server(&mut server), &mut recording);
        flush(&mut Side::Server(&mut server), &mut Side::Client(&mut client), &mut recording);
        if flight == 0 {
            flight = sent(&recording);
        }
    }
    flush(&mut Side::Server(&mut server), &mut Side::Client(&mut client), &mut recording);
    let tickets = sent(&recording) - flight;
    for part in &options.request {
        std::io::Write::write_all(&mut client.writer(), part).unwrap();
        flush(&mut Side::Client(&mut client), &mut Side::Server(&mut server), &mut recording);
    }
    std::io::Write::write_all(&mut server.writer(), &options.response).unwrap();
    server.send_close_notify();
    flush(&mut Side::Server(&mut server), &mut Side::Client(&mut client), &mut recording);
    client.send_close_notify();
    flush(&mut Side::Client(&mut client), &mut Side::Server(&mut server), &mut recording);
    Recorded {
        shts: secrets.get("SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        tickets: u8::try_from(tickets).unwrap(),
        roots: vec![options.identity.root],
        flight,
        recording: by_record(&recording),
    }
}

/// A session with all defaults.
pub fn plain() -> Recorded {
    run(Options::default())
}

pub fn empty_recording() -> Recording {
    Recording {
        commitment: Commitment([7; 32]),
        domain: DOMAIN.into(),
        address: "127.0.0.1:443".parse().unwrap(),
        opened: OPENED,
        closed: OPENED + 2,
        chunks: Vec::new(),
    }
}

/// One record a chunk; the order stays.
pub fn by_record(recording: &Recording) -> Recording {
    let mut chunks = Vec::new();
    for chunk in &recording.chunks {
        let mut rest = chunk.bytes.as_slice();
        while !rest.is_empty() {
            let length = 5 + usize::from(rest[3]) * 256 + usize::from(rest[4]);
            let (record, after) = rest.split_at(length);
            chunks.push(Chunk { direction: chunk.direction, bytes: record.to_vec() });
            rest = after;
        }
    }
    Recording { chunks, ..recording.clone() }
}

/// An extension more in the first ClientHello.
pub fn add_extension(recording: &mut Recording, kind: u16, content: &[u8]) {
    let extension = [&kind.to_be_bytes()[..], &u16::try_from(content.len()).unwrap().to_be_bytes(), content].concat();
    edit_hello(recording, |extensions| extensions.extend(&extension));
}

/// Changes the extensions of the first ClientHello and mends all lengths.
pub fn edit_hello(recording: &mut Recording, change: impl FnOnce(&mut Vec<u8>)) {
    let bytes = recording.chunks[0].bytes.clone();
    // Record header 5, message header 4, version 2, random 32, session id, suites, compression.
    let mut at = 5 + 4 + 34;
    at += 1 + usize::from(bytes[at]);
    at += 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    at += 1 + usize::from(bytes[at]);
    let mut extensions = bytes[at + 2..].to_vec();
    change(&mut extensions);
    let length = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    let body = [&bytes[9..at], &length(extensions.len()), &extensions].concat();
    recording.chunks[0].bytes = [&bytes[..3], &length(body.len() + 4), &[1, 0], &length(body.len()), &body].concat();
}

enum Side<'a> {
    Client(&'a mut ClientConnection),
    Server(&'a mut ServerConnection),
}

/// Takes what one side has to send, records it and gives it to the other.
fn flush(from: &mut Side<'_>, to: &mut Side<'_>, recording: &mut Recording) {
    let mut bytes = Vec::new();
    let direction = match from {
        Side::Client(client) => {
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            ToBank
        }
        Side::Server(server) => {
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            ToClient
        }
    };
    recording.push(direction, &bytes);
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        match to {
            Side::Client(client) => {
                client.read_tls(&mut rest).unwrap();
                client.process_new_packets().unwrap();
                let _ = std::io::copy(&mut client.reader(), &mut std::io::sink());
            }
            Side::Server(server) => {
                server.read_tls(&mut rest).unwrap();
                server.process_new_packets().unwrap();
                let _ = std::io::copy(&mut server.reader(), &mut std::io::sink());
            }
        }
    }
}

fn connections(options: &Options, secrets: Arc<Secrets>) -> (ClientConnection, ServerConnection) {
    let mut server = ServerConfig::builder_with_provider(provider(&options.suites, &options.server_groups))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Fixed::new(&options.identity)));
    server.send_tls13_tickets = options.tickets;
    server.max_fragment_size = options.fragment;
    if options.server_alpn {
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    let client = client_config(&options.suites, &options.client_groups, secrets);
    let name = ServerName::try_from(DOMAIN).unwrap();
    (ClientConnection::new(Arc::new(client), name).unwrap(), ServerConnection::new(Arc::new(server)).unwrap())
}

/// The client as the wallet configures it, but for certificates: those are looked at by what is tested.
pub fn client_config(suites: &[SupportedCipherSuite], groups: &[&'static dyn SupportedKxGroup], secrets: Arc<Secrets>) -> ClientConfig {
    let mut client = ClientConfig::builder_with_provider(provider(suites, groups))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AcceptAll))
        .with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    client.resumption = Resumption::disabled();
    client.cert_decompressors = Vec::new();
    client.key_log = secrets;
    client
}

fn provider(suites: &[SupportedCipherSuite], groups: &[&'static dyn SupportedKxGroup]) -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { cipher_suites: suites.to_vec(), kx_groups: groups.to_vec(), ..ring::default_provider() })
}

/// Keeps what a client's `KeyLog` tells.
#[derive(Debug, Default)]
pub struct Secrets(Mutex<HashMap<String, Vec<u8>>>);

impl Secrets {
    pub fn get(&self, label: &str) -> [u8; 32] {
        self.0.lock().unwrap()[label].clone().try_into().unwrap()
    }
}

impl KeyLog for Secrets {
    fn log(&self, label: &str, _random: &[u8], secret: &[u8]) {
        self.0.lock().unwrap().insert(label.into(), secret.into());
    }
}

/// Serves a certificate whether or not the key fits it.
#[derive(Debug)]
struct Fixed(Arc<CertifiedKey>);

impl Fixed {
    fn new(identity: &Identity) -> Self {
        let key = ring::sign::any_supported_type(&identity.key).unwrap();
        Self(Arc::new(CertifiedKey::new(identity.chain.clone(), key)))
    }
}

impl ResolvesServerCert for Fixed {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

#[derive(Debug)]
struct AcceptAll;

impl ServerCertVerifier for AcceptAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

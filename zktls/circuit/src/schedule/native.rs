//! The key schedule in plain arithmetic, for the prover and for the verifier.

use std::fmt;

use parlance_zktls_protocol::Suite;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::sha256::{BLOCK, IV, compress, finish, from_bytes, to_bytes};
use super::{IV_LEN, Inner, Midstates, Published};

const IPAD: u8 = 0x36;
const OPAD: u8 = 0x5c;

/// SHA-256 of nothing, the context of "derived".
const HASH_OF_NOTHING: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
    0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// The labels of TLS 1.3 that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The server's handshake traffic secret.
    ServerHandshakeTraffic,
    /// The salt of the next extraction.
    Derived,
    /// The client's application traffic secret.
    ClientApplicationTraffic,
    /// The server's application traffic secret.
    ServerApplicationTraffic,
    /// A traffic key.
    Key,
    /// A traffic initialization vector.
    Iv,
    /// The key of a Finished message.
    Finished,
}

impl Label {
    const fn text(self) -> &'static [u8] {
        match self {
            Self::ServerHandshakeTraffic => b"tls13 s hs traffic",
            Self::Derived => b"tls13 derived",
            Self::ClientApplicationTraffic => b"tls13 c ap traffic",
            Self::ServerApplicationTraffic => b"tls13 s ap traffic",
            Self::Key => b"tls13 key",
            Self::Iv => b"tls13 iv",
            Self::Finished => b"tls13 finished",
        }
    }
}

fn midstate(key: &[u8; 32], pad: u8) -> [u8; 32] {
    let mut block = Zeroizing::new([pad; BLOCK]);
    for (padded, byte) in block.iter_mut().zip(key) {
        *padded ^= byte;
    }
    to_bytes(&compress(IV, &block))
}

/// `M(K)`, the state of an HMAC once its key is in. It may be published.
#[must_use]
pub fn inner_midstate(key: &[u8; 32]) -> [u8; 32] {
    midstate(key, IPAD)
}

/// The inner hash of a message, from `M(K)` alone.
#[must_use]
pub fn inner_hash(midstate: &[u8; 32], message: &[u8]) -> [u8; 32] {
    finish(from_bytes(midstate), 1, message)
}

/// HMAC-SHA-256 with a key of 32 bytes (RFC 2104).
#[must_use]
pub fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let inner = inner_hash(&inner_midstate(key), message);
    let outer = Zeroizing::new(midstate(key, OPAD));
    inner_hash(&outer, &inner)
}

/// The message of HKDF-Expand-Label's one HMAC (RFC 8446, section 7.1; RFC 5869, section 2.3): the label, and the counter 1.
fn label_message(len: u8, label: Label, context: &[u8]) -> Vec<u8> {
    let label = label.text();
    let mut message = vec![0, len, label.len() as u8];
    message.extend_from_slice(label);
    message.push(context.len() as u8);
    message.extend_from_slice(context);
    message.push(1);
    message
}

/// HKDF-Expand-Label, for up to 32 bytes and a context that is a hash or absent.
#[must_use]
pub fn expand_label<const N: usize>(secret: &[u8; 32], label: Label, context: Option<&[u8; 32]>) -> [u8; N] {
    const { assert!(N <= 32, "one HMAC gives 32 bytes") };
    let context = context.map(<[u8; 32]>::as_slice).unwrap_or_default();
    let block = Zeroizing::new(hmac(secret, &label_message(N as u8, label, context)));
    std::array::from_fn(|i| block[i])
}

/// The handshake secret from the (EC)DHE secret, where there is no pre-shared key.
#[must_use]
pub fn handshake_secret(shared: &[u8]) -> Zeroizing<[u8; 32]> {
    let early = hmac(&[0; 32], &[0; 32]);
    Zeroizing::new(hmac(&expand_label(&early, Label::Derived, Some(&HASH_OF_NOTHING)), shared))
}

/// The nine messages. `th1` is the transcript's hash up to the ServerHello, `th2` up to the server's Finished.
fn messages(suite: Suite, th1: &[u8; 32], th2: &[u8; 32]) -> Inner<Vec<u8>> {
    let key = label_message(suite.key_length(), Label::Key, &[]);
    let iv = label_message(IV_LEN, Label::Iv, &[]);
    Inner {
        shts: label_message(32, Label::ServerHandshakeTraffic, th1),
        derived: label_message(32, Label::Derived, &HASH_OF_NOTHING),
        master: vec![0; 32],
        client: label_message(32, Label::ClientApplicationTraffic, th2),
        server: label_message(32, Label::ServerApplicationTraffic, th2),
        client_key: key.clone(),
        client_iv: iv.clone(),
        server_key: key,
        server_iv: iv,
    }
}

impl Published<[u8; 32]> {
    /// What follows from the midstates, the transcript and the server handshake traffic secret: the verifier's half.
    #[must_use]
    pub fn new(suite: Suite, midstates: Midstates<[u8; 32]>, shts: [u8; 32], th1: &[u8; 32], th2: &[u8; 32]) -> Self {
        let m = messages(suite, th1, th2);
        let inner = Inner {
            shts: inner_hash(&midstates.handshake, &m.shts),
            derived: inner_hash(&midstates.handshake, &m.derived),
            master: inner_hash(&midstates.derived, &m.master),
            client: inner_hash(&midstates.master, &m.client),
            server: inner_hash(&midstates.master, &m.server),
            client_key: inner_hash(&midstates.client, &m.client_key),
            client_iv: inner_hash(&midstates.client, &m.client_iv),
            server_key: inner_hash(&midstates.server, &m.server_key),
            server_iv: inner_hash(&midstates.server, &m.server_iv),
        };
        Self { midstates, inner, shts }
    }

    /// All of it as bytes, in the order of [`Published::into_array`]: the public inputs.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.clone().into_array().concat()
    }
}

/// All secrets of a session from the handshake secret on.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secrets {
    /// The handshake secret.
    pub handshake: [u8; 32],
    /// The server's handshake traffic secret.
    pub shts: [u8; 32],
    /// The salt of the master secret.
    pub derived: [u8; 32],
    /// The master secret.
    pub master: [u8; 32],
    /// The client's application traffic secret.
    pub client: [u8; 32],
    /// The server's application traffic secret.
    pub server: [u8; 32],
    /// The client's application traffic key.
    pub client_key: Vec<u8>,
    /// The client's application traffic initialization vector.
    pub client_iv: [u8; 12],
    /// The server's application traffic key.
    pub server_key: Vec<u8>,
    /// The server's application traffic initialization vector.
    pub server_iv: [u8; 12],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

/// A traffic key; the label names its length, so 16 bytes are not half of 32.
#[must_use]
pub fn traffic_key(suite: Suite, secret: &[u8; 32]) -> Vec<u8> {
    match suite {
        Suite::Aes128GcmSha256 => expand_label::<16>(secret, Label::Key, None).to_vec(),
        Suite::ChaCha20Poly1305Sha256 => expand_label::<32>(secret, Label::Key, None).to_vec(),
    }
}

/// A traffic initialization vector.
#[must_use]
pub fn traffic_iv(secret: &[u8; 32]) -> [u8; 12] {
    expand_label(secret, Label::Iv, None)
}

impl Secrets {
    /// The whole schedule. `th1` is the transcript's hash up to the ServerHello, `th2` up to the server's Finished.
    #[must_use]
    pub fn derive(suite: Suite, handshake: &[u8; 32], th1: &[u8; 32], th2: &[u8; 32]) -> Self {
        let shts = expand_label(handshake, Label::ServerHandshakeTraffic, Some(th1));
        let derived = expand_label(handshake, Label::Derived, Some(&HASH_OF_NOTHING));
        let master = hmac(&derived, &[0; 32]);
        let client = expand_label(&master, Label::ClientApplicationTraffic, Some(th2));
        let server = expand_label(&master, Label::ServerApplicationTraffic, Some(th2));
        Self {
            handshake: *handshake,
            shts,
            derived,
            master,
            client,
            server,
            client_key: traffic_key(suite, &client),
            client_iv: traffic_iv(&client),
            server_key: traffic_key(suite, &server),
            server_iv: traffic_iv(&server),
        }
    }

    /// The five midstates that the prover publishes.
    #[must_use]
    pub fn midstates(&self) -> Midstates<[u8; 32]> {
        Midstates {
            handshake: inner_midstate(&self.handshake),
            derived: inner_midstate(&self.derived),
            master: inner_midstate(&self.master),
            client: inner_midstate(&self.client),
            server: inner_midstate(&self.server),
        }
    }
}

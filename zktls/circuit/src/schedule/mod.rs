//! TLS 1.3's key schedule (RFC 8446, section 7.1) from the handshake secret on, natively and as constraints.
//!
//! Every step is one HMAC-SHA-256. For a key `K` and a message `m` it is
//! `compress(O(K), I(K, m))` with the *outer midstate* `O(K) = compress(IV, K ⊕ opad)` and the *inner hash* `I(K, m)`, which goes on
//! from the *inner midstate* `M(K) = compress(IV, K ⊕ ipad)` over `m`. The prover publishes `M(K)` for the five keys; whoever verifies
//! makes the nine inner hashes from them and from messages that are public anyway. The circuit proves five `M(K)`, five `O(K)` and
//! nine outer compressions: 19 compressions rather than 28, and no message at all.
//!
//! **Why it binds.** The circuit takes `M(K)` and `O(K)` from the same 32 bytes `K`, at a fixed width (no key is hashed first or
//! padded in another way), so what follows from `K` is HMAC. The handshake secret is bound by `M(HS)` and by the server handshake
//! traffic secret, both public: a second one would be a collision of SHA-256 or of its compression function. All other keys are
//! functions of it. Which key length the labels of the traffic keys name is the verifier's choice, by the suite.
//!
//! **Why it hides.** HMAC is a pseudorandom function if `(M(K), O(K))` looks like two random values to whoever does not know `K`; that
//! is the assumption of its own proof, and it stands with `M(K)` in the open, since then `O(K)` still looks random and keys the outer
//! compression. With an outer midstate in the open everything derived from that key would be known: they are never published.

pub mod circuit;
pub mod hmac;
pub mod native;
pub mod nullifier;
pub mod sha256;
#[cfg(test)]
mod tests;
pub mod word;

pub use circuit::{PublicSchedule, TrafficKeys, key_schedule};
pub use native::Secrets;

/// The length of a traffic initialization vector in bytes, in both suites.
pub const IV_LEN: u8 = 12;

/// One value for each of the five keys of HMAC, in the order in which they follow from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Midstates<T> {
    /// Of the handshake secret.
    pub handshake: T,
    /// Of what is derived from it, the salt of the master secret.
    pub derived: T,
    /// Of the master secret.
    pub master: T,
    /// Of the client's application traffic secret.
    pub client: T,
    /// Of the server's application traffic secret.
    pub server: T,
}

/// One value for each of the nine messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner<T> {
    /// `"s hs traffic"`, with the transcript up to the ServerHello.
    pub shts: T,
    /// `"derived"`, with the hash of nothing.
    pub derived: T,
    /// 32 zeros: the master secret has no other input.
    pub master: T,
    /// `"c ap traffic"`, with the transcript up to the server's Finished.
    pub client: T,
    /// `"s ap traffic"`, the same.
    pub server: T,
    /// `"key"` under the client's secret.
    pub client_key: T,
    /// `"iv"` under the client's secret.
    pub client_iv: T,
    /// `"key"` under the server's secret.
    pub server_key: T,
    /// `"iv"` under the server's secret.
    pub server_iv: T,
}

/// All that is public about a key schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published<T> {
    /// The inner midstates `M(K)`, which the prover says.
    pub midstates: Midstates<T>,
    /// The inner hashes, which the verifier makes from them.
    pub inner: Inner<T>,
    /// The server handshake traffic secret.
    pub shts: T,
}

/// How many values [`Published`] has.
pub const PUBLISHED: usize = 15;

impl<T> Published<T> {
    /// All values in their one order: midstates, inner hashes, secret.
    #[rustfmt::skip]
    pub fn into_array(self) -> [T; PUBLISHED] {
        let (m, i) = (self.midstates, self.inner);
        [
            m.handshake, m.derived, m.master, m.client, m.server,
            i.shts, i.derived, i.master, i.client, i.server,
            i.client_key, i.client_iv, i.server_key, i.server_iv,
            self.shts,
        ]
    }

    /// The same back.
    pub fn from_array(values: [T; PUBLISHED]) -> Self {
        let [handshake, derived, master, client, server, rest @ ..] = values;
        let midstates = Midstates { handshake, derived, master, client, server };
        let [shts, derived, master, client, server, client_key, client_iv, server_key, server_iv, secret] = rest;
        let inner = Inner { shts, derived, master, client, server, client_key, client_iv, server_key, server_iv };
        Self { midstates, inner, shts: secret }
    }
}

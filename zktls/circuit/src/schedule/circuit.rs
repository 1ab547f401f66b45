//! The key schedule as constraints.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;
use parlance_zktls_protocol::Suite;

use super::hmac::Hmac;
use super::sha256::{enforce_equal, exactly};
use super::{IV_LEN, PUBLISHED, Published};
use crate::bytes::Byte;

/// What is public, as bytes that the caller has tied to public inputs.
pub type PublicSchedule = Published<[Byte; 32]>;

impl PublicSchedule {
    /// From bytes in the order of [`Published::into_array`], 32 for each value.
    ///
    /// # Errors
    /// [`SynthesisError::IncompatibleLengthVector`] where there are not 480 of them.
    pub fn from_bytes(bytes: &[Byte]) -> Result<Self, SynthesisError> {
        let bytes = exactly::<{ 32 * PUBLISHED }>("public part of the key schedule", bytes)?;
        Ok(Self::from_array(std::array::from_fn(|i| std::array::from_fn(|j| bytes[32 * i + j].clone()))))
    }
}

/// The keys of the application data.
#[derive(Clone, Debug)]
pub struct TrafficKeys {
    /// The client's key: 16 or 32 bytes.
    pub client_key: Vec<Byte>,
    /// The client's initialization vector: 12 bytes.
    pub client_iv: Vec<Byte>,
    /// The server's key.
    pub server_key: Vec<Byte>,
    /// The server's initialization vector.
    pub server_iv: Vec<Byte>,
}

/// The traffic keys that follow from the handshake secret `hs` and from nothing else: 19 compressions.
///
/// # Errors
/// As the constraint system's; [`SynthesisError::IncompatibleLengthVector`] where `hs` has not 32 bytes.
pub fn key_schedule<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    suite: Suite,
    hs: &[Byte],
    public: &PublicSchedule,
) -> Result<TrafficKeys, SynthesisError> {
    let (midstates, inner) = (&public.midstates, &public.inner);

    let handshake = Hmac::new(&mut cs.namespace(|| "handshake"), exactly("handshake secret", hs)?, &midstates.handshake)?;
    let shts = handshake.output(cs.namespace(|| "shts"), &inner.shts)?;
    enforce_equal(&mut cs.namespace(|| "published shts"), &shts, &public.shts);

    let derived = handshake.output(cs.namespace(|| "derived secret"), &inner.derived)?;
    let derived = Hmac::new(&mut cs.namespace(|| "derived"), &derived, &midstates.derived)?;

    let master = derived.output(cs.namespace(|| "master secret"), &inner.master)?;
    let master = Hmac::new(&mut cs.namespace(|| "master"), &master, &midstates.master)?;

    let client = master.output(cs.namespace(|| "client secret"), &inner.client)?;
    let client = Hmac::new(&mut cs.namespace(|| "client"), &client, &midstates.client)?;
    let server = master.output(cs.namespace(|| "server secret"), &inner.server)?;
    let server = Hmac::new(&mut cs.namespace(|| "server"), &server, &midstates.server)?;

    let first = |output: [Byte; 32], len: u8| output.into_iter().take(len.into()).collect();
    Ok(TrafficKeys {
        client_key: first(client.output(cs.namespace(|| "client key"), &inner.client_key)?, suite.key_length()),
        client_iv: first(client.output(cs.namespace(|| "client iv"), &inner.client_iv)?, IV_LEN),
        server_key: first(server.output(cs.namespace(|| "server key"), &inner.server_key)?, suite.key_length()),
        server_iv: first(server.output(cs.namespace(|| "server iv"), &inner.server_iv)?, IV_LEN),
    })
}

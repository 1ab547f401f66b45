//! The whole statement: keys, records, request, response, nullifier.

use std::sync::{Arc, Mutex, PoisonError};

use bellpepper_core::num::AllocatedNum;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use parlance_zktls_protocol::Suite;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::circuit::VegaCircuit;
use zeroize::Zeroizing;

use crate::bytes::Byte;
use crate::error::CircuitError;
use crate::lookup::{Lookups, Table};
use crate::proof::Scalar;
use crate::public::{Pack, Packed, Ties};
use crate::records::{self, Capacity, Layout};
use crate::request::{self, Id, RequestShape};
use crate::response::{self, ResponseShape, Threshold, WIDTHS};
use crate::schedule::nullifier::nullifier;
use crate::schedule::{PublicSchedule, Published, key_schedule};
use crate::sum::{self, Sum, bits};

/// Number of this statement: another number, another circuit.
pub const VERSION: u16 = 1;

/// A size class: each has its own circuit and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    /// The cipher suite.
    pub suite: Suite,
    /// The client's records.
    pub request: Capacity,
    /// The server's records.
    pub response: Capacity,
}

impl Class {
    /// From small to large: with AES, the first fits half the size of the others. Records: the request comes in one, a response in up to
    /// four after two tickets.
    #[must_use]
    pub fn all(suite: Suite) -> [Self; 3] {
        let class = |request, response| Self {
            suite,
            request: Capacity { text: request, records: 1 },
            response: Capacity { text: response, records: 6 },
        };
        [class(320, 320), class(512, 1024), class(1024, 2048)]
    }

    /// The smallest that holds a request and a response of these lengths.
    ///
    /// # Errors
    /// [`CircuitError::TooLarge`].
    pub fn fitting(suite: Suite, request: usize, response: usize) -> Result<Self, CircuitError> {
        let all = Self::all(suite);
        let [.., largest] = all;
        let fits = |class: &Self| class.request.text >= request && class.response.text >= response;
        let too_large = |what, got, most| CircuitError::TooLarge { what, got, most };
        all.into_iter().find(fits).ok_or(if request > largest.request.text {
            too_large("bytes of request", request, largest.request.text)
        } else {
            too_large("bytes of response", response, largest.response.text)
        })
    }
}

/// All that is public, as the verifier computes it from the recorded session, the template and the claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// The size class.
    pub class: Class,
    /// Of the key schedule.
    pub schedule: Published<[u8; 32]>,
    /// The client's records.
    pub request: Layout,
    /// The server's records.
    pub response: Layout,
    /// What may stand where in the request.
    pub places: RequestShape,
    /// Position and length of the account's id in the request, where the template has it there.
    pub id: Option<(u16, u8)>,
    /// Where the fields stand in the response.
    pub shape: ResponseShape,
    /// What is claimed.
    pub threshold: Threshold,
    /// Scope of the nullifier at this bank.
    pub scope: [u8; 8],
    /// The nullifier.
    pub nullifier: [u8; 32],
    /// For whom the session was opened.
    pub commitment: [u8; 32],
}

/// What only the prover knows. What the records hold follows from it.
pub struct Witness {
    /// The handshake secret.
    pub handshake: Zeroizing<[u8; 32]>,
    /// Where in the response things are.
    pub found: response::native::Found,
    /// The account's id.
    pub id: Zeroizing<Vec<u8>>,
}

/// Places of a request's bytes in one public input; each is below 2^20.
const PLACES: usize = 12;
const PLACE_BITS: u32 = 20;
/// Positions and lengths.
const POSITION_BITS: usize = 16;

impl Public {
    /// The public inputs.
    ///
    /// # Errors
    /// Where the request does not fit its class.
    pub fn elements(&self) -> Result<Vec<Scalar>, CircuitError> {
        if self.id.is_some() == self.shape.id.is_some() {
            return Err(CircuitError::Id { request: self.id.is_some(), response: self.shape.id.is_some() });
        }
        let mut out = Packed::default();
        out.bytes(&self.schedule.to_bytes());
        out.end();
        for layout in [&self.request, &self.response] {
            layout.elements(&mut out);
        }
        let places = self.places.numbers::<Scalar>(self.class.request.text)?;
        for chunk in places.chunks(PLACES) {
            out.element(chunk.iter().rev().fold(Scalar::from(0), |sum, place| sum * Scalar::from(1 << PLACE_BITS) + place));
        }
        let (start, length) = self.id.unwrap_or_default();
        out.number(start.into(), POSITION_BITS);
        out.number(length.into(), POSITION_BITS);
        self.shape.numbers(&self.threshold).into_iter().zip(WIDTHS).for_each(|(n, width)| out.number(n, width));
        out.number(self.response.length as u64, POSITION_BITS);
        out.bytes(&self.scope);
        out.bytes(&self.nullifier);
        out.bytes(&self.commitment);
        Ok(out.finish())
    }
}

/// What the first part leaves for the second.
struct First {
    lookups: Lookups<Scalar>,
    ties: Ties<Scalar>,
}

/// A statement with its witness, or only its shape. Clones share what the first part leaves.
#[derive(Clone)]
pub struct Statement {
    class: Class,
    known: Option<Arc<(Public, Witness)>>,
    first: Arc<Mutex<Option<First>>>,
}

impl Statement {
    /// Only the circuit.
    #[must_use]
    pub fn shape(class: Class) -> Self {
        Self { class, known: None, first: Arc::default() }
    }

    /// With what is public and what the prover knows.
    #[must_use]
    pub fn new(public: Public, witness: Witness) -> Self {
        Self { class: public.class, known: Some(Arc::new((public, witness))), first: Arc::default() }
    }

    /// The public inputs.
    ///
    /// # Errors
    /// Without a witness, or where the request does not fit.
    pub fn public_elements(&self) -> Result<Vec<Scalar>, CircuitError> {
        self.known.as_ref().ok_or(CircuitError::Synthesis(SynthesisError::AssignmentMissing))?.0.elements()
    }

    /// Everything that is committed before the random point is drawn.
    fn first<CS: ConstraintSystem<Scalar>>(&self, cs: &mut CS) -> Result<First, SynthesisError> {
        let class = self.class;
        let public = self.known.as_ref().map(|known| &known.0);
        let witness = self.known.as_ref().map(|known| &known.1);
        let (mut lookups, mut ties) = (Lookups::default(), Ties::default());

        let published = public.map(|p| p.schedule.to_bytes());
        let mut pack = Pack::default();
        let published = packed_bytes(&mut cs.namespace(|| "published"), 32 * crate::schedule::PUBLISHED, published.as_deref(), &mut pack)?;
        pack.tie(&mut ties);
        let secret = bytes(&mut cs.namespace(|| "handshake secret"), 32, witness.map(|w| w.handshake.as_slice()))?;
        let keys = key_schedule(&mut cs.namespace(|| "keys"), class.suite, &secret, &PublicSchedule::from_bytes(&published)?)?;

        let request = records::text(
            &mut cs.namespace(|| "request"),
            class.suite,
            class.request,
            public.map(|p| &p.request),
            (keys.client_key, &keys.client_iv),
            Table::RequestText,
            &mut ties,
            &mut lookups,
        )?;
        let response = records::text(
            &mut cs.namespace(|| "response"),
            class.suite,
            class.response,
            public.map(|p| &p.response),
            (keys.server_key, &keys.server_iv),
            Table::ResponseText,
            &mut ties,
            &mut lookups,
        )?;

        let mut pack = Pack::default();
        let of_request =
            self.request(&mut cs.namespace(|| "what is asked"), &request, public, witness, (&mut ties, &mut pack), &mut lookups)?;
        let shape = response::Public::alloc(&mut cs.namespace(|| "claim"), public.map(|p| (&p.shape, &p.threshold)))?;
        pack.bits(shape.bits());
        let length = bits(cs, "length", POSITION_BITS, public.map(|p| p.response.length as u64))?;
        pack.bits(&length);
        let of_response = response::enforce(
            &mut cs.namespace(|| "what is answered"),
            &mut lookups,
            &response,
            &Sum::bits(&length),
            &shape,
            witness.map(|w| &w.found),
        )?;

        let id = Id::either(&mut cs.namespace(|| "id"), &of_request, &of_response)?;
        let scope = packed_bytes(&mut cs.namespace(|| "scope"), 8, public.map(|p| p.scope.as_slice()), &mut pack)?;
        let wanted = packed_bytes(&mut cs.namespace(|| "nullifier"), 32, public.map(|p| p.nullifier.as_slice()), &mut pack)?;
        let hash = nullifier(&mut cs.namespace(|| "hash of the id"), &scope, &id.length, &id.bytes)?;
        for (i, (got, wanted)) in hash.iter().zip(&wanted).enumerate() {
            sum::equal(cs, &format!("byte {i} of the nullifier"), &Sum::byte(got), &Sum::byte(wanted));
        }
        // Used for nothing: that it is public binds the proof to it.
        packed_bytes(&mut cs.namespace(|| "commitment"), 32, public.map(|p| p.commitment.as_slice()), &mut pack)?;
        pack.tie(&mut ties);

        lookups.count(&mut cs.namespace(|| "counts"))?;
        Ok(First { lookups, ties })
    }

    /// Every byte of the request may stand where it stands; the account's id in it, if it is there.
    fn request<CS: ConstraintSystem<Scalar>>(
        &self,
        cs: &mut CS,
        text: &[Byte],
        public: Option<&Public>,
        witness: Option<&Witness>,
        (ties, pack): (&mut Ties<Scalar>, &mut Pack),
        lookups: &mut Lookups<Scalar>,
    ) -> Result<Id, SynthesisError> {
        let numbers = match public {
            Some(public) => Some(public.places.numbers::<Scalar>(text.len()).map_err(|_| SynthesisError::Unsatisfiable)?),
            None => None,
        };
        let mut places = Vec::with_capacity(text.len());
        for i in 0..text.len() {
            let value = numbers.as_ref().and_then(|n| n.get(i)).copied();
            places.push(AllocatedNum::alloc(cs.namespace(|| format!("place {i}")), || value.ok_or(SynthesisError::AssignmentMissing))?);
        }
        // Unique although no place is ranged here: each plus its byte is a row of a table of numbers below 2^20, so two ways
        // to pack would differ by less than 2^20 in each digit.
        for chunk in places.chunks(PLACES) {
            ties.digits(chunk, PLACE_BITS);
        }
        request::enforce(lookups, text, &places)?;
        let id = public.and_then(|p| p.id);
        let mut number = |name, value: Option<u64>| {
            let bits = bits(cs, name, POSITION_BITS, value)?;
            pack.bits(&bits);
            Ok::<_, SynthesisError>(Sum::bits(&bits))
        };
        let start = number("start of the id", public.map(|_| id.unwrap_or_default().0.into()))?;
        let length = number("length of the id", public.map(|_| id.unwrap_or_default().1.into()))?;
        let bytes = witness.map(|w| if id.is_some() { w.id.as_slice() } else { &[] });
        request::id_from_request(cs, lookups, text, &start, &length, bytes)
    }
}

impl VegaCircuit<T256HyraxEngine> for Statement {
    fn public_values(&self) -> Result<Vec<Scalar>, SynthesisError> {
        self.public_elements().map_err(|_| SynthesisError::AssignmentMissing)
    }

    fn shared<CS: ConstraintSystem<Scalar>>(&self, _: &mut CS) -> Result<Vec<AllocatedNum<Scalar>>, SynthesisError> {
        Ok(Vec::new())
    }

    fn precommitted<CS: ConstraintSystem<Scalar>>(
        &self,
        cs: &mut CS,
        _: &[AllocatedNum<Scalar>],
    ) -> Result<Vec<AllocatedNum<Scalar>>, SynthesisError> {
        let first = self.first(cs)?;
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        Ok(Vec::new())
    }

    fn num_challenges(&self) -> usize {
        1
    }

    fn synthesize<CS: ConstraintSystem<Scalar>>(
        &self,
        cs: &mut CS,
        _: &[AllocatedNum<Scalar>],
        _: &[AllocatedNum<Scalar>],
        challenges: Option<&[Scalar]>,
    ) -> Result<(), SynthesisError> {
        // Taken away: its memory is free again before the proving system needs most.
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let First { lookups, ties } = first.ok_or(SynthesisError::Unsatisfiable)?;
        ties.inputs(cs)?;
        let x = challenges.and_then(<[Scalar]>::first).copied();
        let x = AllocatedNum::alloc_input(cs.namespace(|| "random point"), || x.ok_or(SynthesisError::AssignmentMissing))?;
        lookups.argue(&mut cs.namespace(|| "lookups"), &x)
    }
}

fn bytes<CS: ConstraintSystem<Scalar>>(cs: &mut CS, count: usize, values: Option<&[u8]>) -> Result<Vec<Byte>, SynthesisError> {
    if values.is_some_and(|v| v.len() != count) {
        return Err(SynthesisError::Unsatisfiable);
    }
    (0..count).map(|i| Byte::alloc(&mut cs.namespace(|| format!("byte {i}")), values.and_then(|v| v.get(i)).copied())).collect()
}

fn packed_bytes<CS: ConstraintSystem<Scalar>>(
    cs: &mut CS,
    count: usize,
    values: Option<&[u8]>,
    pack: &mut Pack,
) -> Result<Vec<Byte>, SynthesisError> {
    let bytes = bytes(cs, count, values)?;
    bytes.iter().for_each(|byte| pack.bits(&byte.bits));
    Ok(bytes)
}

#[cfg(test)]
mod tests;

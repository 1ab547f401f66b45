//! From what the session shows to the circuit's public inputs: the same for prover and verifier.

use parlance_zktls_circuit::error::CircuitError;
use parlance_zktls_circuit::proof::{Keys, verify};
use parlance_zktls_circuit::records::{APPLICATION_DATA, HANDSHAKE, Layout, Record};
use parlance_zktls_circuit::request::{Place, RequestShape};
use parlance_zktls_circuit::response::{FieldPath, Form, ResponseShape, Threshold};
use parlance_zktls_circuit::schedule::{Midstates, Published};
use parlance_zktls_circuit::statement::{Class, Public, VERSION};
use parlance_zktls_protocol::template::{self, Slot, Source};
use parlance_zktls_protocol::{InnerHashes, Template, scope_at};

use crate::{Ciphertext, ProofSystem, PublicInputs, VerifyError};

/// A server's closing alert has two bytes. Where it stands last it is no part of the response; nor does it matter if it is
/// data, for the response is read from its beginning and may end anywhere behind the object.
const ALERT: usize = 2;

/// Checks proofs with the circuit of [`VERSION`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Circuit;

impl ProofSystem for Circuit {
    fn verify(&self, public: &PublicInputs, proof: &[u8]) -> Result<(), VerifyError> {
        let public = circuit_inputs(public)?;
        let keys = Keys::of(public.class)?;
        Ok(verify(&keys, &public.elements()?, proof)?)
    }
}

impl From<CircuitError> for VerifyError {
    fn from(error: CircuitError) -> Self {
        Self::Proof(error.to_string())
    }
}

/// What is public, for the circuit: the records laid out, the request's places, the response's shape.
///
/// # Errors
/// Where the session or the template does not fit any circuit.
pub fn circuit_inputs(inputs: &PublicInputs) -> Result<Public, VerifyError> {
    if inputs.version != VERSION {
        return Err(VerifyError::condition("statement", inputs.version, VERSION));
    }
    let shape = response_shape(&inputs.template)?;
    let currency = inputs.claim.currency;
    if let Source::Fixed(fixed) = &inputs.template.response.currency
        && fixed.as_bytes() != currency
    {
        return Err(VerifyError::condition("currency", String::from_utf8_lossy(&currency), fixed));
    }
    let length = |records: &[Ciphertext]| records.iter().map(Ciphertext::content_length).sum::<usize>();
    let response = response_records(inputs);
    let class = Class::fitting(inputs.suite, length(&inputs.request), length(response))?;
    let records = |ciphertexts: &[Ciphertext], inner_type| -> Vec<Record> {
        ciphertexts.iter().map(|c| Record { sequence: c.sequence, ciphertext: c.bytes.clone(), inner_type }).collect()
    };
    let request = records(&inputs.request, APPLICATION_DATA);
    let (tickets, response) = (records(&inputs.tickets, HANDSHAKE), records(response, APPLICATION_DATA));
    let InnerHashes { handshake, derived, master, client, server } = inputs.inner;
    let midstates = Midstates { handshake, derived, master, client, server };
    let id = match &inputs.shape.id {
        Some(range) if shape.id.is_none() => {
            let start = u16::try_from(range.start).map_err(|_| VerifyError::condition("id's place", range.start, "below 65536"))?;
            Some((start, u8::try_from(range.len()).map_err(|_| VerifyError::condition("id's length", range.len(), "at most 46"))?))
        }
        _ => None,
    };
    Ok(Public {
        class,
        schedule: Published::new(inputs.suite, midstates, inputs.shts, &inputs.th1, &inputs.th2),
        request: Layout::new(inputs.suite, class.request, &[], &request)?,
        response: Layout::new(inputs.suite, class.response, &tickets, &response)?,
        places: RequestShape(inputs.shape.slots.iter().map(|slot| place(*slot)).collect()),
        id,
        shape,
        threshold: Threshold { at_least: inputs.claim.at_least, currency },
        scope: scope_at(&inputs.claim.scope, &inputs.template.domain),
        nullifier: inputs.claim.nullifier,
        commitment: inputs.commitment.0,
    })
}

/// The response's records that are proved: all but a closing alert, or as many from the first as fit the largest class.
fn response_records(inputs: &PublicInputs) -> &[Ciphertext] {
    let all = match inputs.response.split_last() {
        Some((last, before)) if last.content_length() == ALERT && !before.is_empty() => before,
        _ => inputs.response.as_slice(),
    };
    let [.., largest] = Class::all(inputs.suite);
    let most = largest.response.records.saturating_sub(inputs.tickets.len());
    let mut bytes = 0;
    let fitting = all.iter().take(most).take_while(|record| {
        bytes += record.content_length();
        bytes <= largest.response.text
    });
    // Where not even the first one fits, the layout says so.
    all.get(..fitting.count().max(1)).unwrap_or(all)
}

fn response_shape(template: &Template) -> Result<ResponseShape, VerifyError> {
    let response = &template.response;
    let path = |path: &template::FieldPath| match path.keys() {
        [first] => Ok(FieldPath::one(first)),
        [first, second] => Ok(FieldPath::two(first, second)),
        more => Err(VerifyError::condition("keys of a path", more.len(), "1 or 2")),
    };
    let source = |source: &Source| match source {
        Source::Path(at) => path(at).map(Some),
        Source::Parameter(_) | Source::Fixed(_) => Ok(None),
    };
    Ok(ResponseShape {
        depth: response.depth,
        balance: path(&response.balance.path)?,
        form: match response.balance.form {
            template::Form::Decimal => Form::Decimal(response.balance.scale),
            template::Form::Minor => Form::Minor,
        },
        quoted: response.balance.quoted,
        currency: source(&response.currency)?,
        kind: response.kind.as_ref().map(|kind| Ok::<_, VerifyError>((path(&kind.path)?, kind.is.clone()))).transpose()?,
        id: source(&response.id)?,
    })
}

const fn place(slot: Slot) -> Place {
    match slot {
        Slot::Fixed(byte) => Place::Fixed(byte),
        Slot::Parameter => Place::Parameter,
        Slot::Hex => Place::Hex,
        Slot::Credential => Place::Credential,
    }
}

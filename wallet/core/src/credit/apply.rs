//! From an accepted proof to what opens a line: the borrower's signature under the offer, and the lender's attestation for it.
//! Both are kept, so that after an interruption the same ones are used again.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolStruct;
use parlance_credit::{Application, api, pool::Pool};
use parlance_effects::ChainId;
use serde_json::{Value, json};

use super::{
    CreditLine, LineStatus,
    lenders::{self, KnownLender},
    offer::check_attested,
};
use crate::{
    Wallet,
    error::{Result, WalletError},
    store::{ProofRecord, Purpose, TxFilter, now},
};

/// So long has a proof to count still, seconds.
const LEFT: u64 = 60;

/// The best proof that a line of `amount` can be opened with now.
///
/// # Errors
/// Store and chain errors.
pub async fn fresh_proof(wallet: &Wallet, info: &api::Lender, account: Address, amount: U256) -> Result<Option<ProofRecord>> {
    let until = now().saturating_add(LEFT);
    let client = wallet.client_of(info.pool.chain)?;
    let oldest = u64::try_from(client.call_sol(info.pool.address, Pool::maxAgeCall {}).await?).unwrap_or(u64::MAX);
    // Without an attestation the offer has to be open still; with one, the pool has to take it.
    let counts = |p: &ProofRecord| match &p.attested {
        Some(attested) => attested.attestation.expiry > until && p.observed_at.saturating_add(oldest) > until,
        None => p.expires_at() > until,
    };
    let mut fitting: Vec<ProofRecord> = wallet.store.proofs()?;
    fitting.retain(|p| {
        p.accepted()
            && (p.lender.as_str(), p.chain, p.pool) == (info.name.as_str(), info.pool.chain, info.pool.address)
            && p.offer.borrower == account
            && p.offer.limit >= amount.max(U256::from(1))
            && counts(p)
    });
    fitting.sort_by_key(|p| std::cmp::Reverse((p.offer.limit, p.observed_at)));
    for proof in fitting {
        let used = match &proof.attested {
            Some(attested) => client.call_sol(proof.pool, Pool::usedByCall { attestation: attested.attestation.id }).await?,
            None => U256::ZERO,
        };
        if used.is_zero() {
            return Ok(Some(proof));
        }
    }
    Ok(None)
}

/// What the borrower signs.
#[must_use]
pub fn application(proof: &ProofRecord) -> Application {
    Application { offer: proof.offer.clone(), proof: proof.digest }
}

/// The same as `eth_signTypedData_v4` JSON.
#[must_use]
pub fn typed_data(application: &Application, chain: ChainId, pool: Address) -> String {
    let offer = &application.offer;
    let mut types = types(&Application::eip712_encode_type());
    types.insert(
        "EIP712Domain".into(),
        json!([
            { "name": "name", "type": "string" },
            { "name": "version", "type": "string" },
            { "name": "chainId", "type": "uint256" },
            { "name": "verifyingContract", "type": "address" },
        ]),
    );
    let domain = parlance_credit::domain(chain, pool);
    json!({
        "types": types,
        "primaryType": "Application",
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": chain,
            "verifyingContract": pool.to_checksum(None),
        },
        "message": {
            "offer": {
                "nonce": offer.nonce,
                "borrower": offer.borrower.to_checksum(None),
                "lender": offer.lender,
                "template": offer.template,
                "atLeast": offer.atLeast.to_string(),
                "currency": offer.currency,
                "scope": offer.scope,
                "limit": offer.limit.to_string(),
                "rate": offer.rate.to_string(),
                "cycle": offer.cycle.to_string(),
                "expiry": offer.expiry.to_string(),
                "terms": offer.terms,
            },
            "proof": application.proof,
        },
    })
    .to_string()
}

/// `A(B b,bytes32 c)B(uint256 d)` as the `types` of typed data.
fn types(encoded: &str) -> serde_json::Map<String, Value> {
    let structs = encoded.split(')').filter_map(|one| one.split_once('('));
    structs
        .map(|(name, fields)| {
            let fields = fields.split(',').filter_map(|field| field.split_once(' '));
            (name.to_owned(), fields.map(|(kind, name)| json!({ "name": name, "type": kind })).collect())
        })
        .collect()
}

/// Send the signed application, unless its answer is there already; the proof with the attestation.
///
/// # Errors
/// [`WalletError::LenderOffline`], [`WalletError::LenderRefused`], [`WalletError::LenderAnswer`]; store errors.
pub async fn send_application(wallet: &Wallet, lender: &KnownLender, mut proof: ProofRecord) -> Result<(ProofRecord, api::Attested)> {
    if let Some(attested) = proof.attested.clone() {
        return Ok((proof, attested));
    }
    let signature: Bytes = proof.signature.clone().ok_or_else(|| WalletError::Task("an application without its signature".into()))?;
    let request = api::ApplicationRequest { proof: proof.digest, signature };
    let attested = lenders::api(lender)?.application(&request).await?;
    check_attested(&attested, &proof, now())?;
    proof.attested = Some(attested.clone());
    wallet.store.update_proof(&proof)?;
    Ok((proof, attested))
}

/// The line that a proof renews: the open one that rests on the same bank account.
#[must_use]
pub fn renews<'a>(lines: &'a [CreditLine], proof: &ProofRecord) -> Option<&'a CreditLine> {
    lines.iter().find(|line| {
        let same = (line.chain, line.pool, line.state.nullifier) == (proof.chain, proof.pool, proof.nullifier);
        same && line.state.status != LineStatus::Closed && !line.state.stopped
    })
}

/// True where a transaction with this attestation is on its way already.
///
/// # Errors
/// Store errors.
pub fn under_way(wallet: &Wallet, attested: &api::Attested) -> Result<bool> {
    let unsettled = wallet.store.transactions(&TxFilter { unsettled: true, ..TxFilter::default() })?;
    let id = attested.attestation.id;
    Ok(unsettled
        .iter()
        .any(|t| t.purpose == Purpose::Loan && t.state.is_outstanding() && t.unsigned.windows(32).any(|window| window == id.as_slice())))
}

#[cfg(test)]
mod tests {
    use parlance_effects::{Registry, decode_typed_data};

    use super::*;
    use crate::credit::tests::proof;

    #[test]
    fn the_signer_reads_the_digest_that_the_lender_checks() {
        let proof = proof();
        let application = application(&proof);
        let json = typed_data(&application, proof.chain, proof.pool);
        let decoded = decode_typed_data(Registry::builtin_ref(), proof.offer.borrower, &json).expect("typed data");
        assert_eq!(decoded.digest, application.digest(proof.chain, proof.pool));
    }

    #[test]
    fn words_of_a_lender_stay_words() {
        let mut proof = proof();
        proof.offer.terms = "\"}, {\"limit\": \"0\nsecond line".into();
        let application = application(&proof);
        let json = typed_data(&application, proof.chain, proof.pool);
        let decoded = decode_typed_data(Registry::builtin_ref(), proof.offer.borrower, &json).expect("typed data");
        assert_eq!(decoded.digest, application.digest(proof.chain, proof.pool));
    }
}

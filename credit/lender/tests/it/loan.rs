//! What a wallet does: ask, prove, apply.

use alloy_primitives::{B256, Bytes, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use parlance_credit::api::{ApplicationRequest, Attested, Lender, OfferRequest, Offered, Problem, Verdict};
use parlance_credit::pool::Pool;
use parlance_credit::{Application, Offer};
use parlance_zktls_protocol::{ProofFile, Salt, Session};
use parlance_zktls_prove::{Notary, Offer as TlsOffer, Plan, Roots, Terms, Values, open, prove};
use reqwest::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::world::*;

pub const TOKEN: &str = "demo-token-ada-4f0c6a1e9b7d";
/// Holds 12,345.67 EUR.
pub const ACCOUNT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// An answer of the API: what was asked for, or the problem with its status.
pub type Answer<T> = Result<T, (u16, Problem)>;

pub async fn answer<T: DeserializeOwned>(response: Response) -> Outcome<Answer<T>> {
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    let text = || format!("{status}: {}", String::from_utf8_lossy(&body));
    if status == 200 {
        return Ok(Ok(serde_json::from_slice(&body).map_err(|error| format!("{error}: {}", text()))?));
    }
    Ok(Err((status, serde_json::from_slice(&body).map_err(|error| format!("{error}: {}", text()))?)))
}

pub fn refused<T: std::fmt::Debug>(answer: Answer<T>) -> Outcome<(u16, String)> {
    let (status, problem) = answer.err().ok_or("it was done")?;
    assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{problem:?}");
    Ok((status, problem.code))
}

impl World {
    pub async fn lender_info(&self) -> Outcome<Lender> {
        self.get("/v1/lender").await?.map_err(|problem| format!("{problem:?}").into())
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<Answer<T>> {
        answer(self.http.get(self.url(path)).send().await?).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: impl Serialize) -> Outcome<Answer<T>> {
        answer(self.http.post(self.url(path)).body(serde_json::to_vec(&body)?).send().await?).await
    }

    pub async fn ask(&self, request: &OfferRequest) -> Outcome<Answer<Offered>> {
        self.post("/v1/offers", request).await
    }

    /// An offer for so many minor units of euro.
    pub async fn offer(&self, wallet: &PrivateKeySigner, at_least: u64) -> Outcome<Offer> {
        let request = OfferRequest {
            borrower: wallet.address(),
            template: self.template.digest()?.into(),
            currency: "EUR".into(),
            at_least: Some(at_least),
            amount: None,
        };
        Ok(self.ask(&request).await?.map_err(|problem| format!("{problem:?}"))?.offer)
    }

    /// A proof for an offer, with a session through the lender's own notary.
    pub async fn prove(&self, offer: &Offer) -> Outcome<ProofFile> {
        self.prove_at_least(offer, offer.atLeast.to()).await
    }

    pub async fn prove_at_least(&self, offer: &Offer, at_least: u64) -> Outcome<ProofFile> {
        let lender = self.lender_info().await?;
        let (chain, pool) = (lender.pool.chain, lender.pool.address);
        let session = Session {
            wallet: offer.borrower.into(),
            chain,
            contract: pool.into(),
            lender_nonce: offer.nonce.0,
            offer: offer.digest(chain, pool).0,
        };
        let salt = Salt(PrivateKeySigner::random().to_bytes().0);
        let notary = lender.notaries.first().ok_or("no notary")?;
        assert_eq!(notary.key, B256::from(self.notary.key.to_bytes()));
        let roots = Roots::only(vec![self.root.clone()]);
        let plan = Plan {
            template: &self.template,
            values: &Values::new(Zeroizing::new(TOKEN.to_owned())).with("account", ACCOUNT),
            commitment: session.commit(&salt),
            notary: &Notary::new(&notary.address, vec![self.notary.key])?,
            roots: &roots,
            offer: TlsOffer::default(),
            patience: 60,
        };
        let bank = open(&plan, |_| {}, &CancellationToken::new()).await?;
        let terms = Terms { session, salt, at_least, currency: offer.currency.as_bytes().try_into()?, scope: offer.scope.0 };
        Ok(prove(&bank, &self.template, &terms)?)
    }

    pub async fn send_proof(&self, file: &ProofFile) -> Outcome<Answer<Verdict>> {
        answer(self.http.post(self.url("/v1/proofs")).body(file.encode()?).send().await?).await
    }

    /// From an offer to an accepted proof.
    pub async fn accepted(&self, wallet: &PrivateKeySigner, at_least: u64) -> Outcome<Verdict> {
        let file = self.prove(&self.offer(wallet, at_least).await?).await?;
        let verdict = self.send_proof(&file).await?.map_err(|problem| format!("{problem:?}"))?;
        if verdict.accepted { Ok(verdict) } else { Err(format!("{:?}", verdict.reasons).into()) }
    }

    pub async fn apply(&self, wallet: &PrivateKeySigner, verdict: &Verdict) -> Outcome<Answer<Attested>> {
        let application = Application { offer: verdict.offer.clone(), proof: verdict.proof };
        let signature = wallet.sign_hash_sync(&application.digest(31337, self.pool))?;
        let request = ApplicationRequest { proof: verdict.proof, signature: Bytes::from(signature.as_bytes()) };
        self.post("/v1/applications", &request).await
    }

    pub async fn attested(&self, wallet: &PrivateKeySigner, verdict: &Verdict) -> Outcome<Attested> {
        self.apply(wallet, verdict).await?.map_err(|problem| format!("{problem:?}").into())
    }

    /// Opens a line; its number.
    pub async fn open(&self, wallet: &PrivateKeySigner, attested: &Attested) -> Outcome<U256> {
        let Attested { attestation, notaries, signatures } = attested.clone();
        let id = attestation.id;
        succeed(&self.chain, wallet.address(), self.pool, Pool::openCall { attestation, notaries, signatures }).await?;
        Ok(self.chain.call(self.pool, Pool::usedByCall { attestation: id }).await?)
    }

    pub async fn draw(&self, wallet: &PrivateKeySigner, id: U256, whole: u64) -> Outcome<bool> {
        let to = wallet.address();
        works(&self.chain, to, self.pool, Pool::drawCall { id, amount: usdc(whole), to }).await
    }
}

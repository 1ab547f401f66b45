//! A lender's HTTP interface, asked in typed calls. What it answers is a stranger's: bounded in size and time, and its words
//! are cleaned. What the answers mean is checked elsewhere.

use std::time::Duration;

use parlance_credit::{
    Offer,
    api::{ApplicationRequest, Attested, Lender, OfferRequest, Offered, Problem, Verdict},
};
use reqwest::{Client, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    chain::check_url,
    error::{Result, WalletError},
    tokens::clean,
};

/// Longest answer, bytes.
const MAX_ANSWER: usize = 256 << 10;
/// For what a lender only looks up or signs.
const QUICK: Duration = Duration::from_secs(20);
/// For the verification of a proof, behind others that wait.
const PATIENT: Duration = Duration::from_secs(180);
/// Longest words of a lender that are shown.
const MAX_WORDS: usize = 400;

/// A lender that can be asked.
pub(crate) struct LenderApi {
    name: String,
    url: Url,
    client: Client,
}

impl LenderApi {
    /// The lender that is called `name` at `url`.
    pub(crate) fn new(name: &str, url: &Url) -> Result<Self> {
        check_url(url).map_err(|why| WalletError::Ask {
            code: "lender_url",
            message: format!("{why}."),
            remedy: "Give the lender's address as it stands on its own page, for example https://lender.example.".into(),
        })?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let builder = Client::builder().connect_timeout(Duration::from_secs(10)).redirect(reqwest::redirect::Policy::none());
        // A proxy must not see, nor break, what stays on this machine.
        let builder = if local { builder.no_proxy() } else { builder };
        let client = builder.user_agent("parlance").build().map_err(|e| offline(name, &e))?;
        Ok(Self { name: name.to_owned(), url: url.clone(), client })
    }

    /// Who it is and what it offers; as it says, unchecked.
    pub(crate) async fn lender(&self) -> Result<Lender> {
        self.answer(self.client.get(self.at("v1/lender")), QUICK).await
    }

    /// An offer, unchecked.
    pub(crate) async fn offer(&self, request: &OfferRequest) -> Result<Offer> {
        let offered: Offered = self.post("v1/offers", request).await?;
        Ok(offered.offer)
    }

    /// What it finds in a proof file, unchecked.
    pub(crate) async fn proof(&self, file: Vec<u8>) -> Result<Verdict> {
        let request = self.client.post(self.at("v1/proofs")).header("content-type", "application/octet-stream").body(file);
        self.answer(request, PATIENT).await
    }

    /// What opens the line, unchecked.
    pub(crate) async fn application(&self, request: &ApplicationRequest) -> Result<Attested> {
        self.post("v1/applications", request).await
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        url
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl serde::Serialize) -> Result<T> {
        let body = serde_json::to_vec(body).map_err(WalletError::json("a question to a lender"))?;
        self.answer(self.client.post(self.at(path)).header("content-type", "application/json").body(body), QUICK).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder, patience: Duration) -> Result<T> {
        let response = request.timeout(patience).send().await.map_err(|e| offline(&self.name, &e))?;
        let status = response.status();
        let body = self.body(response).await?;
        if !status.is_success() {
            return Err(self.refusal(status.as_u16(), &body));
        }
        serde_json::from_slice(&body).map_err(|e| WalletError::LenderAnswer {
            lender: self.name.clone(),
            what: "its form",
            got: clean(&e.to_string(), MAX_WORDS),
            expected: "the JSON of a lender".into(),
        })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| offline(&self.name, &e))? {
            if bytes.len() + chunk.len() > MAX_ANSWER {
                return Err(WalletError::LenderAnswer {
                    lender: self.name.clone(),
                    what: "its length",
                    got: format!("more than {MAX_ANSWER} bytes"),
                    expected: "a short answer".into(),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn refusal(&self, status: u16, body: &[u8]) -> WalletError {
        let (message, remedy) = match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => (clean(&problem.message, MAX_WORDS), clean(&problem.remedy, MAX_WORDS)),
            Err(_) => (format!("HTTP status {status}"), String::new()),
        };
        // It may answer another time.
        if status == 429 || status >= 500 {
            return WalletError::LenderOffline { lender: self.name.clone(), why: format!("it can't answer now ({message})") };
        }
        let remedy = if remedy.is_empty() { "Try again later, or ask the lender.".into() } else { remedy };
        WalletError::LenderRefused { lender: self.name.clone(), message, remedy }
    }
}

/// Without the address: it may carry what belongs to the owner.
fn offline(lender: &str, error: &reqwest::Error) -> WalletError {
    let why = if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "nobody answers at its address"
    } else {
        "the connection broke off"
    };
    WalletError::LenderOffline { lender: lender.to_owned(), why: why.into() }
}

//! The HTTP interface of `parlance_credit::api`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use parlance_credit::api::Problem;
use parlance_zktls_protocol::MAX_DOCUMENT;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::{Client, Site};
use crate::visitors::Wish;
use crate::{LenderError, Refusal};

/// The largest JSON that is read, bytes.
const MAX_JSON: usize = 16 << 10;

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/v1/lender", get(lender))
        .route("/v1/offers", post(offer))
        .route("/v1/proofs", post(proof))
        .route("/v1/applications", post(application))
}

async fn lender(State(site): State<Arc<Site>>, client: Client) -> Response {
    let answer = site.admit(client, Wish::Page).map_err(LenderError::from).and_then(|()| site.app.lender());
    answered(&site, answer)
}

async fn offer(State(site): State<Arc<Site>>, client: Client, body: Body) -> Response {
    let answer = async {
        site.admit(client, Wish::Offer)?;
        site.app.offer(&json(&site.body(body, MAX_JSON).await?)?).await
    };
    answered(&site, answer.await)
}

async fn proof(State(site): State<Arc<Site>>, client: Client, body: Body) -> Response {
    let answer = async {
        site.admit(client, Wish::Proof)?;
        let file = site.body(body, MAX_DOCUMENT).await?;
        site.app.proof(file).await
    };
    answered(&site, answer.await)
}

async fn application(State(site): State<Arc<Site>>, client: Client, body: Body) -> Response {
    let answer = async {
        site.admit(client, Wish::Application)?;
        let request = json(&site.body(body, MAX_JSON).await?)?;
        // Whoever hangs up now does not stop what is being signed and written.
        let app = site.app.clone();
        let working = tokio::spawn(async move { app.application(&request).await });
        working.await.map_err(|error| LenderError::Task(error.to_string()))?
    };
    answered(&site, answer.await)
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::malformed(format!("the body is not what is expected: {error}"), "see docs/lenders.md"))
}

fn answered<T: Serialize>(site: &Site, answer: Result<T, LenderError>) -> Response {
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => problem(site, &error),
    }
}

/// An error as JSON; faults of this side are logged.
pub(crate) fn problem(site: &Site, error: &LenderError) -> Response {
    let refusal = noted(site, error);
    (status(&refusal), Json(Problem::from(refusal))).into_response()
}

/// What is said of an error, counted and, where it is this side's fault, logged.
pub(crate) fn noted(site: &Site, error: &LenderError) -> Refusal {
    let refusal = error.refusal();
    site.app.metrics.refusals.with_label_values(&[refusal.code]).inc();
    match error {
        LenderError::Refused(refusal) => tracing::info!(code = refusal.code, "refused"),
        fault => tracing::error!(error = %fault, "failed"),
    }
    refusal
}

pub(crate) fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

//! Who is signed in, and that a form comes from their own page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::SIGN_IN;
use crate::app::random;
use crate::http::{Client, Site};
use crate::pages::refused;
use crate::visitors::Wish;
use crate::{LenderError, Refusal};

const COOKIE_NAME: &str = "parlance_staff";
/// Most sessions at a time; the oldest ends for another one.
const MOST_SESSIONS: usize = 64;
/// Largest form, bytes.
const MAX_FORM: usize = 4 << 10;

/// Who is signed in. Lost at a restart.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) lasts: Duration,
    open: Mutex<HashMap<[u8; 32], Session>>,
}

#[derive(Debug, Clone)]
struct Session {
    until: Instant,
    csrf: String,
}

/// A request of somebody who is signed in. Others are sent to the page for that.
pub(crate) struct Staff {
    pub(super) csrf: String,
    pub(super) cookie: String,
}

impl Sessions {
    pub(crate) fn new(minutes: u64) -> Self {
        Self { lasts: Duration::from_secs(minutes.saturating_mul(60)), open: Mutex::default() }
    }

    /// Begins a session; its secret.
    pub(super) fn begin(&self, now: Instant) -> Result<String, LenderError> {
        let (secret, csrf) = (hex::encode(random()?), hex::encode(random()?));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.until > now);
        if open.len() >= MOST_SESSIONS
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.until).map(|(key, _)| *key)
        {
            open.remove(&oldest);
        }
        open.insert(Self::key(&secret), Session { until: now + self.lasts, csrf });
        Ok(secret)
    }

    fn find(&self, secret: &str, now: Instant) -> Option<Session> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&Self::key(secret)).filter(|session| session.until > now).cloned()
    }

    pub(super) fn end(&self, secret: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&Self::key(secret));
    }

    /// Sessions are found by a hash, so that looking one up tells nothing about the others.
    fn key(secret: &str) -> [u8; 32] {
        Sha256::digest(secret.as_bytes()).into()
    }
}

impl FromRequestParts<Arc<Site>> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        let client = match Client::from_request_parts(parts, site).await {
            Ok(client) => client,
            Err(never) => match never {},
        };
        site.admit(client, Wish::Page).map_err(|refusal| refused(site, &refusal.into()))?;
        let cookie = cookie(&parts.headers);
        let session = cookie.as_deref().and_then(|cookie| site.sessions.find(cookie, Instant::now()));
        match (cookie, session) {
            (Some(cookie), Some(session)) => Ok(Self { csrf: session.csrf, cookie }),
            _ => Err(Redirect::to(SIGN_IN).into_response()),
        }
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    all.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value.to_owned())
}

/// The fields of a small form that this site's own page sent.
pub(super) async fn form(site: &Site, headers: &HeaderMap, body: Body) -> Result<HashMap<String, Zeroizing<String>>, Refusal> {
    let from = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if from.is_some_and(|from| from != "same-origin" && from != "none") {
        return Err(Refusal::new(403, "from_elsewhere", "This form was sent from another site", "use the book's own pages"));
    }
    let body = Zeroizing::new(site.body(body, MAX_FORM).await?);
    Ok(url::form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect())
}

pub(super) fn check_csrf(staff: &Staff, form: &HashMap<String, Zeroizing<String>>) -> Result<(), Refusal> {
    let sent = form.get("csrf").map(|csrf| csrf.as_str()).unwrap_or_default();
    if staff.csrf.as_bytes().ct_eq(sent.as_bytes()).into() {
        return Ok(());
    }
    Err(Refusal::new(403, "stale_form", "This form is not of your session", "open the page again and repeat it"))
}

/// Over plain HTTP a demo only.
pub(super) fn set_cookie(site: &Site, secret: &str, seconds: u64) -> String {
    let secure = if site.app.trusted.demo { "" } else { "; Secure" };
    format!("{COOKIE_NAME}={secret}; Path=/book; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_and_the_oldest_makes_room() {
        let sessions = Sessions::new(1);
        let start = Instant::now();
        let first = sessions.begin(start).expect("begun");
        assert!(sessions.find(&first, start + Duration::from_secs(59)).is_some());
        assert!(sessions.find(&first, start + Duration::from_secs(60)).is_none());
        assert!(sessions.find("", start).is_none());
        let later = start + Duration::from_secs(1);
        let others: Vec<_> = (0..MOST_SESSIONS).map(|_| sessions.begin(later).expect("begun")).collect();
        assert!(sessions.find(&first, start).is_none() && others.iter().all(|other| sessions.find(other, start).is_some()));
        sessions.end(&others[0]);
        assert!(sessions.find(&others[0], start).is_none());
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=b; parlance_staff=secret; c=d".parse().expect("a header"));
        assert_eq!(cookie(&headers).as_deref(), Some("secret"));
        assert_eq!(cookie(&HeaderMap::new()), None);
    }
}

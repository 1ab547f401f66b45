//! Downloading a model: resumed after broken connections, bounded, and never mixed from two versions of a file.
//!
//! What has arrived lies in a part file; beside it stands which version of which address it is of. A part without a version
//! that the server vouches for (a strong `ETag` or `Last-Modified`, RFC 9110 §13.1.5) is begun anew.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::{Client, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{ModelsError, Progress, Store};

/// Largest download: nothing larger runs on a personal computer.
pub const MOST_BYTES: u64 = 200 << 30;
/// Tries in a row that bring nothing new.
const MOST_TRIES: u32 = 6;
/// Longest silence of a server.
const SILENCE: Duration = Duration::from_secs(30);

/// A download into a store.
#[derive(Clone, Debug)]
pub struct Fetch {
    url: Url,
    part: PathBuf,
    name: String,
    /// Most bytes.
    pub most: u64,
    /// First pause after a broken connection; it doubles.
    pub pause: Duration,
}

/// Which file a part is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    url: String,
    /// What the server called this version: an `ETag` or a date.
    validator: String,
    total: Option<u64>,
}

/// How one connection ended.
enum End {
    Whole,
    /// It broke, with so many bytes there.
    Broken {
        why: String,
        have: u64,
    },
}

impl Fetch {
    /// Of an address: `https`, or `http` on this computer.
    ///
    /// # Errors
    /// [`ModelsError::Url`]; [`ModelsError::File`] where the store's folder can't be made.
    pub fn new(url: &str, store: &Store) -> Result<Self, ModelsError> {
        let bad = |why: &str| ModelsError::Url { url: url.chars().take(200).collect(), why: why.to_owned() };
        let parsed = Url::parse(url.trim()).map_err(|e| bad(&e.to_string()))?;
        if !permitted(&parsed) {
            return Err(bad("it does not begin with https://"));
        }
        let (part, name) = store.part(parsed.as_str(), name_in(&parsed))?;
        Ok(Self { url: parsed, part, name, most: MOST_BYTES, pause: Duration::from_secs(1) })
    }

    /// Fetches the file and takes it into the store. `sha256`, where it is known, decides whether it is the right one.
    ///
    /// # Errors
    /// Why there is no model. After [`ModelsError::Stopped`] and [`ModelsError::Lost`] a new try goes on where this one ended.
    pub async fn run(
        &self,
        store: &Store,
        sha256: Option<&str>,
        stop: &CancellationToken,
        mut progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<crate::Entry, ModelsError> {
        if let Some(hash) = sha256 {
            crate::hashes::sha256(hash)?;
        }
        self.fetch(store, stop, &mut progress).await?;
        let (store, fetch, stop) = (store.clone(), self.clone(), stop.clone());
        let sha256 = sha256.map(str::to_owned);
        // Hashing takes seconds.
        tokio::task::spawn_blocking(move || store.take_download(&fetch.part, &fetch.name, &fetch.url, sha256.as_deref(), &stop, |_| {}))
            .await
            .map_err(|e| ModelsError::BrokeOff(e.to_string()))?
    }

    async fn fetch(&self, store: &Store, stop: &CancellationToken, progress: &mut impl FnMut(Progress)) -> Result<(), ModelsError> {
        let client = self.client()?;
        let (mut failures, mut pause, mut furthest) = (0, self.pause, 0);
        loop {
            let end = tokio::select! {
                () = stop.cancelled() => return Err(ModelsError::Stopped),
                end = self.connection(&client, store, progress) => end?,
            };
            let End::Broken { why, have } = end else { return Ok(()) };
            failures += 1;
            // What was sent before is no news: a server that always begins anew is given up on.
            if have > furthest {
                (failures, pause, furthest) = (1, self.pause, have);
            }
            tracing::info!(host = self.host(), why, failures, "a download's connection broke");
            if failures >= MOST_TRIES {
                return Err(ModelsError::Lost { host: self.host(), times: failures, why });
            }
            tokio::select! {
                () = stop.cancelled() => return Err(ModelsError::Stopped),
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(SILENCE),
            }
        }
    }

    /// One connection: asks for what is missing, and writes what comes.
    async fn connection(&self, client: &Client, store: &Store, progress: &mut impl FnMut(Progress)) -> Result<End, ModelsError> {
        let have = match tokio::fs::metadata(&self.part).await {
            Ok(meta) => meta.len(),
            Err(_) => 0,
        };
        let known = self.version().await.filter(|v| have > 0 && v.url == self.url.as_str());
        let mut request = client.get(self.url.clone()).header(ACCEPT_ENCODING, "identity");
        if let Some(version) = &known {
            request = request.header(RANGE, format!("bytes={have}-")).header(IF_RANGE, &version.validator);
        }
        let broken = |why: String| Ok(End::Broken { why, have: 0 });
        let response = match tokio::time::timeout(SILENCE, request.send()).await {
            Err(_) => return broken("it did not answer in time".to_owned()),
            Ok(Err(e)) if e.is_redirect() => return Err(self.refused("it sends on to an address that is not https".to_owned())),
            Ok(Err(e)) => return broken(words(e)),
            Ok(Ok(response)) => response,
        };
        let status = response.status();
        match status {
            StatusCode::OK => self.whole(response, store, progress).await,
            StatusCode::PARTIAL_CONTENT => {
                let range = content_range(response.headers());
                match (known, range) {
                    // The same version, from the place that was asked for.
                    (Some(version), Some((start, total))) if start == have && version.total.is_none_or(|t| t == total) => {
                        self.body(response, have, Some(total), progress).await
                    }
                    (_, range) => {
                        self.forget().await;
                        broken(format!("it sent another part than asked for ({range:?})"))
                    }
                }
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                if known.is_some_and(|v| v.total == Some(have)) {
                    return Ok(End::Whole);
                }
                self.forget().await;
                broken("the file is another one now".to_owned())
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => broken(format!("status {status}")),
            s if s.is_server_error() => broken(format!("status {status}")),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.refused(format!("status {status}: it wants to know who asks"))),
            _ => Err(self.refused(format!("status {status}"))),
        }
    }

    /// The whole file from its beginning.
    async fn whole(&self, response: Response, store: &Store, progress: &mut impl FnMut(Progress)) -> Result<End, ModelsError> {
        self.forget().await;
        let total = response.content_length();
        if total.is_some_and(|t| t > self.most) {
            return Err(ModelsError::TooMuch { most: self.most });
        }
        store.room_for(total.unwrap_or(0))?;
        if let Some(validator) = validator(response.headers()) {
            self.remember(&Version { url: self.url.to_string(), validator, total }).await?;
        }
        self.body(response, 0, total, progress).await
    }

    /// Appends what comes to the part.
    async fn body(
        &self,
        mut response: Response,
        mut have: u64,
        total: Option<u64>,
        progress: &mut impl FnMut(Progress),
    ) -> Result<End, ModelsError> {
        let mut file = self.open(have).await.map_err(ModelsError::file(&self.part))?;
        progress(Progress { done: have, total });
        let outcome = loop {
            let chunk = match tokio::time::timeout(SILENCE, response.chunk()).await {
                Err(_) => break Err("nothing came for too long".to_owned()),
                Ok(Err(e)) => break Err(words(e)),
                Ok(Ok(None)) => break Ok(()),
                Ok(Ok(Some(chunk))) => chunk,
            };
            if have == 0 && !chunk.iter().zip(b"GGUF").all(|(a, b)| a == b) {
                drop(file);
                self.forget().await;
                return Err(self.refused("what it sends is no GGUF model, perhaps a web page".to_owned()));
            }
            have = have.saturating_add(chunk.len() as u64);
            if have > self.most || total.is_some_and(|t| have > t) {
                drop(file);
                self.forget().await;
                return Err(ModelsError::TooMuch { most: total.unwrap_or(self.most).min(self.most) });
            }
            file.write_all(&chunk).await.map_err(ModelsError::file(&self.part))?;
            progress(Progress { done: have, total });
        };
        file.flush().await.map_err(ModelsError::file(&self.part))?;
        file.sync_all().await.map_err(ModelsError::file(&self.part))?;
        Ok(match outcome {
            Ok(()) if total.is_none_or(|t| t == have) => End::Whole,
            Ok(()) => End::Broken { why: format!("it ended after {have} bytes"), have },
            Err(why) => End::Broken { why, have },
        })
    }

    async fn open(&self, have: u64) -> std::io::Result<File> {
        let file = OpenOptions::new().create(true).append(true).open(&self.part).await?;
        file.set_len(have).await?;
        Ok(file)
    }

    async fn version(&self) -> Option<Version> {
        serde_json::from_slice(&tokio::fs::read(self.beside()).await.ok()?).ok()
    }

    async fn remember(&self, version: &Version) -> Result<(), ModelsError> {
        let path = self.beside();
        let bytes = serde_json::to_vec(version).map_err(|e| ModelsError::Record { path: path.clone(), why: e.to_string() })?;
        tokio::fs::write(&path, bytes).await.map_err(ModelsError::file(&path))
    }

    async fn forget(&self) {
        for path in [self.beside(), self.part.clone()] {
            if let Err(error) = tokio::fs::remove_file(&path).await
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(%error, path = %path.display(), "a leftover can't be removed");
            }
        }
    }

    fn beside(&self) -> PathBuf {
        self.part.with_extension("part.json")
    }

    fn client(&self) -> Result<Client, ModelsError> {
        let local = self.url.scheme() == "http";
        let redirect = reqwest::redirect::Policy::custom(|attempt| match attempt.previous().len() {
            0..=5 if permitted(attempt.url()) => attempt.follow(),
            _ => attempt.error("an address that is not followed"),
        });
        let builder = Client::builder().connect_timeout(SILENCE).redirect(redirect).user_agent("parlance");
        // A proxy must not see, nor break, what stays on this machine.
        let builder = if local { builder.no_proxy() } else { builder };
        builder.build().map_err(|e| self.refused(words(e)))
    }

    fn host(&self) -> String {
        self.url.host_str().unwrap_or("the server").to_owned()
    }

    fn refused(&self, why: String) -> ModelsError {
        ModelsError::Refused { host: self.host(), why }
    }
}

/// A name for the model at that address.
#[must_use]
pub fn name_in(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
    Path::new(last).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `https`, or `http` that does not leave this computer.
fn permitted(url: &Url) -> bool {
    url.scheme() == "https" && url.host_str().is_some()
        || url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// What a later request can be made conditional on: a strong `ETag`, else the date.
fn validator(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    text(ETAG).filter(|tag| tag.starts_with('"')).or_else(|| text(LAST_MODIFIED))
}

/// `bytes 5-9/10`: where it begins, and the length of the whole.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end, total) = (start.trim().parse().ok()?, end.trim().parse::<u64>().ok()?, total.trim().parse::<u64>().ok()?);
    (start <= end && end.checked_add(1)? == total).then_some((start, total))
}

/// The failure without the address, which may carry a token.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text.chars().take(200).collect()
}

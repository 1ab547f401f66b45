//! The client of the model worker: starts it, asks it, and replaces it when it crashes, hangs or talks nonsense.
//!
//! A crash or a hang costs the message that met it. The next message starts a new worker; after repeated failures the
//! starts are spaced out (1 s, 2 s, 4 s ... one minute).

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, timeout};

use crate::error::UnderstandError;
use crate::lines::{self, Line};
use crate::wire::{Heard, Hello, MAX_LINE, Reply, Request, VERSION, Work};

/// How to start a worker, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Longest time from start to [`Hello`].
    pub start_timeout: Duration,
    /// Longest time from request to reply.
    pub answer_timeout: Duration,
}

/// What a worker wrote.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub text: String,
    pub confidence: f64,
    pub weakest: f64,
    pub heard: Option<Heard>,
    pub work: Work,
    pub ms: f64,
}

/// What a worker is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ask {
    pub prompt: String,
    pub grammar: Option<String>,
    pub max_tokens: u32,
    pub system: Option<String>,
}

pub(crate) struct Worker {
    config: WorkerConfig,
    running: Option<Running>,
    next_id: u64,
    failures: u32,
    not_before: Option<Instant>,
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    hello: Hello,
}

const LONGEST_REST: Duration = Duration::from_secs(60);

impl Worker {
    pub fn new(config: WorkerConfig) -> Worker {
        Worker { config, running: None, next_id: 1, failures: 0, not_before: None }
    }

    /// What the running worker said of itself.
    pub fn hello(&self) -> Option<&Hello> {
        self.running.as_ref().map(|r| &r.hello)
    }

    /// Starts the worker if it does not run.
    pub async fn ensure(&mut self) -> Result<(), UnderstandError> {
        if let Some(running) = self.running.as_mut() {
            match running.child.try_wait() {
                Ok(None) => return Ok(()),
                Ok(Some(status)) => {
                    tracing::warn!(%status, "the model worker ended between messages")
                }
                Err(error) => tracing::warn!(%error, "the model worker can't be watched"),
            }
            self.running = None;
        }
        if let Some(until) = self.not_before {
            let left = until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                return Err(UnderstandError::Resting { times: self.failures, seconds: left.as_secs() + 1 });
            }
        }
        match start(&self.config).await {
            Ok(running) => {
                self.running = Some(running);
                Ok(())
            }
            Err(error) => {
                self.failed();
                Err(error)
            }
        }
    }

    /// Asks for one completion.
    pub async fn ask(&mut self, ask: Ask) -> Result<Answer, UnderstandError> {
        self.ensure().await?;
        let id = self.next_id;
        self.next_id += 1;
        let Ask { prompt, grammar, max_tokens, system } = ask;
        let request = Request { id, prompt, grammar, max_tokens, system };
        let Some(running) = self.running.as_mut() else {
            return Err(UnderstandError::Stopped { why: "it is not running".to_owned() });
        };
        let limit = self.config.answer_timeout;
        let outcome = match timeout(limit, running.exchange(&request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(UnderstandError::Stopped { why: format!("no answer within {} ms", limit.as_millis()) }),
        };
        match &outcome {
            // It declined this request and is fit for the next.
            Ok(_) | Err(UnderstandError::Failed { .. }) => self.failures = 0,
            Err(_) => {
                if let Some(mut running) = self.running.take()
                    && let Err(error) = running.child.start_kill()
                {
                    tracing::debug!(%error, "the model worker was gone already");
                }
                self.failed();
            }
        }
        outcome
    }

    fn failed(&mut self) {
        self.failures += 1;
        // The first failure may be one bad message: the next message starts anew at once.
        let rest = match self.failures {
            0 | 1 => Duration::ZERO,
            n => Duration::from_secs(1 << (n - 2).min(6)).min(LONGEST_REST),
        };
        self.not_before = Some(Instant::now() + rest);
    }
}

async fn start(config: &WorkerConfig) -> Result<Running, UnderstandError> {
    let cannot = |why: String| UnderstandError::Start { program: config.program.clone(), why };
    let mut child = Command::new(&config.program)
        .args(&config.args)
        // Nothing of this process's environment is the worker's business.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| cannot(e.to_string()))?;
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(cannot("its pipes are missing".to_owned()));
    };
    tokio::spawn(drain(stderr));
    let mut stdout = BufReader::new(stdout);
    let first = timeout(config.start_timeout, lines::next(&mut stdout, MAX_LINE)).await;
    let hello = match first {
        Err(_) => {
            return Err(cannot(format!("it was not ready within {} ms", config.start_timeout.as_millis())));
        }
        Ok(Err(e)) => return Err(cannot(e.to_string())),
        Ok(Ok(Line::Text(text))) => serde_json::from_str::<Hello>(&text)
            .map_err(|e| UnderstandError::Protocol { expected: "a hello".to_owned(), got: short(&text, &e.to_string()) })?,
        Ok(Ok(Line::End)) => {
            return Err(cannot(match child.wait().await {
                Ok(status) => format!("it ended before it was ready ({status})"),
                Err(e) => e.to_string(),
            }));
        }
        Ok(Ok(_)) => {
            return Err(UnderstandError::Protocol {
                expected: "a hello".to_owned(),
                got: "a line that is too long or not text".to_owned(),
            });
        }
    };
    if hello.version != VERSION {
        return Err(UnderstandError::Protocol { expected: format!("version {VERSION}"), got: format!("version {}", hello.version) });
    }
    tracing::info!(model = %hello.model, backend = %hello.backend, load_ms = hello.load_ms, "the model worker is ready");
    Ok(Running { child, stdin, stdout, hello })
}

/// What the worker writes on its error stream, for a log; never more than a line at a time is held.
async fn drain(stream: impl AsyncRead + Unpin) {
    let mut reader = BufReader::new(stream);
    loop {
        match lines::next(&mut reader, 1024).await {
            Ok(Line::End) | Err(_) => return,
            Ok(Line::Text(line)) => {
                tracing::debug!(target: "parlance_llm", "{}", line.escape_debug())
            }
            Ok(_) => tracing::debug!(target: "parlance_llm", "a line that is too long or not text"),
        }
    }
}

impl Running {
    async fn exchange(&mut self, request: &Request) -> Result<Answer, UnderstandError> {
        let mut line =
            serde_json::to_vec(request).map_err(|e| UnderstandError::Protocol { expected: "a request".to_owned(), got: e.to_string() })?;
        line.push(b'\n');
        if line.len() > MAX_LINE {
            return Err(UnderstandError::Failed {
                code: "too_long".to_owned(),
                message: "the message needs a longer request than the protocol allows".to_owned(),
            });
        }
        let broken = |e: std::io::Error| UnderstandError::Stopped { why: e.to_string() };
        self.stdin.write_all(&line).await.map_err(broken)?;
        self.stdin.flush().await.map_err(broken)?;
        let text = match lines::next(&mut self.stdout, MAX_LINE).await.map_err(broken)? {
            Line::Text(text) => text,
            Line::End => {
                return Err(UnderstandError::Stopped { why: "it ended in the middle of a request".to_owned() });
            }
            Line::TooLong | Line::NotText => {
                return Err(UnderstandError::Protocol {
                    expected: "a reply".to_owned(),
                    got: "a line that is too long or not text".to_owned(),
                });
            }
        };
        let protocol = |got: String| UnderstandError::Protocol { expected: format!("the reply to request {}", request.id), got };
        match serde_json::from_str::<Reply>(&text).map_err(|e| protocol(short(&text, &e.to_string())))? {
            Reply::Done { id, .. } | Reply::Failed { id, .. } if id != request.id && id != 0 => Err(protocol(format!("the reply to {id}"))),
            Reply::Done { id: 0, .. } => Err(protocol("a reply without a number".to_owned())),
            Reply::Done { text, confidence, weakest, voice, ms, work, .. } => {
                let sane = |p: f64| p.is_finite() && (0.0..=1.0).contains(&p);
                let heard = voice.iter().flat_map(|v| v.intents.iter().chain(v.fields.iter().flat_map(|(_, f)| f)));
                if sane(confidence) && sane(weakest) && heard.map(|(_, p)| f64::from(*p)).all(sane) {
                    Ok(Answer { text, confidence, weakest, heard: voice, work, ms })
                } else {
                    Err(protocol("a probability outside 0 to 1".to_owned()))
                }
            }
            Reply::Failed { error, .. } => {
                Err(UnderstandError::Failed { code: error.code, message: error.message.chars().take(200).collect() })
            }
        }
    }
}

fn short(text: &str, why: &str) -> String {
    format!("{:?} ({why})", text.chars().take(80).collect::<String>())
}

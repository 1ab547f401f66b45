//! The protocol of `parlance_understand::wire`, over any pair of streams.

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use parlance_understand::wire::{Failure, MAX_LINE, Reply, Request};

use crate::model::Session;
use crate::{Line, Lines, Voice, WorkerError};

/// Answers one line with one line until the input ends. No line, however wrong, ends it.
///
/// # Errors
/// [`WorkerError::Pipe`] where a stream breaks.
pub fn serve(
    session: &mut Session<'_>,
    voice: &mut Option<Voice<'_>>,
    input: impl BufRead,
    mut output: impl Write,
) -> Result<(), WorkerError> {
    let mut lines = Lines::new(input, MAX_LINE);
    while let Some(line) = lines.read()? {
        let reply = match line {
            Line::TooLong => failed(0, "too_long", format!("expected a line of at most {MAX_LINE} bytes")),
            Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
            Line::Whole(bytes) => match serde_json::from_slice::<Request>(&bytes) {
                Ok(request) => answer(session, voice.as_mut(), &request),
                Err(e) => failed(0, "bad_request", format!("expected a request: {e}")),
            },
        };
        let mut bytes = serde_json::to_vec(&reply).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        output.write_all(&bytes)?;
        output.flush()?;
    }
    Ok(())
}

fn answer(session: &mut Session<'_>, voice: Option<&mut Voice<'_>>, request: &Request) -> Reply {
    let began = Instant::now();
    let most = usize::try_from(request.max_tokens).unwrap_or(usize::MAX);
    // A panic of the bindings costs this message only; the session holds nothing but the cache, which it then believes empty.
    let work = || {
        let done = session.respond(request.system.as_deref(), &request.prompt, request.grammar.as_deref(), most)?;
        // The encoder has no say in free words.
        let heard = voice.filter(|_| request.grammar.is_some()).map(|voice| voice.hear(&request.prompt)).transpose()?;
        Ok::<_, WorkerError>((done, heard))
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok((done, voice))) => Reply::Done {
            id: request.id,
            voice,
            text: done.text,
            confidence: done.confidence,
            weakest: done.weakest,
            ms: began.elapsed().as_secs_f64() * 1000.0,
            work: session.work(),
        },
        Ok(Err(e)) => failed(request.id, e.code(), e.to_string()),
        Err(_) => failed(request.id, "internal", "llama.cpp's bindings panicked".to_owned()),
    }
}

fn failed(id: u64, code: &str, message: String) -> Reply {
    Reply::Failed { id, error: Failure { code: code.to_owned(), message } }
}

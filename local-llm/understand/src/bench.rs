//! How fast a model is here.

use std::time::Instant;

use parlance_grounding::Message;

use crate::error::UnderstandError;
use crate::understander::Understander;

/// Messages of some length and kind; what they mean does not matter.
const MESSAGES: [&str; 6] = [
    "what is my balance",
    "send 5 usdc to bob",
    "how much did i spend on gas last week",
    "swap half of my eth to dai",
    "every friday buy $25 of eth with usdc",
    "which allowances are open",
];

/// Speeds of one model on this computer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bench {
    /// Tokens of a prompt that are read in a second.
    pub read_per_s: f64,
    /// Tokens that are written in a second.
    pub written_per_s: f64,
    /// Milliseconds for a message, the median.
    pub ms_message: f64,
    /// Milliseconds for the first one, which reads what all have in common.
    pub ms_first: f64,
}

impl Understander {
    /// Measures a few messages.
    ///
    /// # Errors
    /// Why the worker does not answer.
    pub async fn bench(&self) -> Result<Bench, UnderstandError> {
        let (mut read, mut read_ms, mut written, mut written_ms) = (0.0, 0.0, 0.0, 0.0);
        let mut times = Vec::new();
        for (i, text) in std::iter::once("what can you do").chain(MESSAGES).enumerate() {
            let grounding = parlance_grounding::ground(&Message { contacts: vec!["Bob".to_owned()], ..Message::of(text) });
            let began = Instant::now();
            let answer = self.complete(grounding.prompt(), parlance_grounding::grammar(&grounding)).await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            read += f64::from(answer.work.prompt_tokens);
            read_ms += answer.work.prompt_ms;
            // The first one also reads what is kept.
            if i > 0 {
                written += f64::from(answer.work.written_tokens);
                written_ms += answer.work.written_ms;
            }
        }
        let first = times.remove(0);
        times.sort_by(f64::total_cmp);
        let rate = |tokens: f64, ms: f64| if ms > 0.0 { tokens * 1000.0 / ms } else { 0.0 };
        Ok(Bench {
            read_per_s: rate(read, read_ms),
            written_per_s: rate(written, written_ms),
            ms_message: times.get(times.len() / 2).copied().unwrap_or(first),
            ms_first: first,
        })
    }
}

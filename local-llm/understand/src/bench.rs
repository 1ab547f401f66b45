//! How fast a model is here.

use std::time::Instant;

use parlance_grounding::{Message, grammar, ground};

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

/// Ends by itself, whatever a model would rather write.
const BOUNDED: &str = "root ::= [a-z]{24}";

impl Understander {
    /// Measures a few messages.
    ///
    /// # Errors
    /// Why the worker does not answer.
    pub async fn bench(&self) -> Result<Bench, UnderstandError> {
        let (mut read, mut written) = (Rate::default(), Rate::default());
        let mut times = Vec::new();
        let began = Instant::now();
        let first = self.complete(ground(&Message::of("what can you do")).prompt(), BOUNDED.to_owned()).await?;
        let ms_first = ms(began);
        read.add(first.work.prompt_tokens, first.work.prompt_ms);
        for text in MESSAGES {
            let grounding = ground(&Message { contacts: vec!["Bob".to_owned()], ..Message::of(text) });
            let began = Instant::now();
            match self.complete(grounding.prompt(), grammar(&grounding)).await {
                // One that comes to no end took its time all the same.
                Ok(_) | Err(UnderstandError::Failed { .. }) => times.push(ms(began)),
                Err(error) => return Err(error),
            }
            let work = self.complete(grounding.prompt(), BOUNDED.to_owned()).await?.work;
            read.add(work.prompt_tokens, work.prompt_ms);
            written.add(work.written_tokens, work.written_ms);
        }
        times.sort_by(f64::total_cmp);
        let ms_message = times.get(times.len() / 2).copied().unwrap_or(ms_first);
        Ok(Bench { read_per_s: read.per_s(), written_per_s: written.per_s(), ms_message, ms_first })
    }
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

/// Tokens, and milliseconds for them.
#[derive(Default)]
struct Rate {
    tokens: f64,
    ms: f64,
}

impl Rate {
    fn add(&mut self, tokens: u32, ms: f64) {
        self.tokens += f64::from(tokens);
        self.ms += ms;
    }

    fn per_s(&self) -> f64 {
        if self.ms > 0.0 { self.tokens * 1000.0 / self.ms } else { 0.0 }
    }
}

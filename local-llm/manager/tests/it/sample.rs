//! Writes small GGUF files: a whole llama model with random weights, a byte-pair vocabulary and a chat template.
//! (The tests of `runtime` use it too.)

#![allow(dead_code, reason = "each test program uses a part")]

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

pub const CHATML: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// What the file holds.
pub struct Sample {
    pub name: &'static str,
    pub template: Option<&'static str>,
    pub context: u32,
    pub width: u32,
    pub layers: u32,
    /// Text that the vocabulary is made for.
    pub text: String,
    pub seed: u64,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            name: "sample",
            template: Some(CHATML),
            context: 8192,
            width: 32,
            layers: 2,
            text: "some words, some more words".to_owned(),
            seed: 1,
        }
    }
}

impl Sample {
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = Writer::default();
        let (tokens, merges) = known_vocabulary(&self.text);
        let (width, hidden) = (u64::from(self.width), u64::from(self.width) * 2);
        file.text("general.architecture", "llama");
        file.text("general.name", self.name);
        file.text("general.license", "CC0-1.0");
        for (key, n) in [
            ("block_count", self.layers),
            ("context_length", self.context),
            ("embedding_length", self.width),
            ("feed_forward_length", self.width * 2),
            ("attention.head_count", 4),
            ("attention.head_count_kv", 2),
            ("rope.dimension_count", self.width / 4),
        ] {
            file.number(&format!("llama.{key}"), n);
        }
        file.float("llama.attention.layer_norm_rms_epsilon", 1e-5);
        file.text("tokenizer.ggml.model", "gpt2");
        file.text("tokenizer.ggml.pre", "gpt-2");
        // The last three are control tokens.
        let control = tokens.len() - 3;
        file.texts("tokenizer.ggml.tokens", &tokens);
        file.numbers("tokenizer.ggml.token_type", &(0..tokens.len()).map(|i| if i >= control { 3 } else { 1 }).collect::<Vec<_>>());
        file.texts("tokenizer.ggml.merges", &merges);
        file.number("tokenizer.ggml.bos_token_id", control as u32);
        file.number("tokenizer.ggml.eos_token_id", control as u32 + 2);
        if let Some(template) = self.template {
            file.text("tokenizer.chat_template", template);
        }
        let mut random = self.seed;
        let mut tensor = |name: String, shape: &[u64], norm: bool| {
            let count = usize::try_from(shape.iter().product::<u64>()).expect("small");
            let data = (0..count).map(|_| if norm { 1.0 } else { next(&mut random) * 0.2 }).collect();
            file.tensor(name, shape, data);
        };
        tensor("token_embd.weight".into(), &[width, tokens.len() as u64], false);
        tensor("output_norm.weight".into(), &[width], true);
        for i in 0..self.layers {
            for (part, shape) in [
                ("attn_q", vec![width, width]),
                ("attn_k", vec![width, width / 2]),
                ("attn_v", vec![width, width / 2]),
                ("attn_output", vec![width, width]),
                ("ffn_gate", vec![width, hidden]),
                ("ffn_up", vec![width, hidden]),
                ("ffn_down", vec![hidden, width]),
                ("attn_norm", vec![width]),
                ("ffn_norm", vec![width]),
            ] {
                tensor(format!("blk.{i}.{part}.weight"), &shape, part.ends_with("norm"));
            }
        }
        file.finish()
    }
}

/// Between -1 and 1.
fn next(state: &mut u64) -> f32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 40) as f32 / (1 << 23) as f32) - 1.0
}

/// Bytes as GPT-2 spells them in vocabularies.
fn spelled(byte: u8) -> char {
    match byte {
        b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => char::from(byte),
        _ => {
            let before = (0..byte).filter(|b| !matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)).count();
            char::from_u32(256 + before as u32).expect("a letter")
        }
    }
}

/// Made once for each text: it takes a second.
fn known_vocabulary(text: &str) -> (Vec<String>, Vec<String>) {
    type Known = Mutex<HashMap<String, (Vec<String>, Vec<String>)>>;
    static KNOWN: LazyLock<Known> = LazyLock::new(Known::default);
    KNOWN.lock().expect("no panic").entry(text.to_owned()).or_insert_with(|| vocabulary(text)).clone()
}

/// All bytes, merges of the commonest neighbours inside words of the text, and the control tokens.
fn vocabulary(text: &str) -> (Vec<String>, Vec<String>) {
    let mut tokens: Vec<String> = (0..=255).map(|b| spelled(b).to_string()).collect();
    let mut merges = Vec::new();
    let mut words: Vec<Vec<String>> = text.split_inclusive(' ').map(|w| w.bytes().map(|b| spelled(b).to_string()).collect()).collect();
    for _ in 0..500 {
        let mut counts: HashMap<(String, String), usize> = HashMap::new();
        for pair in words.iter().flat_map(|w| w.windows(2)) {
            *counts.entry((pair[0].clone(), pair[1].clone())).or_default() += 1;
        }
        let Some(((a, b), _)) = counts.into_iter().filter(|(_, n)| *n > 1).max_by(|x, y| (x.1, &y.0).cmp(&(y.1, &x.0))) else { break };
        merges.push(format!("{a} {b}"));
        tokens.push(format!("{a}{b}"));
        for word in &mut words {
            let mut i = 0;
            while i + 1 < word.len() {
                if word[i] == a && word[i + 1] == b {
                    word[i] = format!("{a}{b}");
                    word.remove(i + 1);
                }
                i += 1;
            }
        }
    }
    tokens.dedup();
    tokens.extend(["<|begin|>", "<|im_start|>", "<|im_end|>"].map(str::to_owned));
    (tokens, merges)
}

/// The format, as the specification says.
#[derive(Default)]
pub struct Writer {
    meta: Vec<u8>,
    entries: u64,
    infos: Vec<u8>,
    tensors: u64,
    data: Vec<u8>,
}

impl Writer {
    fn put(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    }

    fn key(&mut self, key: &str, kind: u32) {
        Self::put(&mut self.meta, key);
        self.meta.extend(kind.to_le_bytes());
        self.entries += 1;
    }

    pub fn text(&mut self, key: &str, value: &str) {
        self.key(key, 8);
        Self::put(&mut self.meta, value);
    }

    pub fn number(&mut self, key: &str, value: u32) {
        self.key(key, 4);
        self.meta.extend(value.to_le_bytes());
    }

    pub fn float(&mut self, key: &str, value: f32) {
        self.key(key, 6);
        self.meta.extend(value.to_le_bytes());
    }

    pub fn texts(&mut self, key: &str, values: &[String]) {
        self.key(key, 9);
        self.meta.extend(8_u32.to_le_bytes());
        self.meta.extend((values.len() as u64).to_le_bytes());
        values.iter().for_each(|v| Self::put(&mut self.meta, v));
    }

    pub fn numbers(&mut self, key: &str, values: &[i32]) {
        self.key(key, 9);
        self.meta.extend(5_u32.to_le_bytes());
        self.meta.extend((values.len() as u64).to_le_bytes());
        values.iter().for_each(|v| self.meta.extend(v.to_le_bytes()));
    }

    /// In f32.
    pub fn tensor(&mut self, name: String, shape: &[u64], values: Vec<f32>) {
        Self::put(&mut self.infos, &name);
        self.infos.extend((shape.len() as u32).to_le_bytes());
        shape.iter().for_each(|n| self.infos.extend(n.to_le_bytes()));
        self.infos.extend(0_u32.to_le_bytes());
        self.infos.extend((self.data.len() as u64).to_le_bytes());
        self.tensors += 1;
        values.iter().for_each(|v| self.data.extend(v.to_le_bytes()));
        self.data.resize(self.data.len().next_multiple_of(32), 0);
    }

    pub fn finish(self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3_u32.to_le_bytes());
        out.extend(self.tensors.to_le_bytes());
        out.extend(self.entries.to_le_bytes());
        out.extend(self.meta);
        out.extend(self.infos);
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(self.data);
        out
    }
}

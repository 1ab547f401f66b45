//! Which token comes next under a grammar, without asking the grammar about every token of the vocabulary.

use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;

/// So many of the likeliest tokens are shown to the grammar first; matching all of them takes longer than computing them.
const SHORTLIST: usize = 64;

/// The shortlist settles it where all other tokens together weigh at most this share of what is permitted in it.
const REST: f64 = 0.01;

/// The likeliest permitted token, and its probability among the permitted (0 to 1), too small by at most [`REST`] of it: what
/// was not shown to the grammar counts as permitted. Nothing where no token is permitted.
pub fn choose(mut all: LlamaTokenDataArray, grammar: Option<&mut LlamaSampler>) -> Option<(LlamaToken, f64)> {
    if let Some(grammar) = grammar {
        if all.data.len() > SHORTLIST {
            all.data.select_nth_unstable_by(SHORTLIST, |a, b| b.logit().total_cmp(&a.logit()));
            let (first, rest) = all.data.split_at(SHORTLIST);
            let mut first = LlamaTokenDataArray::new(first.to_vec(), false);
            grammar.apply(&mut first);
            if let Some(found) = likeliest(&first) {
                let others: f64 = rest.iter().map(|c| weight(c.logit(), found.logit)).sum();
                if others <= REST * found.permitted {
                    return Some((found.token, 1.0 / (found.permitted + others)));
                }
            }
        }
        grammar.apply(&mut all);
    }
    likeliest(&all).map(|found| (found.token, 1.0 / found.permitted))
}

struct Likeliest {
    token: LlamaToken,
    logit: f32,
    /// Weight of all permitted tokens, its own being 1.
    permitted: f64,
}

/// The token of the greatest finite logit.
fn likeliest(candidates: &LlamaTokenDataArray) -> Option<Likeliest> {
    let permitted = || candidates.data.iter().filter(|c| c.logit().is_finite());
    let best = permitted().max_by(|a, b| a.logit().total_cmp(&b.logit()))?;
    Some(Likeliest { token: best.id(), logit: best.logit(), permitted: permitted().map(|c| weight(c.logit(), best.logit())).sum() })
}

/// Of a token beside the best one; a logit that is no number weighs nothing.
fn weight(logit: f32, best: f32) -> f64 {
    if logit.is_finite() { f64::from(logit - best).exp() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use llama_cpp_2::token::data::LlamaTokenData;

    use super::*;

    fn array(logits: &[f32]) -> LlamaTokenDataArray {
        let data = (0..).zip(logits).map(|(i, logit)| LlamaTokenData::new(LlamaToken(i), *logit, 0.0)).collect();
        LlamaTokenDataArray::new(data, false)
    }

    #[test]
    fn probabilities_are_among_the_permitted() {
        let (_, p) = choose(array(&[2.0, f32::NEG_INFINITY, 2.0, f32::NAN]), None).expect("two are left");
        assert!((p - 0.5).abs() < 1e-9);
        assert!(choose(array(&[f32::NEG_INFINITY]), None).is_none());
    }

    /// Against the grammar asked about every token: logits as a trained model gives them (few stand out) and flat ones, of
    /// which the shortlist settles nothing.
    #[test]
    fn the_shortlist_changes_no_choice() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/parlance-small.gguf");
        let model = crate::Model::load(std::path::Path::new(path), crate::Settings::default()).expect("the shipped model");
        let size = u32::try_from(model.model.n_vocab()).expect("some tokens");
        let grammar = r#"root ::= "send asset=" [a-z]+ | "balance" | "unclear" " incomplete"?"#;
        let mut seed = 7_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 40) as f32 / (1_u64 << 24) as f32
        };
        let mut settled_by_all = 0;
        for round in 0..400_u32 {
            let spread = [0.5, 4.0, 40.0][(round % 3) as usize];
            let logits: Vec<f32> = (0..size).map(|_| random().powi(3) * spread).collect();
            let rules = || LlamaSampler::grammar(&model.model, grammar, "root").expect("a grammar");
            let mut whole = array(&logits);
            rules().apply(&mut whole);
            let expected = likeliest(&whole).expect("a word");
            let (token, p) = choose(array(&logits), Some(&mut rules())).expect("a word");
            assert_eq!(token, expected.token);
            let exact = 1.0 / expected.permitted;
            assert!(p <= exact * 1.000_001 && p >= exact * (1.0 - REST) * 0.999_999, "{p} for {exact}");
            settled_by_all += u32::from((p - exact).abs() < 1e-12);
        }
        assert!(settled_by_all > 0, "flat logits go to the grammar whole");
    }
}

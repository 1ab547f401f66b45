//! Common words that are no tickers and no names, even beside an amount.

use std::collections::HashSet;
use std::sync::LazyLock;

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("../../data/common_words.txt").split_whitespace().collect());

/// Whether a folded word is an everyday one.
pub(crate) fn is_common(word: &str) -> bool {
    COMMON.contains(word)
}

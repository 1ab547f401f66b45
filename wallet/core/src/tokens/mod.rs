//! Tokens: the book of those that are known, judgement on those that are not, and exact amounts.

mod amount;
mod book;
pub mod spam;
pub mod text;

use alloy_primitives::U256;

pub use amount::{Share, Usd, format_short, format_units, mul_div, parse_units};
pub use book::{Judgement, Token, TokenBook, Trust};
pub use text::{MAX_NAME, MAX_SYMBOL, clean, looks_like};

/// `1.5 USDC`: for reading, see [`format_short`].
pub fn format_amount(amount: U256, token: &Token) -> String {
    format!("{} {}", format_short(amount, token.decimals), token.symbol)
}

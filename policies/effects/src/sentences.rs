//! Effects in plain words: the same for signer, approver and wallet preview.

mod credit;

use alloy_primitives::{Address, U256};

pub use self::credit::CreditTerms;
use crate::units::format_units;
use crate::{
    AllowanceChange, AllowanceVia, Asset, AssetKind, ChainId, DeferredVia, Effect, Effects, FeeCeiling, Registry, Subject, Warning,
    is_unlimited,
};

/// A quoted message is cut at this many characters; approver and wallet show the whole of it elsewhere.
const QUOTE: usize = 140;

/// Looks a name up; `None` shows the address alone.
type Names<'a> = &'a dyn Fn(Address) -> Option<String>;

impl Effects {
    /// One sentence for each effect, then one for the fee: `Send 50 USDC to Alice (0x...) on Base`.
    ///
    /// Amounts are exact; addresses stand in full with their EIP-55 checksum; `names` adds the name that the reader
    /// gave them.
    pub fn sentences(&self, names: Names<'_>) -> Vec<String> {
        let words = self.words(names);
        let effects = self.items.iter().map(|effect| words.effect(effect));
        let fee = self.fee.iter().map(|fee| fee_sentence(fee, self.chain));
        effects.chain(fee).collect()
    }

    /// One sentence for each warning.
    pub fn warning_sentences(&self, names: Names<'_>) -> Vec<String> {
        let words = self.words(names);
        self.warnings.iter().map(|warning| words.warning(warning)).collect()
    }

    fn words<'a>(&'a self, names: Names<'a>) -> Words<'a> {
        let on_chain = self.chain.map(|chain| format!(" on {}", chain_name(chain))).unwrap_or_default();
        Words { names, account: self.account, subject: &self.subject, chain: self.chain, on_chain }
    }
}

/// An exact amount with its symbol: `50 USDC`; for a token that is not in the registry, in its smallest unit.
pub fn asset_amount(asset: &Asset, amount: U256) -> String {
    match (&asset.known, asset.kind) {
        (Some(known), _) => format!("{} {}", format_units(amount, known.decimals), known.symbol),
        (None, AssetKind::Native) => format!("{amount} wei of the chain's coin"),
        (None, AssetKind::Token(token)) => {
            format!("{amount} smallest units of the unknown token {token}")
        }
    }
}

fn asset_name(asset: &Asset) -> String {
    match (&asset.known, asset.kind) {
        (Some(known), _) => known.symbol.clone(),
        (None, AssetKind::Native) => "the chain's coin".into(),
        (None, AssetKind::Token(token)) => format!("the unknown token {token}"),
    }
}

fn chain_name(chain: ChainId) -> String {
    Registry::builtin_ref().chain(chain).map_or_else(|| format!("unknown chain {chain}"), |known| known.name.clone())
}

fn fee_sentence(fee: &FeeCeiling, chain: Option<ChainId>) -> String {
    let native = chain.map(|chain| Registry::builtin_ref().native(chain));
    let most = match native {
        Some(native) => asset_amount(&native, fee.execution),
        None => format!("{} wei", fee.execution),
    };
    let data = if fee.data_fee_unbounded {
        format!(", and a fee for {} bytes of data that has no ceiling", fee.data_bytes)
    } else {
        String::new()
    };
    format!("Pay a network fee of at most {most}{data}")
}

struct Words<'a> {
    names: Names<'a>,
    account: Address,
    subject: &'a Subject,
    chain: Option<ChainId>,
    /// ` on Base`, or nothing where the signature belongs to no chain.
    on_chain: String,
}

impl Words<'_> {
    fn who(&self, address: Address) -> String {
        match (self.names)(address) {
            Some(name) => format!("{name} ({address})"),
            None if address == self.account => format!("your own account ({address})"),
            None => address.to_string(),
        }
    }

    fn effect(&self, effect: &Effect) -> String {
        let on_chain = &self.on_chain;
        match effect {
            Effect::TransferOut { asset, amount, from, to } if *from == self.account => {
                format!("Send {} to {}{on_chain}", asset_amount(asset, *amount), self.who(*to))
            }
            Effect::TransferOut { asset, amount, from, to } => {
                let (from, to) = (self.who(*from), self.who(*to));
                format!("Move {} from {from} to {to}{on_chain}", asset_amount(asset, *amount))
            }
            Effect::TransferIn { asset, at_least, from } => {
                let from = from.map(|from| format!(" from {}", self.who(from))).unwrap_or_default();
                format!("Receive at least {}{from}{on_chain}", asset_amount(asset, *at_least))
            }
            Effect::Allowance { asset, spender, change, expires, via } => self.allowance(asset, *spender, *change, *expires, *via),
            Effect::Swap { sell, most_in, buy, least_out, recipient, router, deadline } => {
                let (sell, buy) = (asset_amount(sell, *most_in), asset_amount(buy, *least_out));
                let (goes, router) = (self.goes_to(*recipient), self.who(*router));
                let until = deadline.map(|at| format!(", until {}", utc(at))).unwrap_or_default();
                format!("Swap at most {sell} for at least {buy}{goes}, through {router}{on_chain}{until}")
            }
            Effect::Wrap { asset, amount } => {
                let native = Registry::builtin_ref().native(asset.chain);
                format!("Wrap {} into {}{on_chain}", asset_amount(&native, *amount), asset_name(asset))
            }
            Effect::Unwrap { asset, amount, recipient } => {
                let native = Registry::builtin_ref().native(asset.chain);
                let (amount, goes) = (asset_amount(asset, *amount), self.goes_to(*recipient));
                format!("Unwrap {amount} into {}{goes}{on_chain}", asset_name(&native))
            }
            Effect::DeferredTransfer { asset, amount, to, spender, valid_after, valid_before, via } => {
                let who = spender.map_or_else(|| "whoever holds the signature".into(), |spender| self.who(spender));
                let how = if *via == DeferredVia::Permit2Transfer { "up to " } else { "" };
                let amount = asset_amount(asset, *amount);
                let to = to.map_or_else(|| "whomever they choose".into(), |to| self.who(to));
                let after = valid_after.filter(|at| *at > 0).map(|at| format!(" from {}", utc(at))).unwrap_or_default();
                let before = valid_before.map_or_else(|| " at any time".into(), |at| format!(" until {}", utc(at)));
                format!("Let {who} move {how}{amount} of yours to {to}{on_chain}, once,{after}{before}")
            }
            Effect::CreditLine { pool, asset, limit, rate, cycle, expiry, renews, .. } => {
                let (limit, pool) = (asset_amount(asset, *limit), self.who(*pool));
                let terms = format!("{}, drawn on until {}", credit::terms(*rate, *cycle), utc(*expiry));
                match renews {
                    None => format!("Open a credit line of up to {limit} at {pool}{on_chain}, {terms}"),
                    Some(line) => format!("Renew credit line {line} with up to {limit} at {pool}{on_chain}, {terms}"),
                }
            }
            Effect::Borrow { pool, asset, amount, to, line } => {
                let (amount, goes, pool) = (asset_amount(asset, *amount), self.goes_to(*to), self.who(*pool));
                format!("Borrow {amount} from {pool}{on_chain}, on credit line {line}{goes}")
            }
            Effect::Repay { pool, asset, most, line } => {
                format!("Pay back up to {} to {}{on_chain}, on credit line {line}", asset_amount(asset, *most), self.who(*pool))
            }
            Effect::CreditClose { pool, line, .. } => format!("Close credit line {line} at {}{on_chain}", self.who(*pool)),
            Effect::CreditApplication { pool, asset, lender, limit, rate, cycle, at_least, currency, expiry, terms } => {
                let (limit, pool, until) = (asset_amount(asset, *limit), self.who(*pool), utc(*expiry));
                let (price, proved) = (credit::terms(*rate, *cycle), credit::balance(*at_least, currency));
                let said = if terms.is_empty() { String::new() } else { format!(" and says {}", quoted(terms)) };
                format!(
                    "Apply for a credit line of up to {limit} at {pool}{on_chain}, {price}, with a proof of at least {proved} at your \
                     bank, until {until}; the lender calls itself {}{said}",
                    quoted(lender)
                )
            }
            Effect::UnknownCall { to, selector, value, reason } => {
                let function = selector.map(|s| format!(" (function 0x{})", hex::encode(s))).unwrap_or_default();
                let (callee, along) = (self.who(*to), self.along(*value));
                format!("Call {callee}{function}{on_chain}{along}: not understood, because {reason}")
            }
            Effect::UnknownTypedData { reason } => {
                let (what, of) = match self.subject {
                    Subject::TypedData { primary_type, domain, .. } => {
                        (format!(" “{primary_type}”"), domain.verifying_contract.map(|contract| format!(" for {}", self.who(contract))))
                    }
                    _ => (String::new(), None),
                };
                format!("Sign data{what}{}{on_chain}: not understood, because {reason}", of.unwrap_or_default())
            }
            Effect::Deploy { init_code_hash, value } => {
                let along = self.along(*value);
                format!("Create a contract{on_chain}{along}: its code is not understood (hash {init_code_hash})")
            }
            Effect::Delegation { to, chain, nonce, authority } => {
                let whose = self.who(authority.unwrap_or(self.account));
                let chain = if *chain == 0 { "every chain".into() } else { chain_name(*chain) };
                if to.is_zero() {
                    format!("Take back the code that {whose} runs, on {chain} (nonce {nonce})")
                } else {
                    let code = self.who(*to);
                    format!("Let the code at {code} act as {whose}, with all it owns, on {chain} (nonce {nonce})")
                }
            }
            Effect::Message { looks_like_hash } => self.message(*looks_like_hash),
            Effect::Nothing => format!("Do nothing{on_chain} but use up a nonce, which cancels a pending transaction"),
        }
    }

    /// Who gets it, where that is not the account itself.
    fn goes_to(&self, recipient: Address) -> String {
        if recipient == self.account { String::new() } else { format!(", to be paid to {}", self.who(recipient)) }
    }

    fn allowance(&self, asset: &Asset, spender: Address, change: AllowanceChange, expires: Option<u64>, via: AllowanceVia) -> String {
        let (spender, on_chain) = (self.who(spender), &self.on_chain);
        let how = if via == AllowanceVia::Permit2 { " through Permit2" } else { "" };
        let until = match expires {
            None => String::new(),
            Some(0) => ", in the same block only".into(),
            Some(at) => format!(", until {}", utc(at)),
        };
        let amount = |amount| {
            if is_unlimited(asset, amount) {
                format!("any amount of {}", asset_name(asset))
            } else {
                format!("up to {}", asset_amount(asset, amount))
            }
        };
        match change {
            AllowanceChange::Set(none) if none.is_zero() => {
                format!("Stop {spender} from spending {}{how}{on_chain}", asset_name(asset))
            }
            AllowanceChange::Set(most) => {
                format!("Let {spender} spend {}{how}{on_chain}{until}", amount(most))
            }
            AllowanceChange::Increase(more) => {
                format!("Let {spender} spend {} more than now{how}{on_chain}{until}", amount(more).trim_start_matches("up to "))
            }
            AllowanceChange::Decrease(less) => {
                format!("Let {spender} spend {} less than now{how}{on_chain}{until}", asset_amount(asset, less))
            }
        }
    }

    fn message(&self, looks_like_hash: bool) -> String {
        if looks_like_hash {
            return "Sign 32 bytes that could be the digest of anything".into();
        }
        match self.subject {
            Subject::Message { text: Some(text), .. } => {
                format!("Sign the message {}, which moves nothing by itself", quoted(text))
            }
            Subject::Message { bytes, .. } => {
                format!("Sign {} bytes that are no text", bytes.len())
            }
            _ => "Sign a message".into(),
        }
    }

    fn along(&self, value: U256) -> String {
        match self.chain {
            Some(chain) if !value.is_zero() => {
                format!(", sending {} along", asset_amount(&Registry::builtin_ref().native(chain), value))
            }
            _ => String::new(),
        }
    }

    fn warning(&self, warning: &Warning) -> String {
        match warning {
            Warning::UnlimitedAllowance { spender } => {
                format!("{} could take all of it, now and later", self.who(*spender))
            }
            Warning::LikelyLost { to } => {
                format!("What is sent to {} is usually lost", self.who(*to))
            }
            Warning::NoMinimumOut => "The swap has no least amount: it may give nothing back".into(),
            Warning::NoDeadline => "It has no deadline, or one far away: it can be used much later".into(),
            Warning::ApproveRace => "Changing an allowance directly lets the spender use the old and the new one".into(),
            Warning::LooksLikeHash => "The message could be the digest of a transaction".into(),
            Warning::DeceptiveText => "The text has hidden characters, or letters that look like others".into(),
            Warning::DomainChain => "The data does not say on which chain it is valid".into(),
            Warning::HighRate { rate } => format!("The interest is high: {} a year", credit::percent(*rate)),
            Warning::ShortCycle { cycle } => format!("Payments are due often: every {}", credit::span(*cycle)),
            Warning::BorrowedFor { to } => format!("{} gets the money, and you owe it", self.who(*to)),
            Warning::Batch { count } => format!("{count} calls in one"),
        }
    }
}

/// Somebody's words, marked as such and cut; they can't end the quote themselves.
fn quoted(text: &str) -> String {
    let plain = |c| if matches!(c, '“' | '”' | '„') { '\'' } else { c };
    let mut quote: String = text.chars().take(QUOTE).map(plain).collect();
    if text.chars().nth(QUOTE).is_some() {
        quote.push('…');
    }
    format!("“{quote}”")
}

/// Unix seconds as `2026-11-23 04:53 UTC`; the bare number from the year 10000 on.
fn utc(seconds: u64) -> String {
    const YEAR_10000: u64 = 253_402_300_800;
    if seconds >= YEAR_10000 {
        return format!("Unix time {seconds}");
    }
    // Howard Hinnant's civil_from_days, for days after 1970.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn dates() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_700_000_000, "2023-11-14 22:13 UTC"),
            (4_102_444_800, "2100-01-01 00:00 UTC"),
            (253_402_300_799, "9999-12-31 23:59 UTC"),
            (253_402_300_800, "Unix time 253402300800"),
        ] {
            assert_eq!(utc(seconds), date);
        }
    }
}

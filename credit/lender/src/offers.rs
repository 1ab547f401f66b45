//! From what somebody wants to prove or borrow to an offer.

use alloy_primitives::{Address, B256, FixedBytes, U256};
use parlance_credit::Offer;
use parlance_credit::api::{OfferRequest, Tier};
use parlance_zktls_protocol::Template;
use parlance_zktls_protocol::template::Source;

use crate::words::{self, is_currency, parse_amount};
use crate::{Config, Refusal};

/// What is offered to whom.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The lender's name.
    pub lender: String,
    /// By currency and rising threshold.
    pub tiers: Vec<Tier>,
    /// Of the nullifiers.
    pub scope: FixedBytes<8>,
    /// The token's symbol.
    pub symbol: String,
    /// The token's decimals.
    pub decimals: u8,
    /// Seconds that an offer can be accepted.
    pub patience: u64,
    /// In words, for offers with a line.
    pub words: String,
}

impl Terms {
    /// As configured, in the pool's asset.
    ///
    /// # Errors
    /// Sentences about tiers that this asset or pool can't have.
    pub fn new(config: &Config, symbol: &str, decimals: u8, min_limit: U256) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut tiers = Vec::new();
        for tier in &config.tiers {
            match (tier.at_least(), parse_amount(&tier.limit, decimals)) {
                (Ok(at_least), Ok(limit)) if limit >= min_limit => {
                    let cycle = tier.cycle_days.saturating_mul(86_400);
                    tiers.push(Tier { at_least, currency: tier.currency.clone(), limit, rate: tier.rate, cycle });
                }
                (Ok(_), Ok(limit)) => problems.push(format!(
                    "tiers: a limit of {} is below the pool's smallest, {}.",
                    words::asset(limit, decimals, symbol),
                    words::asset(min_limit, decimals, symbol)
                )),
                (Err(sentence), _) | (_, Err(sentence)) => problems.push(format!("tiers: {sentence}")),
            }
        }
        let scope = config.lending.scope().map_err(|sentence| vec![sentence])?;
        if !problems.is_empty() {
            return Err(problems);
        }
        let words = format!(
            "{} To keep drawing, prove again every {}; {} after it was signed, nothing can be drawn with this line until then.",
            config.terms.trim(),
            words::span(config.lending.reattest_after()),
            words::span(config.lending.attestation_time()),
        );
        Ok(Self {
            lender: config.name.clone(),
            tiers,
            scope,
            symbol: symbol.to_owned(),
            decimals,
            patience: config.lending.offer_minutes.saturating_mul(60),
            words,
        })
    }

    /// The offer, or why there is none. With a zero limit it is about a proof alone.
    pub fn offer(&self, request: &OfferRequest, template: Option<&Template>, nonce: B256, now: u64) -> Result<Offer, Refusal> {
        self.check(request, template)?;
        let (at_least, tier) = match (request.at_least, request.amount) {
            (Some(at_least), amount) => (at_least, self.reached(at_least, amount, &request.currency)?),
            (None, Some(amount)) => {
                let tier = self.enough(amount, &request.currency)?;
                (tier.at_least, Some(tier))
            }
            (None, None) => return Err(Refusal::malformed("neither at_least nor amount is given", "say what to prove or what to borrow")),
        };
        let terms = match tier {
            Some(_) => self.words.clone(),
            None => format!("No line goes with this proof: {}", self.needed(&request.currency)),
        };
        Ok(Offer {
            nonce,
            borrower: request.borrower,
            lender: self.lender.clone(),
            template: request.template,
            atLeast: U256::from(at_least),
            currency: request.currency.clone(),
            scope: self.scope,
            limit: tier.map_or(U256::ZERO, |tier| tier.limit),
            rate: tier.map_or(U256::ZERO, |tier| U256::from(tier.rate)),
            cycle: tier.map_or(0, |tier| tier.cycle),
            expiry: now.saturating_add(self.patience),
            terms,
        })
    }

    /// What has to be proved for what, in a sentence.
    #[must_use]
    pub fn needed(&self, currency: &str) -> String {
        let tiers: Vec<String> = self.tiers.iter().filter(|tier| tier.currency == currency).map(|tier| self.describe(tier)).collect();
        if tiers.is_empty() {
            let mut known: Vec<&str> = self.tiers.iter().map(|tier| tier.currency.as_str()).collect();
            known.dedup();
            return format!("{} lends nothing on balances in {currency}, only in {}.", self.lender, known.join(", "));
        }
        format!("{} lends {}.", self.lender, tiers.join("; "))
    }

    fn describe(&self, tier: &Tier) -> String {
        let limit = words::asset(tier.limit, self.decimals, &self.symbol);
        format!("up to {limit} to who proves at least {}", words::money(tier.at_least, &tier.currency))
    }

    fn check(&self, request: &OfferRequest, template: Option<&Template>) -> Result<(), Refusal> {
        if request.borrower == Address::ZERO {
            return Err(Refusal::malformed("borrower: got the zero address", "name the wallet that is to borrow"));
        }
        if !is_currency(&request.currency) {
            return Err(Refusal::malformed("currency: expected three capital letters such as EUR", "correct it"));
        }
        if request.at_least == Some(0) {
            return Err(Refusal::malformed("at_least: got 0, expected at least 0.01", "say how much to prove"));
        }
        let template = template.ok_or_else(|| {
            let got = format!("template: {} is none that {} accepts", request.template, self.lender);
            Refusal::new(422, "template_unknown", got, "choose a bank of GET /v1/lender, with a wallet of the same release")
        })?;
        match &template.response.currency {
            Source::Fixed(only) if *only != request.currency => {
                let got = format!("currency: {} has accounts in {only} only, {} was asked for", template.name, request.currency);
                Err(Refusal::new(422, "currency_unknown", got, "choose its currency, or another bank"))
            }
            _ => Ok(()),
        }
    }

    /// The best tier that a balance reaches; none when it reaches none.
    fn reached(&self, at_least: u64, amount: Option<U256>, currency: &str) -> Result<Option<&Tier>, Refusal> {
        let reached = self.tiers.iter().filter(|tier| tier.currency == currency && tier.at_least <= at_least).max_by_key(|tier| tier.limit);
        match (amount, reached) {
            (Some(amount), tier) if tier.is_none_or(|tier| tier.limit < amount) => Err(self.too_much(amount, currency)),
            _ => Ok(reached),
        }
    }

    /// The tier that takes least for an amount.
    fn enough(&self, amount: U256, currency: &str) -> Result<&Tier, Refusal> {
        let enough = self.tiers.iter().filter(|tier| tier.currency == currency && tier.limit >= amount);
        enough.min_by_key(|tier| tier.at_least).ok_or_else(|| self.too_much(amount, currency))
    }

    fn too_much(&self, amount: U256, currency: &str) -> Refusal {
        let amount = words::asset(amount, self.decimals, &self.symbol);
        let message = format!("amount: {amount} is more than goes with what would be proved. {}", self.needed(currency));
        Refusal::new(422, "amount_above_limit", message, "ask for less, or prove more")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::address;

    fn terms() -> Terms {
        let tier = |at_least, currency: &str, limit: u64| Tier {
            at_least,
            currency: currency.into(),
            limit: U256::from(limit * 1_000_000),
            rate: 1200,
            cycle: 2_592_000,
        };
        Terms {
            lender: "Maple".into(),
            tiers: vec![tier(100_000, "EUR", 150), tier(1_000_000, "EUR", 1500), tier(500_000, "USD", 700)],
            scope: FixedBytes(*b"parlance"),
            symbol: "USDC".into(),
            decimals: 6,
            patience: 600,
            words: "Terms.".into(),
        }
    }

    fn template() -> Template {
        Template::from_toml(include_str!("../../../zktls/templates/demo.toml")).expect("a template")
    }

    fn request(at_least: Option<u64>, amount: Option<u64>, currency: &str) -> OfferRequest {
        OfferRequest {
            borrower: address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
            template: B256::repeat_byte(1),
            currency: currency.into(),
            at_least,
            amount: amount.map(|amount| U256::from(amount * 1_000_000)),
        }
    }

    fn offer(request: &OfferRequest) -> Result<Offer, Refusal> {
        terms().offer(request, Some(&template()), B256::repeat_byte(9), 1000)
    }

    #[test]
    fn the_best_tier_that_is_reached() {
        for (at_least, limit) in [(99_999, 0), (100_000, 150), (999_999, 150), (1_000_000, 1500), (u64::MAX, 1500)] {
            let offer = offer(&request(Some(at_least), None, "EUR")).expect("an offer");
            assert_eq!((offer.atLeast, offer.limit), (U256::from(at_least), U256::from(limit * 1_000_000)), "{at_least}");
            assert_eq!(offer.expiry, 1600);
            assert_eq!(offer.terms == "Terms.", limit > 0);
        }
        let none = offer(&request(Some(1), None, "EUR")).expect("an offer");
        assert!(none.terms.contains("up to 150 USDC to who proves at least 1,000.00 EUR"), "{}", none.terms);
        let other = offer(&request(Some(u64::MAX), None, "GBP")).expect("an offer");
        assert!(other.limit.is_zero() && other.terms.contains("nothing on balances in GBP, only in EUR, USD"), "{}", other.terms);
    }

    #[test]
    fn an_amount_asks_for_the_least_that_it_takes() {
        for (amount, at_least) in [(1, 100_000), (150, 100_000), (151, 1_000_000), (1500, 1_000_000)] {
            let offer = offer(&request(None, Some(amount), "EUR")).expect("an offer");
            assert_eq!(offer.atLeast, U256::from(at_least), "{amount}");
        }
        for wrong in [request(None, Some(1501), "EUR"), request(Some(100_000), Some(151), "EUR"), request(Some(1), Some(1), "EUR")] {
            let refusal = offer(&wrong).expect_err("refused");
            assert_eq!((refusal.code, refusal.status), ("amount_above_limit", 422), "{refusal}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let zero = OfferRequest { borrower: Address::ZERO, ..request(Some(1), None, "EUR") };
        for wrong in
            [zero, request(None, None, "EUR"), request(Some(0), None, "EUR"), request(Some(1), None, "eur"), request(Some(1), None, "EURO")]
        {
            assert_eq!(offer(&wrong).expect_err("refused").code, "malformed", "{wrong:?}");
        }
        let unknown = terms().offer(&request(Some(1), None, "EUR"), None, B256::ZERO, 0);
        assert_eq!(unknown.expect_err("refused").code, "template_unknown");
        let mut fixed = template();
        fixed.response.currency = Source::Fixed("GBP".into());
        let refused = terms().offer(&request(Some(1), None, "EUR"), Some(&fixed), B256::ZERO, 0);
        assert_eq!(refused.expect_err("refused").code, "currency_unknown");
    }
}

//! Where 256 bits meet 64: exact rounding, and refusal instead of wrapping.

use alloy_primitives::{U256, U512};
use parlance_policy::units::{MICRO, MOST, Round};
use parlance_policy::{Outcome, RuleSet, Units, Usd, decide};
use proptest::prelude::*;

use crate::support::facts;

#[test]
fn amounts_are_rounded_up_and_worths_down_where_they_come_back() {
    let wei = U256::from(1);
    assert_eq!(Units::of(wei, 18).unwrap().micro(), 1);
    assert_eq!(Units::of(U256::from(50_000_000), 6).unwrap().micro(), 50 * MICRO);
    assert_eq!(Units::of(U256::from(1_000_000_000_001_u64), 18).unwrap().micro(), 2);
    assert_eq!(Units::of(U256::from(7), 0).unwrap().micro(), 7 * MICRO);
    assert_eq!(Usd::of(wei, 18, 3_000 * MICRO, Round::Up).unwrap().micro(), 1);
    assert_eq!(Usd::of(wei, 18, 3_000 * MICRO, Round::Down).unwrap().micro(), 0);
    // More decimals than 2^512 has digits.
    assert_eq!(Units::of(U256::MAX, 255).unwrap().micro(), 1);
    assert_eq!(Usd::of(U256::MAX, 255, u64::MAX, Round::Down).unwrap().micro(), 0);
}

#[test]
fn the_edge_of_64_bits_is_refused_not_wrapped() {
    let most = U256::from(MOST);
    assert_eq!(Units::of(most, 6).unwrap().micro(), MOST);
    assert!(!Units::of(most, 6).unwrap().is_boundless());
    for beyond in [most + U256::from(1), most + U256::from(2), U256::from(u64::MAX), U256::MAX] {
        assert!(Units::of(beyond, 6).is_err(), "{beyond}");
        assert!(Usd::of(beyond, 6, MICRO, Round::Up).is_err(), "{beyond}");
    }
    assert!(Units::of(U256::MAX, 0).is_err());
    assert!(Usd::of(U256::MAX, 0, u64::MAX, Round::Up).is_err());
    assert!(Usd::from_micro(i64::MAX as u64).is_err(), "the reserved value is no amount");
    let nearly = Usd::from_micro(MOST).unwrap();
    assert!(nearly.plus(Usd::from_micro(1).unwrap()).is_err());
    assert_eq!(nearly.plus(Usd::ZERO).unwrap(), nearly);
    assert!(nearly.plus(Usd::BOUNDLESS).unwrap().is_boundless());
    assert!(Usd::BOUNDLESS.minus(nearly).is_boundless());
    assert_eq!(Usd::ZERO.minus(nearly), Usd::ZERO);
}

#[test]
fn sums_that_do_not_fit_are_refused_whatever_the_rules_say() {
    let open = RuleSet::load("@id(\"open\") permit (principal, action, resource) when { context.approval >= 2 };", "").unwrap();
    let mut facts = facts("do = { action = \"send\", amount = \"50\", to = \"alice\" }");
    assert_eq!(decide(&open, &facts).outcome, Outcome::Password);
    facts.before.all.usd.month = Usd::from_micro(MOST).unwrap();
    let explained = decide(&open, &facts);
    assert_eq!(explained.outcome, Outcome::Refused);
    assert!(explained.why[0].contains("more than the"), "{:?}", explained.why);
    assert_eq!(explained.rules[0].id, "signer");
}

#[test]
fn arithmetic_in_a_rule_that_overflows_refuses() {
    let source = "@id(\"open\") permit (principal, action, resource) when { context.approval >= 2 };\n\
                  @id(\"sum\") forbid (principal, action, resource) when { context.usd + 9223372036854775807 < 0 };";
    let rules = RuleSet::load(source, "").unwrap();
    let case = "do = { action = \"send\", amount = \"50\", to = \"alice\" }";
    let explained = decide(&rules, &facts(case));
    assert_eq!(explained.outcome, Outcome::Refused, "a forbid that errs must not be skipped");
    assert!(explained.why[0].contains("sum"), "{:?}", explained.why);
}

#[test]
fn numbers_read_well() {
    let usd = |micro| Usd::from_micro(micro).unwrap().to_string();
    assert_eq!(usd(200 * MICRO), "$200");
    assert_eq!(usd(40_000), "$0.04");
    assert_eq!(usd(500_000), "$0.50");
    assert_eq!(usd(1), "$0.000001");
    assert_eq!(usd(1_234_567 * MICRO), "$1,234,567");
    assert_eq!(Units::from_micro(15_000).unwrap().to_string(), "0.015");
    assert_eq!(Usd::BOUNDLESS.to_string(), "an unknown value");
}

fn exact(amount: U256, factor: u64, decimals: u8) -> (U512, bool) {
    let (whole, rest) = (U512::from(amount) * U512::from(factor)).div_rem(U512::from(10).pow(U512::from(decimals)));
    (whole, !rest.is_zero())
}

proptest! {
    #[test]
    fn rounding_is_exact(limbs in any::<[u64; 4]>(), bits in 0_usize..=256, decimals in 0_u8..=77, price in any::<u64>()) {
        let amount = if bits == 0 { U256::ZERO } else { U256::from_limbs(limbs) >> (256 - bits) };
        let (whole, rest) = exact(amount, MICRO, decimals);
        let up = whole + U512::from(u8::from(rest));
        match Units::of(amount, decimals) {
            Ok(units) => prop_assert_eq!(U512::from(units.micro()), up),
            Err(_) => prop_assert!(up > U512::from(MOST)),
        }
        let (whole, rest) = exact(amount, price, decimals);
        for (round, expected) in [(Round::Down, whole), (Round::Up, whole + U512::from(u8::from(rest)))] {
            match Usd::of(amount, decimals, price, round) {
                Ok(usd) => prop_assert_eq!(U512::from(usd.micro()), expected),
                Err(_) => prop_assert!(expected > U512::from(MOST)),
            }
        }
    }

    #[test]
    fn sums_never_wrap(a in any::<u64>(), b in any::<u64>()) {
        if let (Ok(x), Ok(y)) = (Usd::from_micro(a), Usd::from_micro(b)) {
            match x.plus(y) {
                Ok(sum) => prop_assert_eq!(u128::from(sum.micro()), u128::from(a) + u128::from(b)),
                Err(_) => prop_assert!(u128::from(a) + u128::from(b) > u128::from(MOST)),
            }
        }
    }
}

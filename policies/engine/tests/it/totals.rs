//! What counts as spent, and in which window.

use alloy_primitives::{Address, U256};
use parlance_effects::{AllowanceChange, AssetKind, Effect};
use parlance_policy::{AssetId, Book, Outcome, Price, Record, Spend, SpendKind, Totals, Units, Usd, appraise};
use proptest::prelude::*;

use crate::support::facts;

fn spend(usd: u64, recipient: Address) -> Spend {
    let usd = Usd::from_micro(usd).unwrap();
    let asset = AssetId { chain: 1, kind: AssetKind::Native };
    Spend { kind: SpendKind::Out, asset, recipient: Some(recipient), units: Units::from_micro(7).unwrap(), usd, gross: usd }
}

#[test]
fn windows_roll() {
    let now = 1_000_000_000;
    let spends = [spend(10, Address::ZERO)];
    let record = |age: i64, level, origin| Record { at: now - age, level, origin, spends: &spends };
    let records = [
        record(0, Outcome::Allow, "wallet"),
        record(3_599, Outcome::Click, "wallet"),
        record(3_600, Outcome::Password, "agent"),
        record(86_399, Outcome::Allow, "agent"),
        record(86_400, Outcome::Allow, "wallet"),
        record(604_800, Outcome::Allow, "wallet"),
        record(2_591_999, Outcome::Allow, "wallet"),
        record(2_592_000, Outcome::Allow, "wallet"),
        record(-500, Outcome::Allow, "wallet"),
    ];
    let totals = Totals::tally(now, "wallet", records).unwrap();
    let all = totals.all.usd;
    assert_eq!([all.hour, all.day, all.week, all.month].map(Usd::micro), [30, 50, 60, 80]);
    assert_eq!(totals.all.number.month, 8);
    assert_eq!(totals.without_asking.usd.hour.micro(), 20, "a time in the future counts as now");
    assert_eq!(totals.without_password.usd.day.micro(), 40, "the password's own spends are not in it");
    assert_eq!(totals.origin.usd.day.micro(), 30);
    assert_eq!(totals.recipients[&Address::ZERO].usd.month.micro(), 80);
    assert_eq!(totals.assets[&spends[0].asset].units.month.micro(), 56);
}

#[test]
fn asset_ids_are_text() {
    for text in ["1:native", "8453:0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"] {
        let id: AssetId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::from_str::<AssetId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }
    for wrong in ["", "1", "native", "x:native", "1:0x12"] {
        assert!(wrong.parse::<AssetId>().is_err(), "{wrong}");
    }
}

fn kinds(case: &str) -> Vec<(SpendKind, u64, bool)> {
    let facts = facts(case);
    let spends = facts.appraisal.spends.iter();
    spends.map(|spend| (spend.kind, spend.usd.micro(), spend.recipient.is_some())).collect()
}

#[test]
fn every_effect_counts_as_the_ledger_must_count_it() {
    const FEE: (SpendKind, u64, bool) = (SpendKind::Fee, 60_000, false);
    let out = |usd| (SpendKind::Out, usd, true);
    assert_eq!(kinds("do = { action = \"send\", amount = \"50\", to = \"alice\" }"), [out(50_000_000), FEE]);
    assert_eq!(kinds("do = { action = \"send\", amount = \"50\", to = \"savings\" }"), [FEE]);
    assert_eq!(kinds("do = { action = \"wrap\", amount = \"1\" }"), [FEE]);
    assert_eq!(kinds("do = { action = \"unwrap\", amount = \"1\" }"), [FEE]);
    assert_eq!(kinds("do = { action = \"unwrap\", amount = \"1\", to = \"stranger\" }"), [out(3_000_000_000), FEE]);
    assert_eq!(kinds("do = { action = \"approve\", amount = \"100\", to = \"router\" }"), [(SpendKind::Allowance, 100_000_000, true), FEE]);
    assert_eq!(kinds("do = { action = \"revoke\", to = \"router\" }"), [FEE]);
    assert_eq!(
        kinds("do = { action = \"pay_by_signature\", amount = \"0.1\", to = \"alice\", lasts = \"1h\" }"),
        [(SpendKind::Deferred, 100_000, true)],
        "a signature has no fee"
    );
    assert_eq!(kinds("do = { action = \"cancel\" }"), [FEE]);
    assert_eq!(
        kinds("do = { action = \"call\", to = \"contract\", amount = \"1\" }"),
        [out(3_000_000_000), FEE],
        "the value of a call that is not understood"
    );
    let draw = (SpendKind::Borrow, 0, false);
    assert_eq!(kinds("do = { action = \"borrow\", amount = \"500\" }"), [draw, FEE], "what comes in is not spent");
    assert_eq!(kinds("do = { action = \"borrow\", amount = \"500\", to = \"savings\" }"), [draw, FEE]);
    assert_eq!(kinds("do = { action = \"borrow\", amount = \"500\", to = \"alice\" }"), [draw, out(500_000_000), FEE]);
    assert_eq!(kinds("do = { action = \"repay\", amount = \"200\" }"), [out(200_000_000), FEE]);
    for moves_nothing in ["open_credit", "close_credit"] {
        assert_eq!(kinds(&format!("do = {{ action = \"{moves_nothing}\", amount = \"2000\" }}")), [FEE]);
    }
    assert_eq!(kinds("do = { action = \"apply_credit\", amount = \"2000\" }"), []);
    let gross = facts("do = { action = \"borrow\", amount = \"500\" }").appraisal.spends[0].gross;
    assert_eq!(gross.micro(), 500_000_000);
}

#[test]
fn a_swap_counts_net_and_in_full_where_it_does_not_come_back() {
    let swap = |rest: &str| {
        let facts = facts(&format!("do = {{ action = \"swap\", asset = \"ETH\", amount = \"1\", buy = \"USDC\"{rest} }}"));
        (facts.appraisal.spends[0].usd.micro(), facts.appraisal.spends[0].gross.micro(), facts.appraisal.items[0].slippage)
    };
    assert_eq!(swap(", least = \"2900\""), (100_000_000, 3_000_000_000, 334));
    assert_eq!(swap(", least = \"3100\""), (0, 3_000_000_000, 0));
    assert_eq!(swap(""), (3_000_000_000, 3_000_000_000, 10_000));
    assert_eq!(swap(", least = \"2900\", to = \"stranger\"").0, 3_000_000_000);
    let unpriced = facts("do = { action = \"swap\", asset = \"ETH\", amount = \"1\", buy = \"PEPE\", least = \"5\" }");
    assert_eq!(unpriced.appraisal.items[0].slippage, 10_000);
    assert_eq!(unpriced.appraisal.spends[0].usd.micro(), 3_000_000_000);
}

struct Dear;

impl Book for Dear {
    fn price(&self, _: &parlance_effects::Asset) -> Option<Price> {
        Some(Price { micro_usd: 500_000, fresh: true })
    }
    fn is_own(&self, _: &Address) -> bool {
        false
    }
    fn data_fee_per_byte(&self, _: u64) -> Option<U256> {
        None
    }
}

#[test]
fn a_claimed_price_can_not_make_a_dollar_cheaper() {
    let effects = facts("do = { action = \"send\", amount = \"50\", to = \"alice\" }").effects;
    let appraisal = appraise(&effects, &Dear).unwrap();
    assert_eq!(appraisal.items[0].usd.micro(), 50_000_000);
}

#[test]
fn a_data_fee_without_a_rate_is_unknown_not_nothing() {
    let mut effects = facts("do = { action = \"send\", amount = \"50\", to = \"alice\" }").effects;
    effects.fee.as_mut().unwrap().data_fee_unbounded = true;
    assert!(appraise(&effects, &Dear).unwrap().fee.usd.is_boundless());
}

#[test]
fn an_allowance_too_large_to_count_has_no_bound() {
    let mut effects = facts("do = { action = \"approve\", amount = \"1\", to = \"router\" }").effects;
    let Effect::Allowance { change, .. } = &mut effects.items[0] else { panic!("no allowance") };
    *change = AllowanceChange::Set(U256::MAX >> 1);
    let appraisal = appraise(&effects, &Dear).unwrap();
    assert!(appraisal.items[0].units.is_boundless() && appraisal.items[0].usd.is_boundless());
    let Effect::Allowance { asset, .. } = effects.items[0].clone() else { panic!("no allowance") };
    effects.items[0] = Effect::TransferOut { asset, amount: U256::MAX >> 1, from: effects.account, to: Address::ZERO };
    assert!(appraise(&effects, &Dear).is_err(), "a transfer of the same is refused");
}

proptest! {
    /// Tallying is additive: what two ledgers hold together is the sum of what each holds.
    #[test]
    fn tallies_add_up(ages in prop::collection::vec((0_i64..3_000_000, 0_u64..1_000_000, 0_usize..4), 0..40), cut in 0_usize..40) {
        let now = 2_000_000_000;
        let spends: Vec<[Spend; 1]> = ages.iter().map(|(_, usd, _)| [spend(*usd, Address::ZERO)]).collect();
        let records: Vec<Record<'_>> = ages.iter().zip(&spends).map(|((age, _, level), spends)| {
            Record { at: now - age, level: Outcome::LEVELS[*level], origin: "wallet", spends }
        }).collect();
        let cut = cut.min(records.len());
        let total = |records: &[Record<'_>]| Totals::tally(now, "wallet", records.iter().copied()).unwrap().all.usd;
        let (left, right, both) = (total(&records[..cut]), total(&records[cut..]), total(&records));
        prop_assert_eq!(left.hour.plus(right.hour).unwrap(), both.hour);
        prop_assert_eq!(left.month.plus(right.month).unwrap(), both.month);
        prop_assert!(both.hour <= both.day && both.day <= both.week && both.week <= both.month);
    }
}

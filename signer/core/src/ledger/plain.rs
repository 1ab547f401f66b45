//! The ledger's sums, added up anew over all entries for every question, and random histories to compare them with.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, U256};
use parlance_effects::{AllowanceVia, AssetKind};
use parlance_policy::{AssetId, Overflow, Spend, SpendKind, Tally, Totals, Units, Usd};
use proptest::prelude::*;

use super::{DAY, Debt, Entry, Grant, GroupKey, HOUR, Ledger, MONTH, Pull, WEEK};

/// Every entry and whether it was given back, in order.
#[derive(Debug, Default)]
struct Plain(Vec<(Entry, bool)>);

#[derive(Clone, Copy, Default)]
struct Sum {
    usd: Usd,
    units: Units,
    number: u64,
}

impl Plain {
    fn groups(&self) -> BTreeMap<GroupKey, Vec<&(Entry, bool)>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        self.0.iter().for_each(|one| groups.entry(one.0.group()).or_default().push(one));
        groups
    }

    fn before(&self, now: u64, entry: &Entry) -> Result<Totals, Overflow> {
        let assets: BTreeSet<_> = entry.spends.iter().map(|s| s.asset).collect();
        let recipients: BTreeSet<_> = entry.spends.iter().filter_map(|s| s.recipient).collect();
        let mut totals = Totals {
            assets: assets.iter().map(|a| (*a, Tally::default())).collect(),
            recipients: recipients.iter().map(|r| (*r, Tally::default())).collect(),
            ..Totals::default()
        };
        for (key, members) in self.groups() {
            let at = members.iter().map(|(e, _)| e.at).max().unwrap_or_default();
            let within = [HOUR, DAY, WEEK, MONTH].map(|window| at + window > now);
            if !within[3] || members.iter().all(|(_, released)| *released) {
                continue;
            }
            let of = |what: &dyn Fn(&Entry) -> Result<Sum, Overflow>| -> Result<Sum, Overflow> {
                let mut most = Sum::default();
                for (member, _) in members.iter().filter(|(_, released)| !released) {
                    let sum = what(member)?;
                    most = Sum { usd: most.usd.max(sum.usd), units: most.units.max(sum.units), number: most.number.max(sum.number) };
                }
                if key == entry.group() {
                    // As if it counted in every respect.
                    let own = what(&Entry { level: 0, ..entry.clone() })?;
                    most = Sum {
                        usd: most.usd.minus(own.usd),
                        units: most.units.minus(own.units),
                        number: most.number.saturating_sub(own.number),
                    };
                }
                Ok(most)
            };
            let only = |only: bool, e: &Entry| if only { whole(e) } else { Ok(Sum::default()) };
            add(&mut totals.all, of(&whole)?, within)?;
            add(&mut totals.without_asking, of(&|e| only(e.level == 0, e))?, within)?;
            add(&mut totals.without_password, of(&|e| only(e.level <= 1, e))?, within)?;
            add(&mut totals.origin, of(&|e| only(e.origin == entry.origin, e))?, within)?;
            add(&mut totals.swaps, of(&|e| sum(e, |s| s.kind == SpendKind::Swap, |s| s.gross, false))?, within)?;
            add(&mut totals.borrowed, of(&|e| sum(e, |s| s.kind == SpendKind::Borrow, |s| s.gross, false))?, within)?;
            for asset in &assets {
                let sum = of(&|e| sum(e, |s| s.asset == *asset, |s| s.usd, true))?;
                add(totals.assets.entry(*asset).or_default(), sum, within)?;
            }
            for recipient in &recipients {
                let sum = of(&|e| sum(e, |s| s.recipient == Some(*recipient), |s| s.usd, true))?;
                add(totals.recipients.entry(*recipient).or_default(), sum, within)?;
            }
        }
        totals.owed = self.owed(entry)?;
        Ok(totals)
    }

    /// Line after line, group after group in the order of their first members.
    fn owed(&self, entry: &Entry) -> Result<Usd, Overflow> {
        let mut order: Vec<GroupKey> = Vec::new();
        self.0.iter().map(|(e, _)| e.group()).for_each(|key| {
            if !order.contains(&key) {
                order.push(key)
            }
        });
        let lines: BTreeSet<_> = self.0.iter().flat_map(|(e, _)| e.debts.iter().map(|d| (e.account, e.chain, d.pool, d.line))).collect();
        let known = |usd: Usd| u128::from(if usd.is_boundless() { 0 } else { usd.micro() });
        let mut owed = 0;
        for (account, chain, pool, line) in lines {
            let of = |e: &Entry| {
                let here = e.debts.iter().filter(|d| (e.account, e.chain, d.pool, d.line) == (account, chain, pool, line));
                here.fold((0, 0), |sum, d| (sum.0 + known(d.drawn), sum.1 + known(d.repaid)))
            };
            let mut on_line = 0_u128;
            for key in &order {
                let members: Vec<_> = self.0.iter().filter(|(e, released)| e.group() == *key && !released).map(|(e, _)| of(e)).collect();
                let mut drawn = members.iter().map(|m| m.0).max().unwrap_or(0);
                let mut repaid = members.iter().map(|m| m.1).min().unwrap_or(0);
                // As the group will be once the entry is in it, less what the entry draws.
                if *key == entry.group() && self.0.iter().any(|(e, _)| e.group() == *key) {
                    let new = of(entry);
                    drawn = drawn.max(new.0) - new.0;
                    repaid = repaid.min(new.1);
                }
                on_line = (on_line + drawn).saturating_sub(repaid);
            }
            owed += on_line;
        }
        Usd::from_micro(u64::try_from(owed).unwrap_or(u64::MAX))
    }

    fn outstanding(&self, now: u64, account: Address, chain: Option<u64>, without: GroupKey) -> (u64, Usd) {
        let (mut number, mut usd) = (0, Usd::ZERO);
        for (key, members) in self.groups() {
            let at = members.iter().map(|(e, _)| e.at).max().unwrap_or_default();
            let live = members
                .iter()
                .filter(|(e, released)| !released && e.account == account && e.chain == chain && e.until.is_none_or(|until| until > now));
            let most = live.map(|(e, _)| e.usd()).max().filter(|_| at >= now.saturating_sub(HOUR) && key != without);
            if let Some(most) = most {
                number += 1;
                usd = usd.plus(most).unwrap_or(Usd::BOUNDLESS);
            }
        }
        (number, usd)
    }

    /// Groups that pay an address.
    fn paid(&self, address: Address) -> u64 {
        self.groups().values().filter(|members| members.iter().any(|(e, _)| e.payees().any(|p| p == address))).count() as u64
    }
}

fn whole(entry: &Entry) -> Result<Sum, Overflow> {
    let all = sum(entry, |_| true, |s| s.usd, false)?;
    Ok(Sum { number: 1, ..all })
}

fn sum(entry: &Entry, which: impl Fn(&Spend) -> bool, usd: impl Fn(&Spend) -> Usd, units: bool) -> Result<Sum, Overflow> {
    let mut sum = Sum::default();
    for spend in entry.spends.iter().filter(|s| which(s)) {
        let known = if usd(spend).is_boundless() { Usd::ZERO } else { usd(spend) };
        sum.usd = sum.usd.plus(known)?;
        if units && !spend.units.is_boundless() {
            sum.units = sum.units.plus(spend.units)?;
        }
        sum.number = 1;
    }
    Ok(sum)
}

fn add(tally: &mut Tally, sum: Sum, within: [bool; 4]) -> Result<(), Overflow> {
    let Tally { usd, units, number } = tally;
    for (within, usd, units, number) in [
        (within[0], &mut usd.hour, &mut units.hour, &mut number.hour),
        (within[1], &mut usd.day, &mut units.day, &mut number.day),
        (within[2], &mut usd.week, &mut units.week, &mut number.week),
        (within[3], &mut usd.month, &mut units.month, &mut number.month),
    ] {
        if within {
            *usd = usd.plus(sum.usd)?;
            *units = units.plus(sum.units)?;
            *number += sum.number;
        }
    }
    Ok(())
}

/// What happens to a ledger.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "a history has few steps")]
enum Step {
    /// A signature, so many seconds after the last step.
    Sign(u64, Entry),
    /// The n-th signature is given back.
    Release(prop::sample::Index),
    /// The kept sums are moved to a moment, which may lie before or after.
    Advance(i64),
    /// Old rows are thrown away, as when it is opened.
    Compact,
}

fn address(n: u8) -> Address {
    Address::repeat_byte(n)
}

fn asset(n: u8) -> AssetId {
    AssetId { chain: 1, kind: if n == 0 { AssetKind::Native } else { AssetKind::Token(address(n)) } }
}

fn usd() -> impl Strategy<Value = Usd> {
    prop_oneof![
        6 => (0_u64..2_000_000_000).prop_map(|n| Usd::from_micro(n).unwrap()),
        1 => Just(Usd::BOUNDLESS),
        // Two of these are more than can be counted.
        1 => Just(Usd::from_micro(5_000_000_000_000_000_000).unwrap()),
    ]
}

fn units() -> impl Strategy<Value = Units> {
    prop_oneof![
        6 => (0_u64..2_000_000_000).prop_map(|n| Units::from_micro(n).unwrap()),
        1 => Just(Units::BOUNDLESS),
        1 => Just(Units::from_micro(5_000_000_000_000_000_000).unwrap()),
    ]
}

fn spend() -> impl Strategy<Value = Spend> {
    let kind = prop_oneof![
        3 => Just(SpendKind::Out),
        2 => Just(SpendKind::Swap),
        1 => Just(SpendKind::Allowance),
        1 => Just(SpendKind::Deferred),
        2 => Just(SpendKind::Fee),
        2 => Just(SpendKind::Borrow),
    ];
    (kind, 0_u8..3, proptest::option::of(10_u8..13), units(), usd(), usd()).prop_map(|(kind, a, to, units, usd, gross)| Spend {
        kind,
        asset: asset(a),
        recipient: to.map(address),
        units,
        usd,
        gross,
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let which = (0_u8..12, 1_u8..3, proptest::option::of(0_u64..4), 0_u8..4);
    let when = proptest::option::of(0_u64..4 * DAY);
    let spends = proptest::collection::vec(spend(), 0..4);
    let allowances = (
        proptest::option::of((0_u8..3, 10_u8..13, 0_u64..500, any::<bool>(), any::<bool>())),
        proptest::option::of((0_u8..3, 10_u8..13, 0_u64..300)),
        proptest::collection::vec((20_u8..22, 1_u64..3, usd(), any::<bool>()), 0..3),
    );
    (which, when, prop_oneof![Just("a"), Just("b"), Just("c")], spends, allowances).prop_map(
        |((digest, account, nonce, level), until, origin, spends, (grant, pull, debts))| Entry {
            digest: B256::repeat_byte(digest),
            account: address(account),
            chain: nonce.map(|_| 1).or((digest % 2 == 0).then_some(1)),
            nonce,
            origin: origin.into(),
            level,
            at: 0,
            until: if nonce.is_some() { None } else { until },
            spends,
            grants: grant
                .map(|(a, to, amount, priced, adds)| Grant {
                    asset: asset(a),
                    spender: address(to),
                    amount: U256::from(amount),
                    usd: priced.then(|| Usd::from_micro(amount).unwrap()),
                    adds,
                    via: AllowanceVia::Erc20,
                })
                .into_iter()
                .collect(),
            pulls: pull
                .map(|(a, to, amount)| Pull { asset: asset(a), spender: address(to), amount: U256::from(amount) })
                .into_iter()
                .collect(),
            debts: debts
                .into_iter()
                .map(|(pool, line, usd, draws)| {
                    let (drawn, repaid) = if draws { (usd, Usd::ZERO) } else { (Usd::ZERO, usd) };
                    Debt { pool: address(pool), line: U256::from(line), drawn, repaid }
                })
                .collect(),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![5 => 0..HOUR, 3 => 0..2 * DAY, 1 => 0..2 * MONTH, 1 => 0..8 * MONTH];
    prop_oneof![
        10 => (after, entry()).prop_map(|(after, entry)| Step::Sign(after, entry)),
        2 => any::<prop::sample::Index>().prop_map(Step::Release),
        2 => (-3 * MONTH as i64..3 * MONTH as i64).prop_map(Step::Advance),
        1 => Just(Step::Compact),
    ]
}

/// All that a decision asks of a ledger.
fn same(ledger: &Ledger, plain: &Plain, now: u64, entry: &Entry) -> Result<(), TestCaseError> {
    match (ledger.before(now, entry), plain.before(now, entry)) {
        (Ok(kept), Ok(added)) => prop_assert_eq!(kept, added),
        (Err(_), Err(_)) => {}
        (kept, added) => prop_assert!(false, "{:?} is not {:?}", kept, added),
    }
    for account in 1..3 {
        for chain in [Some(1), None] {
            let kept = ledger.outstanding(now, address(account), chain, entry.group());
            prop_assert_eq!(kept, plain.outstanding(now, address(account), chain, entry.group()));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("PARLANCE_SOAK").is_some() { 20_000 } else { 500 }))]

    /// The kept sums are what adding up all entries gives, whatever was signed, replaced and given back, and at
    /// whatever moment one looks: before, after, in any order.
    #[test]
    fn kept_sums_are_the_sums(steps in proptest::collection::vec(step(), 1..60), looks in proptest::collection::vec((entry(), -(2 * MONTH as i64)..2 * MONTH as i64), 1..6)) {
        let (mut ledger, mut plain) = (Ledger::default(), Plain::default());
        let mut now = 1_800_000_000;
        for step in steps {
            match step {
                Step::Sign(after, entry) => {
                    now += after;
                    let entry = Entry { at: now, until: entry.until.map(|u| now + u), ..entry };
                    same(&ledger, &plain, now, &entry)?;
                    ledger.reserve(entry.clone());
                    plain.0.push((entry, false));
                }
                Step::Release(index) if !plain.0.is_empty() => {
                    let digest = index.get(&plain.0).0.digest;
                    prop_assert!(ledger.release(digest));
                    plain.0.iter_mut().filter(|(e, _)| e.digest == digest).for_each(|(_, released)| *released = true);
                }
                Step::Advance(by) => ledger.advance(now.saturating_add_signed(by)),
                Step::Release(_) | Step::Compact => {}
            }
            for who in 10..13 {
                prop_assert_eq!(ledger.paid(address(who)).count, plain.paid(address(who)));
            }
        }
        for (entry, away) in looks {
            same(&ledger, &plain, now.saturating_add_signed(away), &Entry { at: now, ..entry })?;
        }
    }

    /// A ledger whose settled entries were thrown away answers as one that kept them all; only what was settled itself
    /// is not known any more, and its nonces are used up for good.
    #[test]
    fn what_is_thrown_away_is_not_missed(steps in proptest::collection::vec(step(), 1..60), looks in proptest::collection::vec(entry(), 1..6)) {
        let (mut whole, mut short) = (Ledger::default(), Ledger::default());
        let mut now = 1_800_000_000;
        let mut gone: BTreeSet<GroupKey> = BTreeSet::new();
        let groups = |ledger: &Ledger| ledger.entries().map(|(e, _)| e.group()).collect::<BTreeSet<_>>();
        for step in steps {
            match step {
                Step::Sign(after, entry) => {
                    now += after;
                    let entry = Entry { at: now, until: entry.until.map(|u| now + u), ..entry };
                    if !gone.contains(&entry.group()) {
                        whole.reserve(entry.clone());
                        short.reserve(entry);
                    }
                }
                Step::Release(index) => {
                    let left: Vec<_> = short.entries().map(|(e, _)| e.digest).collect();
                    // A digest is signed once in earnest; here one may be in several groups.
                    let all_there = |d: &B256| !whole.entries().any(|(e, _)| e.digest == *d && gone.contains(&e.group()));
                    if let Some(digest) = (!left.is_empty()).then(|| *index.get(&left)).filter(all_there) {
                        prop_assert_eq!(whole.release(digest), short.release(digest));
                    }
                }
                Step::Advance(by) => short.advance(now.saturating_add_signed(by)),
                Step::Compact => {
                    let before = groups(&short);
                    let remains = short.remains(now);
                    let text = serde_json::to_vec(&remains).unwrap();
                    short = Ledger::restore(serde_json::from_slice(&text).unwrap());
                    gone.extend(before.difference(&groups(&short)));
                    for key in &gone {
                        let mut signed = whole.entries().filter(|(e, _)| e.group() == *key);
                        prop_assert!(signed.all(|(e, _)| e.at + 3 * MONTH <= now), "{key:?} is too young");
                        if let GroupKey::Nonce { account, chain, nonce } = key {
                            prop_assert!(short.nonce(*account, *chain, *nonce).is_err());
                        }
                    }
                }
            }
            for account in 1..3 {
                prop_assert_eq!(whole.next_nonce(address(account), 1), short.next_nonce(address(account), 1));
            }
            for who in 10..13 {
                prop_assert_eq!(whole.paid(address(who)), short.paid(address(who)));
            }
            prop_assert!(whole.live_grants().eq(short.live_grants()));
        }
        for entry in looks.into_iter().map(|e| Entry { at: now, until: e.until.map(|u| now + u), ..e }).filter(|e| !gone.contains(&e.group())) {
            match (whole.before(now, &entry), short.before(now, &entry)) {
                (Ok(a), Ok(b)) => prop_assert_eq!(a, b),
                (Err(_), Err(_)) => {}
                (a, b) => prop_assert!(false, "{:?} is not {:?}", a, b),
            }
            prop_assert_eq!(whole.orphaned(&entry), short.orphaned(&entry));
            for a in 0..3 {
                for who in 10..13 {
                    let of = |l: &Ledger| l.reserved_for(entry.group(), entry.account, asset(a), address(who));
                    prop_assert_eq!(of(&whole), of(&short));
                }
            }
            for account in 1..3 {
                for chain in [Some(1), None] {
                    let of = |l: &Ledger| l.outstanding(now, address(account), chain, entry.group());
                    prop_assert_eq!(of(&whole), of(&short));
                }
            }
        }
    }
}

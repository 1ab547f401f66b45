//! No interleaving of signing, replacing, crashing and waiting exceeds a limit.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::world::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Pay so many cents at the next nonce.
    Pay(u64),
    /// Replace the n-th latest transaction by a payment of so many cents.
    Replace(u64, u64),
    /// Pay so many cents by signature.
    Signature(u64),
    /// Draw so many cents on a credit line at the next nonce.
    Draw(u64),
    /// Replace the n-th latest transaction by a draw of so many cents.
    DrawInstead(u64, u64),
    /// Kill and start again.
    Crash,
    /// Let so many minutes pass.
    Wait(u64),
    /// Somebody sets the wall clock, so many hours off.
    Clock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u64..900).prop_map(Step::Pay),
        3 => (0u64..3, 1u64..900).prop_map(|(n, c)| Step::Replace(n, c)),
        2 => (1u64..900).prop_map(Step::Signature),
        3 => (1u64..900).prop_map(Step::Draw),
        2 => (0u64..3, 1u64..900).prop_map(|(n, c)| Step::DrawInstead(n, c)),
        1 => Just(Step::Crash),
        2 => (1u64..600).prop_map(Step::Wait),
        1 => (-100i64..100).prop_map(Step::Clock),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var("PARLANCE_SOAK").is_ok() { 400 } else { 24 }))]

    #[test]
    fn limits_hold(steps in proptest::collection::vec(step(), 1..40)) {
        const LIMIT: u64 = 2000;
        const BORROWED: u64 = 1500;
        const OWED: u64 = 4000;
        let mut world = World::new(agreeable);
        world.rules(&format!("{}\n{}", daily(LIMIT / 100), borrowing(BORROWED / 100, OWED / 100)));
        world.person(stubborn);
        let mut elapsed = 0u64;
        let mut next = 0u64;
        let mut salt = 0u64;
        // Highest amount and latest time for each nonce; each signature for itself.
        let mut groups: BTreeMap<(bool, u64), (u64, u64)> = BTreeMap::new();
        // The same for draws; and all that was ever drawn.
        let mut draws: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for step in steps {
            let mut signed = |world: &World, key: (bool, u64), cents: u64, payload| {
                let ok = world.sign(payload).is_ok();
                if ok {
                    let group = groups.entry(key).or_insert((0, 0));
                    *group = (group.0.max(cents), elapsed);
                }
                ok
            };
            match step {
                Step::Pay(cents) => {
                    if signed(&world, (true, next), cents, pay(next, STRANGER, cents)) {
                        next += 1;
                    }
                }
                Step::Replace(back, cents) if next > back => {
                    let nonce = next - 1 - back;
                    signed(&world, (true, nonce), cents, pay(nonce, ALICE, cents));
                }
                Step::Replace(..) => {}
                Step::Signature(cents) => {
                    salt += 1;
                    signed(&world, (false, salt), cents, x402(STRANGER, cents, T0 + elapsed + 60, salt));
                }
                Step::Draw(cents) => {
                    if world.sign(draw(next, 1, DEMO, cents)).is_ok() {
                        draws.insert(next, (cents, elapsed));
                        next += 1;
                    }
                }
                Step::DrawInstead(back, cents) if next > back => {
                    let nonce = next - 1 - back;
                    if world.sign(draw(nonce, 1, DEMO, cents)).is_ok() {
                        let most = draws.get(&nonce).map_or(0, |(cents, _)| *cents).max(cents);
                        draws.insert(nonce, (most, elapsed));
                    }
                }
                Step::DrawInstead(..) => {}
                Step::Crash => world.restart(),
                Step::Wait(minutes) => {
                    elapsed += minutes * 60;
                    world.clock.pass(minutes * 60);
                    world.unlock();
                }
                Step::Clock(hours) => {
                    let wall = T0.checked_add_signed(hours * 3600).unwrap();
                    world.clock.set_wall(wall);
                }
            }
            let window: u64 = groups.values().filter(|(_, at)| elapsed - at < 86_400).map(|(cents, _)| cents).sum();
            prop_assert!(window <= LIMIT, "{window} cents within a day after {step:?}");
            let borrowed: u64 = draws.values().filter(|(_, at)| elapsed - at < 86_400).map(|(cents, _)| cents).sum();
            prop_assert!(borrowed <= BORROWED, "{borrowed} cents borrowed within a day after {step:?}");
            let owed: u64 = draws.values().map(|(cents, _)| cents).sum();
            prop_assert!(owed <= OWED, "{owed} cents owed after {step:?}");
        }
    }
}

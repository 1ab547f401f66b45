//! How long it takes from a data folder to a signer that can sign, with 10,000 rows in its ledger: as they were written, and
//! once a snapshot has taken the place of what is settled. The key derivation is the cheap one of tests in both.

use std::sync::atomic::Ordering;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

#[path = "../tests/ledger/world.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod world;

use parlance_signer_core::ledger::MONTH;
use parlance_signer_core::state::LONG;
use parlance_signer_protocol::Outcome;
use world::{ALICE, World, agreeable, daily, pay, stubborn};

const ROWS: u64 = 10_000;
/// As in the signer that people get.
const LONG_FOR_PEOPLE: u64 = 2_000;

/// A ledger of a year, evenly.
fn year() -> World {
    LONG.store(u64::MAX, Ordering::Relaxed);
    let mut world = World::new(agreeable);
    world.rules(&daily(1_000_000));
    world.person(stubborn);
    for nonce in 0..ROWS {
        if nonce % 400 == 399 {
            // No more than 512 may be outstanding in an hour.
            world.clock.pass(MONTH * 12 * 400 / ROWS);
            world.unlock();
        }
        world.sign(pay(nonce, ALICE, 1)).expect("signed");
    }
    world.stop();
    world
}

type Files = Vec<(std::path::PathBuf, Vec<u8>)>;

fn files(world: &World) -> Files {
    let entries = std::fs::read_dir(world.path("")).expect("readable").map(|entry| entry.expect("readable").path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), std::fs::read(path).expect("readable"))).collect()
}

fn put_back(world: &World, files: &Files) {
    for path in self::files(world).into_iter().map(|(path, _)| path) {
        std::fs::remove_file(path).expect("removed");
    }
    files.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).expect("written"));
    *world.keyring.lock().expect("no panic there") = 0;
}

fn start(c: &mut Criterion) {
    let mut world = year();
    let long = files(&world);
    let mut group = c.benchmark_group("start with a ledger of 10,000 signatures");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    let mut measure = |name: &str, world: &mut World, files: &Files| {
        let world = std::cell::RefCell::new(world);
        group.bench_function(name, |b| {
            b.iter_batched(
                || {
                    let mut world = world.borrow_mut();
                    world.stop();
                    put_back(&world, files);
                },
                |()| {
                    let mut world = world.borrow_mut();
                    world.start().expect("starts");
                    world.unlock();
                },
                BatchSize::PerIteration,
            );
        });
        let mut world = world.borrow_mut();
        assert_eq!(world.level(pay(ROWS, ALICE, 1)), Outcome::Allow);
        world.stop();
    };
    measure("as it was written", &mut world, &long);
    LONG.store(LONG_FOR_PEOPLE, Ordering::Relaxed);
    measure("the start that makes it short", &mut world, &long);
    let short = files(&world);
    measure("once it is short", &mut world, &short);
    group.finish();
}

criterion_group!(benches, start);
criterion_main!(benches);

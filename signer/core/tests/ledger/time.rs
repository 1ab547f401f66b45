//! Clocks that jump.

use std::sync::Arc;

use parlance_signer_core::clock::ManualClock;
use parlance_signer_protocol::Outcome;

use super::world::*;

fn limited() -> World {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.person(agreeable);
    world.sign(pay(0, ALICE, 1500)).unwrap();
    assert_eq!(world.level(pay(1, ALICE, 1000)), Outcome::Click);
    assert_eq!(world.level(pay(1, ALICE, 100)), Outcome::Allow);
    world
}

#[test]
fn a_jump_forward_frees_nothing_and_asks() {
    let world = limited();
    world.clock.set_wall(T0 + 30 * 86_400);
    let decided = world.decide(pay(1, ALICE, 1000));
    assert_eq!(decided.outcome, Outcome::Click);
    assert_eq!(world.level(pay(1, ALICE, 100)), Outcome::Click, "a doubtful clock asks about everything");
    // Once a person has approved under that clock, it is believed.
    world.sign(pay(1, ALICE, 100)).unwrap();
    assert_eq!(world.level(pay(2, ALICE, 1000)), Outcome::Allow);
}

#[test]
fn a_jump_back_frees_nothing_either() {
    let world = limited();
    world.clock.set_wall(T0 - 30 * 86_400);
    assert_eq!(world.level(pay(1, ALICE, 100)), Outcome::Click);
    world.sign(pay(1, ALICE, 100)).unwrap();
    assert_eq!(world.level(pay(2, ALICE, 1000)), Outcome::Click);
    assert_eq!(world.level(pay(2, ALICE, 100)), Outcome::Allow);
}

#[test]
fn a_reboot_with_a_clock_far_ahead_frees_nothing_before_a_click() {
    let mut world = limited();
    world.stop();
    world.clock = Arc::new(ManualClock::new(T0 + 3 * 86_400, "boot b", 5));
    world.restart();
    assert_eq!(world.level(pay(1, ALICE, 100)), Outcome::Click);
    world.sign(pay(1, ALICE, 100)).unwrap();
    assert_eq!(world.level(pay(2, ALICE, 1000)), Outcome::Allow);
}

#[test]
fn a_restart_on_the_same_boot_follows_the_boot_clock() {
    let mut world = limited();
    world.stop();
    world.clock.set_wall(T0 + 3 * 86_400);
    world.restart();
    assert_eq!(world.level(pay(1, ALICE, 1000)), Outcome::Click);
    world.clock.set_wall(T0 + 12 * 3600);
    world.clock.pass(12 * 3600);
    world.unlock();
    assert_ne!(world.level(pay(1, ALICE, 1000)), Outcome::Allow);
}

#[test]
fn windows_run_out_with_the_boot_clock() {
    let world = limited();
    world.clock.pass(86_399);
    world.unlock();
    assert_eq!(world.level(pay(1, ALICE, 1000)), Outcome::Click);
    world.clock.pass(1);
    assert_eq!(world.level(pay(1, ALICE, 1000)), Outcome::Allow);
}

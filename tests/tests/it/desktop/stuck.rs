//! A transaction that waits is replaced from its card.

use parlance_tests::{
    desktop::{Desktop, names::last_turn},
    world::World,
};

const WAITS: &str = "waiting for a block";

#[test]
fn a_transaction_that_waits_is_sped_up_from_its_card() {
    let world = World::without_blocks();
    let app = Desktop::start("stuck", &world.data());
    app.unlock();
    app.say("wrap 0.1 eth");
    app.see_answer(WAITS);
    app.press("Speed up");
    app.wait("both to wait", || app.shown(&last_turn(WAITS)).is_some_and(|told| told.matches(WAITS).count() == 2));
    world.mine();
    app.see_answer("Done: Wrap 0.1 ETH");
    // The first one says what became of it.
    let told = app.see_answer("replaced by 0x");
    assert!(told.contains("Whichever of the two gets into a block first counts"), "{told}");
    app.go("Activity");
    app.see("//main//li[contains(., 'Wrap 0.1 ETH')]");
    app.see_no_more("(//main//li[contains(., 'Wrap 0.1 ETH')])[2]");
}

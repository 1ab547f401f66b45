//! A transaction that waits is replaced from its card.

use parlance_tests::{desktop::Desktop, world::World};

#[test]
fn a_transaction_that_waits_is_sped_up_from_its_card() {
    // Long enough for a person before the next block.
    let world = World::with_blocks_every(60);
    let app = Desktop::start("stuck", &world.data());
    app.unlock();
    app.say("wrap 0.1 eth");
    app.see_answer("not in a block yet");
    app.press("Speed up");
    let told = app.see_answer("Done: Wrap 0.1 ETH");
    assert!(told.contains("replaced by 0x"), "the first one says what became of it: {told}");
    assert!(told.contains("Whichever of the two gets into a block first counts"), "{told}");
    app.go("Activity");
    app.see("//main//li[contains(., 'Wrap 0.1 ETH')]");
    app.see_no_more("(//main//li[contains(., 'Wrap 0.1 ETH')])[2]");
}

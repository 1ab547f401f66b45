// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation} from "../src/Attestation.sol";
import {Attesters} from "../src/Attesters.sol";
import {CreditPool, Setup} from "../src/CreditPool.sol";
import {Timelocked} from "../src/Timelocked.sol";
import {World} from "./support/World.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Sets of attesters, caps, and who may change them when.
contract AttestersTest is World {
    function _rotate(uint256[] memory to, uint256 threshold) private {
        bytes memory call = abi.encodeCall(pool.setAttesters, (addresses(to), threshold));
        vm.prank(owner);
        pool.propose(call);
        skip(DELAY);
        vm.prank(owner);
        pool.setAttesters(addresses(to), threshold);
    }

    function _raise(bytes32 backer_, uint256 cap) private {
        vm.prank(owner);
        pool.propose(abi.encodeCall(pool.setCap, (backer_, cap)));
        skip(DELAY);
        vm.prank(owner);
        pool.setCap(backer_, cap);
    }

    function test_rotation_starts_a_new_epoch() public {
        Attestation memory old = offer(bob, 10_000 * USD);
        bytes[] memory signatures = sign(pool, old);
        uint256 id = open(pool, offer(carol, 10_000 * USD));
        deposit(pool, lp, 100_000 * USD);

        uint256[] memory next = sortedKeys(100);
        _rotate(next, 2);
        vm.assertEq(pool.epoch(), 2, "epoch");
        vm.assertTrue(!pool.isAttester(vm.addr(keys[0])) && pool.isAttester(vm.addr(next[0])), "members");
        vm.expectRevert(abi.encodeWithSelector(Attesters.WrongEpoch.selector, 1, 2));
        vm.prank(bob);
        pool.open(old, notaries(), signatures);
        // The old set signs for the new epoch in vain.
        Attestation memory a = offer(bob, 10_000 * USD);
        openFails(a, abi.encodeWithSelector(Attesters.NotAttester.selector, 0, vm.addr(keys[0])));
        // The new set has no caps yet.
        keys = next;
        openFails(a, abi.encodeWithSelector(Attesters.CapExceeded.selector, backer(vm.addr(keys[0])), 10_000 * USD, 0));
        _raise(backer(vm.addr(keys[0])), CAP);
        _raise(backer(vm.addr(keys[1])), CAP);
        open(pool, offer(bob, 10_000 * USD));
        // Open lines go on.
        draw(id, carol, 100 * USD);
    }

    function test_loosening_waits() public {
        bytes32 notary = keccak256("new notary");
        vm.startPrank(owner);
        bytes memory call = abi.encodeCall(pool.setCap, (notary, CAP));
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotProposed.selector, keccak256(call)));
        pool.setCap(notary, CAP);
        pool.propose(call);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotReady.selector, keccak256(call), block.timestamp + DELAY));
        pool.setCap(notary, CAP);
        address[] memory next = addresses(sortedKeys(7));
        vm.expectPartialRevert(Timelocked.NotProposed.selector);
        pool.setAttesters(next, 1);
        vm.stopPrank();
        // The guardian can stop it.
        vm.prank(guardian);
        pool.cancel(keccak256(call));
        skip(DELAY);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotProposed.selector, keccak256(call)));
        vm.prank(owner);
        pool.setCap(notary, CAP);
    }

    function test_tightening_does_not_wait() public {
        vm.prank(guardian);
        pool.lowerCap(NOTARY_A, 5_000 * USD);
        openFails(
            offer(bob, 10_000 * USD),
            abi.encodeWithSelector(Attesters.CapExceeded.selector, NOTARY_A, 10_000 * USD, 5_000 * USD)
        );
        open(pool, offer(bob, 5_000 * USD));
        vm.expectRevert(abi.encodeWithSelector(Attesters.CapNotLower.selector, 5_000 * USD, 5_000 * USD));
        vm.prank(owner);
        pool.lowerCap(NOTARY_A, 5_000 * USD);
    }

    function test_strangers_change_nothing() public {
        bytes memory denied = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, bob);
        bytes memory stopper = abi.encodeWithSelector(Attesters.NotOwnerOrGuardian.selector, bob);
        vm.startPrank(bob);
        vm.expectRevert(denied);
        pool.propose("");
        vm.expectRevert(denied);
        pool.setCap(NOTARY_A, CAP);
        vm.expectRevert(denied);
        pool.setAttesters(addresses(keys), 1);
        vm.expectRevert(denied);
        pool.setGuardian(bob);
        vm.expectRevert(denied);
        pool.unpause();
        vm.expectRevert(stopper);
        pool.pause();
        vm.expectRevert(stopper);
        pool.lowerCap(NOTARY_A, 0);
        vm.expectRevert(stopper);
        pool.cancel(0);
        vm.expectRevert(abi.encodeWithSelector(Attesters.MayNotRevoke.selector, bob));
        pool.revokeLine(1);
        vm.stopPrank();
        // The guardian only stops things.
        denied = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, guardian);
        vm.startPrank(guardian);
        vm.expectRevert(denied);
        pool.propose("");
        pool.pause();
        vm.expectRevert(denied);
        pool.unpause();
    }

    function test_caps_bound_the_sum_of_lines() public {
        vm.prank(owner);
        pool.lowerCap(NOTARY_B, 15_000 * USD);
        uint256 id = open(pool, offer(bob, 10_000 * USD));
        vm.assertEq(pool.exposureOf(NOTARY_B), 10_000 * USD, "exposure");
        vm.assertEq(pool.exposureOf(backer(vm.addr(keys[0]))), 10_000 * USD, "signers answer for it");
        vm.assertEq(pool.exposureOf(backer(vm.addr(keys[2]))), 0, "others don't");
        openFails(
            offer(carol, 6_000 * USD),
            abi.encodeWithSelector(Attesters.CapExceeded.selector, NOTARY_B, 16_000 * USD, 15_000 * USD)
        );
        vm.prank(bob);
        pool.close(id);
        vm.assertEq(pool.exposureOf(NOTARY_B), 0, "freed");
        open(pool, offer(carol, 6_000 * USD));
    }

    /// @notice A stopped line counts with what is lent only, and less with each payment.
    function test_exposure_follows_a_stopped_line() public {
        uint256 id = lineWith(4_000 * USD);
        vm.assertEq(pool.exposureOf(NOTARY_A), 10_000 * USD, "limit");
        vm.prank(guardian);
        pool.revokeLine(id);
        vm.assertEq(pool.exposureOf(NOTARY_A), 4_000 * USD, "principal");
        repay(id, bob, 1_000 * USD);
        vm.assertEq(pool.exposureOf(NOTARY_A), 3_000 * USD, "less principal");
        repay(id, bob, 3_000 * USD);
        pool.close(id);
        vm.assertEq(pool.exposureOf(NOTARY_A), 0, "nothing");
    }

    /// @notice Caps that were lowered under what is lent never stop a repayment.
    function test_repaying_needs_no_cap() public {
        uint256 id = lineWith(4_000 * USD);
        vm.prank(guardian);
        pool.lowerCap(NOTARY_A, 0);
        repay(id, bob, 1_000 * USD);
        vm.assertEq(pool.exposureOf(NOTARY_A), 10_000 * USD, "still drawable");
        skip(366 days);
        repay(id, bob, 1_000 * USD);
        repay(id, bob, debt(id));
        pool.close(id);
        vm.assertEq(pool.exposureOf(NOTARY_A), 0, "nothing");
    }

    function test_bad_sets_are_refused() public {
        Setup memory setup = setupOf(IERC20(address(usdc)), registry);
        setup.threshold = 0;
        vm.expectRevert(abi.encodeWithSelector(Attesters.BadAttesterSet.selector, 3, 0));
        new CreditPool(setup);
        setup.threshold = 4;
        vm.expectRevert(abi.encodeWithSelector(Attesters.BadAttesterSet.selector, 3, 4));
        new CreditPool(setup);
        setup.threshold = 2;
        setup.attesters[1] = setup.attesters[0];
        vm.expectRevert(abi.encodeWithSelector(Attesters.NotAscending.selector, 1));
        new CreditPool(setup);
        setup.attesters[0] = address(0);
        vm.expectRevert(abi.encodeWithSelector(Attesters.NotAscending.selector, 0));
        new CreditPool(setup);
        setup.attesters = new address[](9);
        vm.expectRevert(abi.encodeWithSelector(Attesters.BadAttesterSet.selector, 9, 2));
        new CreditPool(setup);
        setup = setupOf(IERC20(address(usdc)), registry);
        setup.caps = new uint256[](1);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.CapsMismatch.selector, 5, 1));
        new CreditPool(setup);
        setup = setupOf(IERC20(bob), registry);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.NoAsset.selector, bob));
        new CreditPool(setup);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NullifierRegistry} from "../src/NullifierRegistry.sol";
import {Timelocked} from "../src/Timelocked.sol";
import {World} from "./support/World.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @notice The registry alone; this contract plays pools.
contract RegistryTest is World {
    bytes32 private constant N = keccak256("nullifier");

    function test_only_registered_pools_claim() public {
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NotRegistered.selector, bob));
        vm.prank(bob);
        registry.claim(SCOPE, N, 1);
    }

    function test_zero_is_no_nullifier() public {
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.EmptyNullifier.selector));
        vm.prank(address(pool));
        registry.claim(SCOPE, 0, 1);
    }

    function test_one_line_at_a_time_over_all_pools() public {
        vm.prank(address(pool));
        registry.claim(SCOPE, N, 1);
        vm.assertTrue(!registry.isFree(SCOPE, N), "held");
        address[2] memory pools = [address(pool), address(other)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NullifierHeld.selector, address(pool), 1));
            vm.prank(pools[i]);
            registry.claim(SCOPE, N, 2);
        }
        // Another scope is another account.
        vm.prank(address(other));
        registry.claim("elsewher", N, 2);
    }

    function test_free_after_release_and_cool_down() public {
        vm.prank(address(pool));
        registry.claim(SCOPE, N, 1);
        vm.prank(address(pool));
        registry.release(SCOPE, N);
        skip(COOL_DOWN - 1);
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NullifierCoolingDown.selector, block.timestamp + 1));
        vm.prank(address(other));
        registry.claim(SCOPE, N, 7);
        skip(1);
        vm.assertTrue(registry.isFree(SCOPE, N), "free");
        vm.prank(address(other));
        registry.claim(SCOPE, N, 7);
        NullifierRegistry.Entry memory entry = registry.entryOf(SCOPE, N);
        vm.assertEq(entry.pool, address(other), "holder");
        vm.assertEq(entry.line, 7, "line");
        vm.assertTrue(!registry.isFree(SCOPE, N), "held again");
    }

    function test_only_the_holder_releases_and_only_once() public {
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NotHolder.selector, address(pool), address(0)));
        vm.prank(address(pool));
        registry.release(SCOPE, N);
        vm.prank(address(pool));
        registry.claim(SCOPE, N, 1);
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NotHolder.selector, address(other), address(pool)));
        vm.prank(address(other));
        registry.release(SCOPE, N);
        vm.prank(address(pool));
        registry.release(SCOPE, N);
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NotHolder.selector, address(pool), address(0)));
        vm.prank(address(pool));
        registry.release(SCOPE, N);
    }

    function test_a_removed_pool_releases_but_claims_no_more() public {
        vm.prank(address(pool));
        registry.claim(SCOPE, N, 1);
        vm.prank(owner);
        registry.removePool(address(pool));
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NotRegistered.selector, address(pool)));
        vm.prank(address(pool));
        registry.claim(SCOPE, keccak256("second"), 2);
        vm.prank(address(pool));
        registry.release(SCOPE, N);
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NotRegistered.selector, address(pool)));
        vm.prank(owner);
        registry.removePool(address(pool));
    }

    function test_a_new_pool_waits_for_the_time_lock() public {
        bytes memory call = abi.encodeCall(registry.registerPool, (carol));
        bytes32 change = keccak256(call);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotProposed.selector, change));
        registry.registerPool(carol);

        registry.propose(call);
        uint256 ready = block.timestamp + DELAY;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotReady.selector, change, ready));
        registry.registerPool(carol);
        // Another pool than the proposed one.
        vm.warp(ready);
        vm.expectRevert(
            abi.encodeWithSelector(
                Timelocked.NotProposed.selector, keccak256(abi.encodeCall(registry.registerPool, (bob)))
            )
        );
        registry.registerPool(bob);
        registry.registerPool(carol);
        vm.assertTrue(registry.registered(carol), "registered");
        // A proposal is used up.
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotProposed.selector, change));
        registry.registerPool(carol);
    }

    function test_proposals_expire_and_can_be_cancelled() public {
        bytes memory call = abi.encodeCall(registry.registerPool, (carol));
        bytes32 change = keccak256(call);
        vm.startPrank(owner);
        registry.propose(call);
        uint256 until = block.timestamp + DELAY + registry.WINDOW();
        vm.warp(until + 1);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.ProposalExpired.selector, change, until));
        registry.registerPool(carol);
        registry.cancel(change);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotProposed.selector, change));
        registry.registerPool(carol);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotProposed.selector, change));
        registry.cancel(change);
    }

    function test_only_the_owner_changes_it() public {
        bytes memory denied = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, bob);
        bytes memory call = abi.encodeCall(registry.registerPool, (bob));
        vm.startPrank(bob);
        vm.expectRevert(denied);
        registry.propose(call);
        vm.expectRevert(denied);
        registry.registerPool(bob);
        vm.expectRevert(denied);
        registry.removePool(address(pool));
        vm.expectRevert(denied);
        registry.cancel(keccak256(call));
    }

    function test_bad_settings_are_refused() public {
        address[] memory none = new address[](0);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.DelayTooShort.selector, 1 days - 1));
        new NullifierRegistry(owner, 1 days - 1, COOL_DOWN, none);
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.CoolDownTooLong.selector, 365 days + 1));
        new NullifierRegistry(owner, DELAY, 365 days + 1, none);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CreditPool} from "../src/CreditPool.sol";
import {FeeToken, HookToken, PlayUsdc} from "./support/Tokens.sol";
import {World} from "./support/World.sol";

/// @notice Tokens that keep a part of what is moved are refused wherever they move.
contract FeeTokenTest is World {
    function makeToken() internal override returns (PlayUsdc) {
        return new FeeToken();
    }

    function test_deposits_are_refused() public {
        usdc.mint(lp, 100 * USD);
        vm.startPrank(lp);
        usdc.approve(address(pool), 100 * USD);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.UnexpectedTransfer.selector, 99 * USD, 100 * USD));
        pool.deposit(100 * USD, lp);
    }

    function test_what_leaves_costs_no_more_than_it_says() public {
        FeeToken(address(usdc)).setOnTop(true);
        usdc.mint(lp, 1 * USD);
        uint256 id = _lend();
        vm.expectRevert(abi.encodeWithSelector(CreditPool.UnexpectedTransfer.selector, 101 * USD, 100 * USD));
        vm.prank(bob);
        pool.draw(id, 100 * USD, bob);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.UnexpectedTransfer.selector, 101 * USD, 100 * USD));
        vm.prank(lp);
        pool.withdraw(100 * USD, lp, lp);
    }

    function _lend() private returns (uint256) {
        usdc.mint(lp, 2_000 * USD);
        vm.startPrank(lp);
        usdc.approve(address(pool), 1_000 * USD);
        pool.deposit(1_000 * USD, lp);
        vm.stopPrank();
        return open(pool, offer(bob, 1_000 * USD));
    }
}

/// @notice Tokens that call back find a pool that lets nobody in, and prices that were true before or after.
contract HookTokenTest is World {
    function makeToken() internal override returns (PlayUsdc) {
        return new HookToken();
    }

    function _hook(bytes memory call) private {
        HookToken(address(usdc)).hook(address(pool), call);
    }

    function _unhook() private {
        HookToken(address(usdc)).hook(address(0), "");
    }

    function test_nobody_enters_twice() public {
        uint256 id = lineWith(1_000 * USD);
        usdc.mint(address(usdc), 10_000 * USD);
        vm.prank(address(usdc));
        usdc.approve(address(pool), type(uint256).max);
        bytes[7] memory calls = [
            abi.encodeCall(pool.repay, (id, 1)),
            abi.encodeCall(pool.repayAll, (id, type(uint256).max)),
            abi.encodeCall(pool.deposit, (1, lp)),
            abi.encodeCall(pool.mint, (1, lp)),
            abi.encodeCall(pool.redeem, (0, lp, address(usdc))),
            abi.encodeCall(pool.close, (id)),
            abi.encodeCall(pool.writeOff, (id))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _hook(calls[i]);
            draw(id, bob, USD);
            vm.assertTrue(!HookToken(address(usdc)).succeeded(), vm.toString(i));
            _unhook();
            // The same calls outside of a transfer: the first five work, so the guard made the difference.
            if (i < 5) {
                vm.prank(address(usdc));
                (bool ok,) = address(pool).call(i == 1 ? calls[0] : calls[i]);
                vm.assertTrue(ok, "works outside");
            }
        }
    }

    function test_prices_seen_from_within_are_not_lower() public {
        uint256 id = lineWith(1_000 * USD);
        skip(10 days);
        uint256 price = pool.convertToAssets(1e18);
        _hook(abi.encodeCall(pool.convertToAssets, (1e18)));
        draw(id, bob, 100 * USD);
        vm.assertGe(HookToken(address(usdc)).seen(), price, "while drawing");
        repay(id, bob, 50 * USD);
        vm.assertGe(HookToken(address(usdc)).seen(), price, "while repaying");
        deposit(pool, lp2, 50 * USD);
        vm.assertGe(HookToken(address(usdc)).seen(), price, "while depositing");
        vm.prank(lp2);
        pool.withdraw(20 * USD, lp2, lp2);
        vm.assertGe(HookToken(address(usdc)).seen(), price, "while leaving");
    }
}

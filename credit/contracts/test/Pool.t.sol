// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CreditPool} from "../src/CreditPool.sol";
import {Status} from "../src/Line.sol";
import {World} from "./support/World.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @notice The liquidity providers' side.
contract PoolTest is World {
    function _redeemAll(address who) private returns (uint256 assets) {
        uint256 shares = pool.maxRedeem(who);
        vm.prank(who);
        return pool.redeem(shares, who, who);
    }

    function test_shares_and_decimals() public {
        vm.assertEq(pool.decimals(), 12, "six of the dollar and six of the shares");
        uint256 shares = deposit(pool, lp, 100 * USD);
        vm.assertEq(shares, 100 * 1e12, "one to one");
        vm.assertEq(_redeemAll(lp), 100 * USD, "and back");
    }

    function test_mint_and_withdraw() public {
        usdc.mint(lp, 100 * USD);
        vm.startPrank(lp);
        usdc.approve(address(pool), type(uint256).max);
        vm.assertEq(pool.mint(50 * 1e12, lp), 50 * USD, "minted");
        vm.assertEq(pool.withdraw(20 * USD, lp, lp), 20 * 1e12, "burned");
        vm.stopPrank();
        vm.assertEq(usdc.balanceOf(lp), 70 * USD, "balance");
    }

    function test_leave_with_what_is_in_cash() public {
        uint256 id = lineWith(10_000 * USD);
        vm.assertEq(pool.maxWithdraw(lp), 90_000 * USD, "the cash");
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, lp, 90_000 * USD + 1, 90_000 * USD)
        );
        vm.prank(lp);
        pool.withdraw(90_000 * USD + 1, lp, lp);
        vm.assertEq(_redeemAll(lp), 90_000 * USD, "left with the cash");
        vm.assertEq(pool.maxRedeem(lp), 0, "nothing to take");
        repay(id, bob, 10_000 * USD);
        vm.assertEq(_redeemAll(lp), 10_000 * USD, "the rest later");
    }

    function test_interest_goes_to_those_who_were_there() public {
        uint256 id = lineWith(10_000 * USD);
        skip(73 days / 5);
        vm.assertEq(pool.totalAssets(), 100_048 * USD, "accrued");
        uint256 shares = deposit(pool, lp2, 50_000 * USD);
        repay(id, bob, debt(id));
        vm.assertApproxEqAbs(pool.previewRedeem(shares), 50_000 * USD, 1, "nothing for the newcomer");
        vm.assertApproxEqAbs(pool.previewRedeem(pool.balanceOf(lp)), 100_048 * USD, 1, "all for the first");
    }

    // Prices that nobody plays with

    /// @notice ERC-4626's classic: the first depositor donates to round the second one's shares to nothing.
    function testFuzz_donations_take_nothing_from_others(uint256 first, uint256 gift, uint256 second) public {
        first = between(first, 1, 1_000 * USD);
        gift = between(gift, 0, 1_000_000 * USD);
        second = between(second, 1, 1_000 * USD);
        deposit(pool, lp, first);
        usdc.mint(address(pool), gift);
        uint256 shares = deposit(pool, lp2, second);
        vm.assertEq(pool.totalAssets(), first + second, "gifts don't count");
        vm.assertEq(pool.previewRedeem(shares), second, "worth what was paid");
    }

    /// @notice Going in and out at once never gains, whatever state the lines are in.
    function testFuzz_in_and_out_gains_nothing(uint256 amount, uint256 drawn, uint256 time) public {
        amount = between(amount, 1, 1_000_000 * USD);
        lineWith(between(drawn, 1, 10_000 * USD));
        skip(between(time, 0, 100 days));
        uint256 left = pool.previewRedeem(pool.balanceOf(lp));
        deposit(pool, lp2, amount);
        vm.assertLe(_redeemAll(lp2), amount, "no gain");
        vm.assertGe(pool.previewRedeem(pool.balanceOf(lp)), left, "no loss for the others");
    }

    /// @notice A late borrower deposits, cures the line, and leaves: the recovered value is not theirs.
    function testFuzz_no_gain_from_depositing_before_a_cure(uint256 amount, uint256 late) public {
        amount = between(amount, USD, 10_000_000 * USD);
        uint256 id = lineWith(10_000 * USD);
        skip(CYCLE + GRACE + between(late, 1, DELINQUENCY));
        deposit(pool, bob, amount);
        repay(id, bob, debt(id));
        vm.assertLe(_redeemAll(bob), amount, "no gain");
    }

    /// @notice The same with a line in default, where the payment is a gain out of nothing: it comes slowly.
    function testFuzz_no_quick_gain_from_repaying_a_default(uint256 amount, bool written) public {
        amount = between(amount, USD, 10_000_000 * USD);
        uint256 id = lineWith(10_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY + 1);
        if (written) pool.writeOff(id);
        deposit(pool, bob, amount);
        repay(id, bob, debt(id));
        vm.assertLe(_redeemAll(bob), amount, "no gain");
        skip(RELEASE);
        vm.assertGe(pool.totalAssets(), 100_000 * USD, "the others have their money back");
    }

    function test_no_deposits_when_nothing_is_left() public {
        deposit(pool, lp, 10_000 * USD);
        uint256 id = open(pool, offer(bob, 10_000 * USD));
        draw(id, bob, 10_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY);
        vm.assertLe(1, pool.maxDeposit(lp2), "late but not lost: at full price");
        skip(1);
        vm.assertEq(pool.totalAssets(), 0, "wiped out");
        vm.assertEq(pool.maxDeposit(lp2), 0, "closed");
        repay(id, bob, 500 * USD);
        vm.assertLe(1, pool.maxDeposit(lp2), "open again");
        skip(RELEASE);
        vm.assertApproxEqAbs(_redeemAll(lp), 500 * USD, 1, "for those who bore the loss");
    }

    /// @notice What is held back and what is marked down later can't make the value negative.
    function test_markdown_after_a_recovery() public {
        deposit(pool, lp, 10_000 * USD);
        uint256 first = open(pool, offer(bob, 5_000 * USD));
        draw(first, bob, 5_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY - 1 days);
        uint256 second = open(pool, offer(carol, 5_000 * USD));
        draw(second, carol, 5_000 * USD);
        skip(2 days);
        repay(first, bob, 1_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY);
        repay(first, bob, 1_000 * USD);
        vm.assertEq(pool.totalAssets(), 1_000 * USD, "the first payment only");
        vm.assertEq(_redeemAll(lp), 1_000 * USD, "goes");
        vm.assertEq(pool.totalAssets(), 0, "the second is held back");
        skip(RELEASE);
        vm.assertEq(pool.totalAssets(), 1_000 * USD, "and released");
    }

    function test_many_late_lines_are_valued_within_gas() public {
        deposit(pool, lp, 100_000 * USD);
        for (uint160 i = 1; i <= 100; ++i) {
            uint256 id = open(pool, offer(address(0x10000 + i), 100 * USD));
            draw(id, address(0x10000 + i), 100 * USD);
        }
        skip(CYCLE);
        uint256 gas = gasleft();
        pool.totalAssets();
        vm.assertLe(gas - gasleft(), 30_000, "none late: cheap");
        skip(GRACE + DELINQUENCY / 2);
        gas = gasleft();
        vm.assertApproxEqAbs(pool.totalAssets(), 95_000 * USD, 200 * USD, "half marked down");
        vm.assertLe(gas - gasleft(), 100 * 12_000, "12,000 a late line");
        gas = gasleft();
        _redeemAll(lp);
        vm.assertLe(gas - gasleft(), 100 * 12_000, "and as much for leaving");
    }

    // Pause

    function test_pause_stops_everything_but_repaying_and_leaving() public {
        uint256 id = lineWith(1_000 * USD);
        vm.prank(guardian);
        pool.pause();
        vm.assertEq(pool.maxDeposit(lp2) + pool.maxMint(lp2), 0, "no deposits");
        usdc.mint(lp2, USD);
        vm.startPrank(lp2);
        usdc.approve(address(pool), USD);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, lp2, USD, 0));
        pool.deposit(USD, lp2);
        vm.stopPrank();
        openFails(offer(carol, 10_000 * USD), abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        repay(id, bob, debt(id));
        vm.assertEq(_redeemAll(lp), 100_000 * USD, "left");
        vm.prank(bob);
        pool.close(id);
        vm.assertEq(uint256(pool.statusOf(id)), uint256(Status.Closed), "closed");
    }
}

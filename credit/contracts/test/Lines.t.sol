// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation} from "../src/Attestation.sol";
import {Attesters} from "../src/Attesters.sol";
import {CreditPool, Setup} from "../src/CreditPool.sol";
import {Line, Status} from "../src/Line.sol";
import {LineBook} from "../src/LineBook.sol";
import {World} from "./support/World.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @notice A line's life: draw, interest, cycles, delinquency, default, renewal, end.
contract LinesTest is World {
    function _is(uint256 id, Status status, string memory reason) private view {
        vm.assertEq(uint256(pool.statusOf(id)), uint256(status), reason);
    }

    function _drawFails(uint256 id, uint256 amount, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(bob);
        pool.draw(id, amount, bob);
    }

    // Drawing

    function test_draw_within_limit_and_cash() public {
        uint256 id = lineWith(0);
        _is(id, Status.Current, "open");
        vm.prank(bob);
        pool.draw(id, 4_000 * USD, carol);
        vm.assertEq(usdc.balanceOf(carol), 4_000 * USD, "carol got it");
        vm.assertEq(pool.idle(), 96_000 * USD, "cash");
        _drawFails(
            id, 6_001 * USD, abi.encodeWithSelector(CreditPool.LimitExceeded.selector, 10_001 * USD, 10_000 * USD)
        );
        _drawFails(id, 0, abi.encodeWithSelector(CreditPool.ZeroAmount.selector));
        draw(id, bob, 6_000 * USD);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.NotBorrower.selector, carol, bob));
        vm.prank(carol);
        pool.draw(id, 1, carol);
    }

    function test_draw_needs_cash() public {
        deposit(pool, lp, 50 * USD);
        uint256 id = open(pool, offer(bob, 100 * USD));
        _drawFails(id, 51 * USD, abi.encodeWithSelector(CreditPool.NotEnoughCash.selector, 51 * USD, 50 * USD));
        // A gift to the pool is no cash of the pool.
        usdc.mint(address(pool), 50 * USD);
        _drawFails(id, 51 * USD, abi.encodeWithSelector(CreditPool.NotEnoughCash.selector, 51 * USD, 50 * USD));
    }

    function test_no_draw_on_an_unknown_expired_revoked_stopped_paused_or_closed_line() public {
        uint256 id = lineWith(100 * USD);
        _drawFails(9, 1, abi.encodeWithSelector(LineBook.WrongStatus.selector, 9, Status.Unknown, Status.Current));

        vm.prank(guardian);
        pool.pause();
        _drawFails(id, 1, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(owner);
        pool.unpause();

        bytes32 attestation = pool.lineOf(id).attestation;
        vm.prank(guardian);
        pool.revokeAttestation(attestation);
        _drawFails(id, 1, abi.encodeWithSelector(Attesters.Revoked.selector, attestation));

        renew(id, _renewal(id, 10_000 * USD));
        draw(id, bob, 1);
        vm.prank(guardian);
        pool.revokeLine(id);
        _drawFails(id, 1, abi.encodeWithSelector(CreditPool.Stopped.selector, id));

        repay(id, bob, debt(id));
        uint256 expiry = pool.lineOf(id).expiry;
        uint256 second = open(pool, offer(carol, 10_000 * USD));
        pool.close(id);
        _drawFails(id, 1, abi.encodeWithSelector(LineBook.WrongStatus.selector, id, Status.Closed, Status.Current));
        vm.warp(expiry);
        vm.expectRevert(abi.encodeWithSelector(Attesters.Expired.selector, expiry));
        vm.prank(carol);
        pool.draw(second, 1, carol);
    }

    // Interest

    function test_interest_by_the_second_rounds_up_for_the_borrower() public {
        uint256 id = lineWith(10_000 * USD);
        // 10,000 at 12 % for 73 days (a fifth of a year) is 240.
        skip(73 days);
        (uint256 principal, uint256 interest) = pool.debtOf(id);
        vm.assertEq(principal, 10_000 * USD, "principal");
        vm.assertEq(interest, 240 * USD, "interest");
        skip(1);
        (, interest) = pool.debtOf(id);
        // 38.05 units a second.
        vm.assertEq(interest, 240 * USD + 39, "rounded up");
    }

    function testFuzz_interest_is_linear_exact_and_the_same_in_any_number_of_steps(
        uint256 amount,
        uint256 rate,
        uint256[6] memory steps
    ) public {
        amount = between(amount, 1, 10_000 * USD);
        rate = between(rate, 0, 10_000);
        deposit(pool, lp, 100_000 * USD);
        Attestation memory a = offer(bob, 10_000 * USD);
        a.rate = rate;
        uint256 id = open(pool, a);
        uint256 units = 0;
        uint256 principal = 0;
        for (uint256 i = 0; i < 6; ++i) {
            uint256 part = i == 5 ? amount - principal : amount / 6;
            if (part != 0) draw(id, bob, part);
            principal += part;
            uint256 time = between(steps[i], 0, 5 days);
            skip(time);
            units += principal * rate * time;
            (, uint256 interest) = pool.debtOf(id);
            vm.assertEq(interest, (units + pool.SCALE() - 1) / pool.SCALE(), "interest");
        }
        vm.assertEq(pool.totalAssets(), 100_000 * USD + units / pool.SCALE(), "the pool's value rounds down");
    }

    // Repaying

    function test_payments_settle_interest_first() public {
        uint256 id = lineWith(10_000 * USD);
        skip(73 days / 10);
        (, uint256 interest) = pool.debtOf(id);
        vm.assertEq(interest, 24 * USD, "interest");
        vm.prank(bob);
        usdc.approve(address(pool), 30 * USD);
        vm.expectEmit(true, true, false, true);
        emit CreditPool.Repaid(id, bob, 24 * USD, 6 * USD);
        vm.prank(bob);
        pool.repay(id, 30 * USD);
        (uint256 principal, uint256 rest) = pool.debtOf(id);
        vm.assertEq(principal, 9_994 * USD, "principal");
        vm.assertEq(rest, 0, "no interest left");
    }

    function test_repay_exactly_and_no_more() public {
        uint256 id = lineWith(1_000 * USD);
        skip(10 days);
        uint256 owed = debt(id);
        usdc.mint(carol, owed + 1);
        vm.startPrank(carol);
        usdc.approve(address(pool), owed + 1);
        vm.expectRevert(abi.encodeWithSelector(LineBook.Overpaid.selector, owed + 1, owed));
        pool.repay(id, owed + 1);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.ZeroAmount.selector));
        pool.repay(id, 0);
        // Anybody may pay.
        pool.repay(id, owed);
        vm.stopPrank();
        vm.assertEq(debt(id), 0, "paid");
        _is(id, Status.Current, "open");
        vm.assertEq(pool.debtorCount(), 0, "no debtor");
        vm.assertEq(pool.totalAssets(), pool.idle(), "all in cash");
    }

    function test_repay_all() public {
        uint256 id = lineWith(1_000 * USD);
        skip(10 days);
        uint256 owed = debt(id);
        usdc.mint(bob, 100 * USD);
        vm.startPrank(bob);
        usdc.approve(address(pool), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.DebtAbove.selector, owed, owed - 1));
        pool.repayAll(id, owed - 1);
        uint256 before = usdc.balanceOf(bob);
        vm.assertEq(pool.repayAll(id, owed + USD), owed, "paid the debt");
        vm.assertEq(before - usdc.balanceOf(bob), owed, "and no more");
        vm.expectRevert(abi.encodeWithSelector(CreditPool.ZeroAmount.selector));
        pool.repayAll(id, USD);
    }

    function test_unknown_and_closed_lines_take_no_money() public {
        uint256 id = open(pool, offer(bob, 100 * USD));
        vm.prank(bob);
        pool.close(id);
        usdc.mint(bob, 1);
        vm.startPrank(bob);
        usdc.approve(address(pool), 1);
        vm.expectRevert(abi.encodeWithSelector(LineBook.WrongStatus.selector, id, Status.Closed, Status.Current));
        pool.repay(id, 1);
        vm.expectRevert(abi.encodeWithSelector(LineBook.WrongStatus.selector, 5, Status.Unknown, Status.Current));
        pool.repay(5, 1);
    }

    // Cycles

    function test_a_cycle_is_met_by_interest_and_installment() public {
        uint256 id = lineWith(1_000 * USD);
        uint256 start = block.timestamp;
        (uint256 amount, uint256 dueAt) = pool.dueOf(id);
        vm.assertEq(dueAt, start + CYCLE, "due");
        vm.assertEq(amount, 100 * USD, "a tenth");
        // A second draw adds its tenth, and moves no date.
        skip(5 days);
        draw(id, bob, 500 * USD);
        (amount, dueAt) = pool.dueOf(id);
        (, uint256 interest) = pool.debtOf(id);
        vm.assertEq(dueAt, start + CYCLE, "due as before");
        vm.assertEq(amount, 150 * USD + interest, "installment and interest");
        // Part of it does not do.
        repay(id, bob, amount - 1);
        (uint256 left, uint256 same) = pool.dueOf(id);
        vm.assertEq(left, 1, "one unit short");
        vm.assertEq(same, start + CYCLE, "not met");
        skip(1 days);
        (left,) = pool.dueOf(id);
        repay(id, bob, left);
        (left, dueAt) = pool.dueOf(id);
        vm.assertEq(dueAt, block.timestamp + CYCLE, "the next cycle starts with the payment");
        (uint256 principal,) = pool.debtOf(id);
        vm.assertEq(left, (principal + 9) / 10, "a tenth of the rest");
    }

    function test_current_grace_delinquent_default() public {
        uint256 id = lineWith(1_000 * USD);
        uint256 due = block.timestamp + CYCLE;
        vm.warp(due);
        _is(id, Status.Current, "on the due date");
        vm.warp(due + 1);
        _is(id, Status.Grace, "a second late");
        vm.warp(due + GRACE);
        _is(id, Status.Grace, "end of grace");
        (uint256 marked,) = pool.markdown();
        vm.assertEq(marked, 0, "full value in grace");
        vm.warp(due + GRACE + DELINQUENCY / 2);
        _is(id, Status.Delinquent, "delinquent");
        (marked,) = pool.markdown();
        vm.assertApproxEqAbs(marked, debt(id) / 2, 1, "half its value");
        vm.warp(due + GRACE + DELINQUENCY);
        _is(id, Status.Delinquent, "last second");
        vm.warp(due + GRACE + DELINQUENCY + 1);
        _is(id, Status.Default, "default");
        (uint256 all, uint256 lost) = pool.markdown();
        vm.assertEq(all, debt(id), "all of it");
        vm.assertApproxEqAbs(lost, debt(id), 1, "lost");
        vm.assertEq(pool.totalAssets(), 99_000 * USD, "the cash remains");
        (uint256 amount,) = pool.dueOf(id);
        vm.assertEq(amount, debt(id), "all of it is due");
    }

    function test_no_draw_while_anything_is_overdue() public {
        uint256 id = lineWith(1_000 * USD);
        skip(CYCLE + 1);
        _drawFails(id, 1, abi.encodeWithSelector(LineBook.WrongStatus.selector, id, Status.Grace, Status.Current));
        (uint256 amount,) = pool.dueOf(id);
        repay(id, bob, amount);
        _is(id, Status.Current, "cured");
        draw(id, bob, 1);
    }

    function test_a_delinquent_line_is_cured_by_its_payment() public {
        uint256 id = lineWith(1_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY / 2);
        uint256 entry = pool.entryAssets();
        uint256 exit = pool.totalAssets();
        vm.assertLe(exit + 400 * USD, entry, "marked down for those who leave");
        (uint256 amount,) = pool.dueOf(id);
        repay(id, bob, amount);
        _is(id, Status.Current, "cured");
        vm.assertApproxEqAbs(pool.totalAssets(), entry, 1, "full value again");
        vm.assertApproxEqAbs(pool.entryAssets(), entry, 1, "no gain for those who came meanwhile");
    }

    function test_only_defaults_are_written_off_and_prices_stay() public {
        uint256 id = lineWith(1_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY);
        vm.expectRevert(abi.encodeWithSelector(LineBook.WrongStatus.selector, id, Status.Delinquent, Status.Default));
        pool.writeOff(id);
        skip(1);
        (uint256 exit, uint256 entry) = (pool.totalAssets(), pool.entryAssets());
        pool.writeOff(id);
        vm.assertEq(pool.totalAssets(), exit, "exit price");
        vm.assertEq(pool.entryAssets(), entry, "entry price");
        vm.assertEq(pool.totalPrincipal(), 0, "out of the totals");
        vm.assertEq(pool.debtorCount(), 0, "out of the heap");
        vm.expectPartialRevert(LineBook.WrongStatus.selector);
        pool.writeOff(id);
        // The debt and its interest go on.
        uint256 owed = debt(id);
        skip(10 days);
        vm.assertLe(owed + 1, debt(id), "interest goes on");
    }

    function test_a_default_is_for_good_and_what_comes_back_is_released_slowly() public {
        uint256 id = lineWith(1_000 * USD);
        skip(CYCLE + GRACE + DELINQUENCY + 1);
        // The installment cures nothing any more; the first payment writes the line off.
        repay(id, bob, 300 * USD);
        _is(id, Status.Default, "still");
        vm.assertEq(pool.totalAssets(), 99_000 * USD, "not counted yet");
        vm.assertEq(pool.unreleased(), 300 * USD, "held back");
        skip(RELEASE / 2);
        vm.assertEq(pool.totalAssets(), 99_150 * USD, "half of it");
        repay(id, bob, 300 * USD);
        vm.assertEq(pool.totalAssets(), 99_150 * USD, "no jump");
        // 150 over 7 days and 300 over 14: 450 over 11 2/3.
        skip(RELEASE);
        vm.assertEq(pool.totalAssets(), 99_600 * USD, "all of it");
        repay(id, bob, debt(id));
        _is(id, Status.Default, "paid, but never drawn on again");
        _drawFails(id, 1, abi.encodeWithSelector(LineBook.WrongStatus.selector, id, Status.Default, Status.Current));
        pool.close(id);
        _is(id, Status.Closed, "over");
    }

    // Renewal

    function _renewal(uint256 id, uint256 limit) private returns (Attestation memory a) {
        a = offer(bob, limit);
        uint64 before = pool.lineOf(id).observedAt;
        if (a.observedAt <= before) a.observedAt = before + 1;
    }

    function test_renewal_changes_terms_and_keeps_the_due_date() public {
        uint256 id = lineWith(1_000 * USD);
        (, uint256 due) = pool.dueOf(id);
        skip(10 days);
        (, uint256 interest) = pool.debtOf(id);
        Attestation memory a = _renewal(id, 20_000 * USD);
        (a.rate, a.cycle) = (600, 60 days);
        renew(id, a);
        (, uint256 same) = pool.debtOf(id);
        vm.assertEq(same, interest, "interest so far stays");
        (, uint256 dueAfter) = pool.dueOf(id);
        vm.assertEq(dueAfter, due, "due date");
        vm.assertEq(pool.exposureOf(NOTARY_A), 20_000 * USD, "exposure follows the limit");
        skip(10 days);
        (, uint256 later) = pool.debtOf(id);
        vm.assertApproxEqAbs(later - same, interest / 2, 1, "half the rate");
        draw(id, bob, 15_000 * USD);
        (uint256 amount,) = pool.dueOf(id);
        repay(id, bob, amount);
        (, dueAfter) = pool.dueOf(id);
        vm.assertEq(dueAfter, block.timestamp + 60 days, "the next cycle is the new one");
    }

    function test_renewal_with_a_lower_limit_only_stops_draws() public {
        uint256 id = lineWith(5_000 * USD);
        renew(id, _renewal(id, 1_000 * USD));
        vm.assertEq(pool.exposureOf(NOTARY_A), 5_000 * USD, "what is lent");
        _drawFails(id, 1, abi.encodeWithSelector(CreditPool.LimitExceeded.selector, 5_000 * USD + 1, 1_000 * USD));
        repay(id, bob, 4_500 * USD);
        vm.assertEq(pool.exposureOf(NOTARY_A), 1_000 * USD, "the limit");
        draw(id, bob, 500 * USD);
    }

    function test_renewal_is_for_the_same_borrower_account_and_a_later_look() public {
        uint256 id = lineWith(100 * USD);
        bytes memory not = abi.encodeWithSelector(CreditPool.NotARenewal.selector, id);
        Attestation memory a = offer(bob, 10_000 * USD);
        a.observedAt = pool.lineOf(id).observedAt;
        _renewFails(id, a, not);
        a.observedAt += 1;
        a.nullifier = keccak256("another account");
        _renewFails(id, a, not);
        a = _renewal(id, 10_000 * USD);
        a.scope = "elsewher";
        _renewFails(id, a, not);
        a = _renewal(id, 10_000 * USD);
        a.borrower = carol;
        _renewFails(id, a, abi.encodeWithSelector(CreditPool.NotBorrower.selector, carol, bob));
        // A used one.
        a = _renewal(id, 10_000 * USD);
        renew(id, a);
        skip(1);
        _renewFails(id, a, not);
        a.observedAt += 1;
        _renewFails(id, a, abi.encodeWithSelector(CreditPool.AttestationUsed.selector, a.id, id));
        // Overdue.
        skip(CYCLE + 1);
        _renewFails(
            id,
            _renewal(id, 10_000 * USD),
            abi.encodeWithSelector(LineBook.WrongStatus.selector, id, Status.Grace, Status.Current)
        );
        repay(id, bob, debt(id));
        vm.prank(guardian);
        pool.revokeLine(id);
        _renewFails(id, _renewal(id, 10_000 * USD), abi.encodeWithSelector(CreditPool.Stopped.selector, id));
    }

    function _renewFails(uint256 id, Attestation memory a, bytes memory why) private {
        bytes[] memory signatures = sign(pool, a);
        vm.expectRevert(why);
        vm.prank(a.borrower);
        pool.renew(id, a, notaries(), signatures);
    }

    // The end

    function test_closing() public {
        uint256 id = lineWith(100 * USD);
        vm.expectRevert(abi.encodeWithSelector(CreditPool.StillOwed.selector, 100 * USD, 0));
        vm.prank(bob);
        pool.close(id);
        repay(id, bob, debt(id));
        vm.expectRevert(abi.encodeWithSelector(CreditPool.NotYoursToClose.selector, id));
        pool.close(id);
        vm.warp(pool.lineOf(id).expiry);
        pool.close(id);
        _is(id, Status.Closed, "over");
        vm.assertEq(pool.exposureOf(NOTARY_A), 0, "nobody answers for it");
        vm.assertTrue(!registry.isFree(SCOPE, pool.lineOf(id).nullifier), "cools down");
        vm.expectPartialRevert(LineBook.WrongStatus.selector);
        pool.close(id);
    }

    function test_bad_schedules_are_refused() public {
        Setup memory setup = setupOf(IERC20(address(usdc)), registry);
        setup.terms.grace = 0;
        vm.expectPartialRevert(LineBook.BadSchedule.selector);
        new CreditPool(setup);
        setup.terms.grace = GRACE;
        setup.terms.delinquency = 0;
        vm.expectPartialRevert(LineBook.BadSchedule.selector);
        new CreditPool(setup);
        setup.terms.delinquency = DELINQUENCY;
        setup.terms.installmentShare = 10_001;
        vm.expectPartialRevert(LineBook.BadSchedule.selector);
        new CreditPool(setup);
    }
}

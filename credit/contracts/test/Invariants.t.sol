// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CreditPool} from "../src/CreditPool.sol";
import {Line, Status} from "../src/Line.sol";
import {NullifierRegistry} from "../src/NullifierRegistry.sol";
import {Handler} from "./support/Handler.sol";
import {Test} from "./support/Vm.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice What holds whatever `Handler` does.
contract InvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private _handler;

    function setUp() public {
        _handler = new Handler();
    }

    /// @dev forge asks whom to call,
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev and what.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory list = new bytes4[](18);
        list[0] = Handler.wait_.selector;
        list[1] = Handler.wait_.selector;
        list[2] = Handler.deposit_.selector;
        list[3] = Handler.withdraw_.selector;
        list[4] = Handler.redeem_.selector;
        list[5] = Handler.donate_.selector;
        list[6] = Handler.open_.selector;
        list[7] = Handler.renew_.selector;
        list[8] = Handler.draw_.selector;
        list[9] = Handler.draw_.selector;
        list[10] = Handler.repay_.selector;
        list[11] = Handler.repayAll_.selector;
        list[12] = Handler.close_.selector;
        list[13] = Handler.writeOff_.selector;
        list[14] = Handler.revoke_.selector;
        list[15] = Handler.attackOpening.selector;
        list[16] = Handler.attackLine.selector;
        list[17] = Handler.attackLine.selector;
        targets[0] = FuzzSelector(address(_handler), list);
    }

    /// @notice All of it in one campaign, since forge would play the same games again for each invariant.
    function invariant_the_pools_are_sound() public view {
        vm.assertEq(_handler.breaches(), 0, _handler.lastBreach());
        for (uint256 i = 0; i < 2; ++i) {
            CreditPool pool = _handler.pools(i);
            _booksAgreeWithLines(pool);
            _sharesClaimNoMoreThanThereIs(pool);
            _cashAdds(pool);
            _nullifiersBackOneLine(pool);
            _exposureAdds(pool);
        }
    }

    /// @notice The handler is worth something: in a long game everything happens.
    function test_everything_happens() public {
        string[13] memory actions = [
            "deposit",
            "withdraw",
            "redeem",
            "open",
            "renew",
            "draw",
            "repay",
            "repayAll",
            "close",
            "writeOff",
            "revoke",
            "attackOpening",
            "attackLine"
        ];
        bytes4[] memory list = targetSelectors()[0].selectors;
        for (uint256 step = 0; step < 600; ++step) {
            bytes32 random = keccak256(abi.encode("game", step));
            uint256[5] memory words;
            for (uint256 i = 0; i < 5; ++i) {
                words[i] = uint256(keccak256(abi.encode(random, i))) >> 1;
            }
            // The fourth word may be a Boolean.
            words[3] &= 1;
            (bool ok,) =
                address(_handler).call(abi.encodePacked(list[uint256(random) % list.length], abi.encode(words)));
            vm.assertTrue(ok, "must work");
            if (step % 50 == 0) invariant_the_pools_are_sound();
        }
        for (uint256 i = 0; i < actions.length; ++i) {
            vm.assertGe(_handler.done(actions[i]), 3, actions[i]);
        }
    }

    /// @dev The totals are the sums over the lines, and the heap holds exactly those in debt and not written off.
    function _booksAgreeWithLines(CreditPool pool) private view {
        uint256 principal = 0;
        uint256 debtors = 0;
        for (uint256 id = 1; id <= pool.lineCount(); ++id) {
            Line memory line = pool.lineOf(id);
            vm.assertTrue((line.principal == 0) == (line.installment == 0) || line.writtenOff, "installment");
            vm.assertTrue(line.installment <= line.principal || line.writtenOff, "installment within principal");
            vm.assertTrue(line.committed >= line.principal, "backers answer for what is lent");
            if (line.writtenOff) continue;
            principal += line.principal;
            if (line.principal != 0) ++debtors;
        }
        vm.assertEq(pool.totalPrincipal(), principal, "principal");
        vm.assertEq(pool.debtorCount(), debtors, "debtors");
    }

    /// @dev A pool never owes more than it has lent and holds; and its two values are what a look at each line says.
    function _sharesClaimNoMoreThanThereIs(CreditPool pool) private view {
        uint256 lent = 0;
        uint256 lost = 0;
        uint256 marked = 0;
        for (uint256 id = 1; id <= pool.lineCount(); ++id) {
            Line memory line = pool.lineOf(id);
            if (line.writtenOff) continue;
            (uint256 principal, uint256 interest) = pool.debtOf(id);
            uint256 debt = principal + interest;
            lent += debt;
            Status status = pool.statusOf(id);
            if (status == Status.Default) lost += debt;
            if (status == Status.Delinquent) {
                marked += debt * (block.timestamp - line.dueAt - pool.grace()) / pool.delinquency();
            }
        }
        uint256 most = pool.idle() + lent;
        vm.assertLe(pool.totalAssets(), most, "value");
        vm.assertLe(pool.convertToAssets(pool.totalSupply()), pool.totalAssets(), "shares");
        // Interest was rounded up above, by less than one for each line.
        uint256 rounding = pool.lineCount() + 1;
        vm.assertApproxEqAbs(pool.entryAssets(), most - lost, rounding, "entry value");
        uint256 gone = lost + marked + pool.unreleased();
        vm.assertApproxEqAbs(pool.totalAssets(), most < gone ? 0 : most - gone, rounding, "exit value");
    }

    /// @dev Cash is what came in less what went out, and the token agrees.
    function _cashAdds(CreditPool pool) private view {
        (uint256 deposited, uint256 withdrawn, uint256 drawn, uint256 repaid, uint256 donated) = _handler.ledgers(pool);
        vm.assertEq(pool.idle(), deposited + repaid - withdrawn - drawn, "idle");
        vm.assertEq(IERC20(pool.asset()).balanceOf(address(pool)), pool.idle() + donated, "balance");
    }

    /// @dev Every open line holds its nullifier, so that no two lines, in whatever pool, hold the same one.
    function _nullifiersBackOneLine(CreditPool pool) private view {
        NullifierRegistry registry = NullifierRegistry(_handler.registryOf());
        for (uint256 id = 1; id <= pool.lineCount(); ++id) {
            Line memory line = pool.lineOf(id);
            if (line.closed) continue;
            NullifierRegistry.Entry memory entry = registry.entryOf(line.scope, line.nullifier);
            vm.assertEq(entry.pool, address(pool), "the nullifier's pool");
            vm.assertEq(entry.line, id, "the nullifier's line");
            vm.assertEq(entry.freeAt, 0, "the nullifier is held");
        }
    }

    /// @dev What a backer answers for is the sum over its lines, within its cap.
    function _exposureAdds(CreditPool pool) private view {
        bytes32[] memory backers = _handler.backers();
        uint256[] memory sums = new uint256[](backers.length);
        for (uint256 id = 1; id <= pool.lineCount(); ++id) {
            bytes32[] memory behind = pool.backersOf(id);
            uint256 committed = pool.lineOf(id).committed;
            for (uint256 i = 0; i < behind.length; ++i) {
                for (uint256 k = 0; k < backers.length; ++k) {
                    if (behind[i] == backers[k]) sums[k] += committed;
                }
            }
        }
        for (uint256 k = 0; k < backers.length; ++k) {
            vm.assertEq(pool.exposureOf(backers[k]), sums[k], "exposure");
            vm.assertLe(sums[k], pool.capOf(backers[k]), "cap");
        }
    }
}

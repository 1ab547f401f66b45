// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {DueHeap} from "../src/DueHeap.sol";
import {Test} from "./support/Vm.sol";

/// @notice The heap against a plain table.
contract DueHeapTest is Test {
    using DueHeap for DueHeap.Heap;

    uint256 private constant LINES = 24;
    DueHeap.Heap private _heap;
    /// @dev Due date by line; 0: not in the heap.
    uint64[LINES + 1] private _table;

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_agrees_with_a_table(uint256[48] calldata steps) public {
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 line = between(steps[i], 1, LINES);
            uint64 due = uint64(between(steps[i] >> 32, 1, 40));
            if ((steps[i] >> 64) % 3 == 0) {
                _heap.remove(line);
                _table[line] = 0;
            } else {
                _heap.set(line, due);
                _table[line] = due;
            }
            _check();
        }
    }

    function _check() private view {
        uint256 count = 0;
        for (uint256 line = 1; line <= LINES; ++line) {
            if (_table[line] != 0) ++count;
            vm.assertTrue(_heap.contains(line) == (_table[line] != 0), "membership");
        }
        vm.assertEq(_heap.size(), count, "size");
        for (uint256 place = 1; place <= count; ++place) {
            (uint256 line, uint256 due) = _heap.entry(place);
            vm.assertEq(due, _table[line], "due date");
            if (place == 1) continue;
            (, uint256 parent) = _heap.entry(place / 2);
            vm.assertLe(parent, due, "parents are due first");
        }
    }
}

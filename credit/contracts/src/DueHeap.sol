// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Lines in debt, the one that is due first on top
/// @notice A binary min-heap that finds its members, so that a due date can move and a repaid line can leave. Everything
/// that is late lies at the top: whoever looks for late lines goes down from the root and turns back at the first one
/// that isn't. Places count from 1; the children of place i are 2i and 2i + 1.
library DueHeap {
    /// @notice The heap.
    /// @dev A key is the due date (64 bits) above the line's number (192 bits), and so are the keys compared.
    struct Heap {
        uint256[] keys;
        mapping(uint256 line => uint256) places;
    }

    /// @notice How many lines are in it.
    function size(Heap storage heap) internal view returns (uint256) {
        return heap.keys.length;
    }

    /// @notice The line at a place, and when it is due.
    function entry(Heap storage heap, uint256 place) internal view returns (uint256 line, uint256 dueAt) {
        uint256 key = heap.keys[place - 1];
        return (uint192(key), key >> 192);
    }

    /// @notice Whether the line is in it.
    function contains(Heap storage heap, uint256 line) internal view returns (bool) {
        return heap.places[line] != 0;
    }

    /// @notice Adds a line, or moves its due date.
    function set(Heap storage heap, uint256 line, uint64 dueAt) internal {
        uint256 key = (uint256(dueAt) << 192) | line;
        uint256 place = heap.places[line];
        if (place == 0) {
            heap.keys.push(key);
            place = heap.keys.length;
        }
        _settle(heap, place, key);
    }

    /// @notice Takes a line out, if it is in.
    function remove(Heap storage heap, uint256 line) internal {
        uint256 place = heap.places[line];
        if (place == 0) return;
        uint256 count = heap.keys.length;
        uint256 last = heap.keys[count - 1];
        heap.keys.pop();
        delete heap.places[line];
        if (place != count) _settle(heap, place, last);
    }

    /// @dev Finds the key's place from the free one at `place`: up past later parents, then down past earlier children.
    function _settle(Heap storage heap, uint256 place, uint256 key) private {
        uint256[] storage keys = heap.keys;
        uint256 count = keys.length;
        while (place > 1 && key < keys[place / 2 - 1]) {
            _put(heap, place, keys[place / 2 - 1]);
            place /= 2;
        }
        for (uint256 child = 2 * place; child <= count; child = 2 * place) {
            if (child < count && keys[child] < keys[child - 1]) ++child;
            if (key <= keys[child - 1]) break;
            _put(heap, place, keys[child - 1]);
            place = child;
        }
        _put(heap, place, key);
    }

    function _put(Heap storage heap, uint256 place, uint256 key) private {
        heap.keys[place - 1] = key;
        heap.places[uint192(key)] = place;
    }
}

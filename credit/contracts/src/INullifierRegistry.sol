// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Which line a bank account's pseudonym backs
/// @notice What a pool needs of the registry. Implemented by `NullifierRegistry`.
interface INullifierRegistry {
    /// @notice The calling pool's line `line` takes the nullifier. Fails while another line has it or it cools down.
    function claim(bytes8 scope, bytes32 nullifier, uint256 line) external;

    /// @notice The calling pool's line is repaid and closed: the nullifier is free after the cool-down.
    function release(bytes8 scope, bytes32 nullifier) external;
}

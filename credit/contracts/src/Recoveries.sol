// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Money from lines that were written off, counted little by little
/// @notice Such a payment is a gain out of nothing for the shares. Were it counted at once, somebody could deposit, repay
/// a lost line and leave with most of the payment, in one transaction with borrowed money. So it is released evenly over
/// `releaseTime`; several payments share one end, weighted by amount.
abstract contract Recoveries {
    /// @notice Seconds over which a recovery is released.
    uint256 public immutable releaseTime;

    uint128 private _held;
    uint64 private _from;
    uint64 private _until;

    /// @notice `amount` of lost debt came back and is released evenly until `until`, with what was still held.
    event Recovered(uint256 indexed line, uint256 amount, uint256 until);

    /// @notice The release time may not be 0.
    error NoReleaseTime();

    constructor(uint256 releaseTime_) {
        if (releaseTime_ == 0) revert NoReleaseTime();
        releaseTime = releaseTime_;
    }

    /// @notice Recovered and not counted yet (rounded up).
    function unreleased() public view returns (uint256) {
        if (block.timestamp >= _until) return 0;
        return Math.ceilDiv(_held * (_until - block.timestamp), _until - _from);
    }

    /// @dev Holds a recovery back.
    function _holdBack(uint256 line, uint256 amount) internal {
        uint256 held = unreleased();
        uint256 left = held == 0 ? 0 : _until - block.timestamp;
        uint256 until = block.timestamp + (held * left + amount * releaseTime) / (held + amount);
        _held = SafeCast.toUint128(held + amount);
        _from = uint64(block.timestamp);
        _until = uint64(until);
        emit Recovered(line, amount, until);
    }
}

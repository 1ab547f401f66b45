// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A price feed that answers like a Chainlink proxy (AggregatorV3Interface). Its round is as old as the latest block,
/// so that a chain that idles for days still has fresh prices, until someone freezes it to play an outage.
contract PlayFeed {
    uint8 public immutable decimals;
    uint256 public constant version = 4;
    string public description;
    uint80 private _round = 1;
    int256 private _answer;
    uint256 private _frozenAt;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NoDataPresent();

    constructor(string memory description_, uint8 decimals_, int256 answer_) {
        description = description_;
        decimals = decimals_;
        _answer = answer_;
    }

    /// Anyone may set the price: this is play money.
    function set(int256 answer_) external {
        _answer = answer_;
        _round += 1;
        emit AnswerUpdated(answer_, _round, block.timestamp);
    }

    /// From now on `updatedAt` is the given second; 0 makes the feed fresh again.
    function freeze(uint256 updatedAt) external {
        _frozenAt = updatedAt;
    }

    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        uint256 at = _frozenAt == 0 ? block.timestamp : _frozenAt;
        return (_round, _answer, at, at, _round);
    }

    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        if (roundId != _round) revert NoDataPresent();
        uint256 at = _frozenAt == 0 ? block.timestamp : _frozenAt;
        return (roundId, _answer, at, at, roundId);
    }
}

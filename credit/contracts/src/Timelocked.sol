// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title Changes that everybody sees coming
/// @notice Whatever gives somebody more power is a `timelocked` call: the owner proposes it, byte for byte, and makes it
/// after `delay`, so that liquidity providers can leave before. Taking power away needs no delay.
abstract contract Timelocked is Ownable2Step {
    /// @notice The shortest delay that a contract can be made with.
    uint256 public constant MIN_DELAY = 1 days;
    /// @notice How long a ripe proposal can be used; forgotten ones don't stay loaded.
    uint256 public constant WINDOW = 14 days;
    /// @notice Seconds between a proposal and its use.
    uint256 public immutable delay;
    /// @notice From when on a proposed call can be made; the key is its keccak-256. Zero: not proposed.
    mapping(bytes32 change => uint256) public readyAt;

    /// @notice The owner can make `call` from `ready` on.
    event Proposed(bytes32 indexed change, uint256 ready, bytes call);
    /// @notice A proposed call was withdrawn.
    event Cancelled(bytes32 indexed change);
    /// @notice A proposed call was made.
    event Applied(bytes32 indexed change);

    /// @notice `got` seconds of delay are fewer than `MIN_DELAY`.
    error DelayTooShort(uint256 got);
    /// @notice Nobody proposed a call with exactly these bytes: propose it first.
    error NotProposed(bytes32 change);
    /// @notice The call can be made from `ready` on: wait.
    error NotReady(bytes32 change, uint256 ready);
    /// @notice The call could be made until `until`: propose it again.
    error ProposalExpired(bytes32 change, uint256 until);

    /// @dev Only the owner, only a call that was proposed `delay` ago; uses the proposal up.
    modifier timelocked() {
        _checkOwner();
        _useProposal();
        _;
    }

    constructor(address owner_, uint256 delay_) Ownable(owner_) {
        if (delay_ < MIN_DELAY) revert DelayTooShort(delay_);
        delay = delay_;
    }

    /// @notice Announces a call to a time-locked function of this contract. Proposing it again restarts its clock.
    /// @param call The call's data: selector and arguments.
    function propose(bytes calldata call) external onlyOwner {
        bytes32 change = keccak256(call);
        uint256 ready = block.timestamp + delay;
        readyAt[change] = ready;
        emit Proposed(change, ready, call);
    }

    /// @notice Withdraws a proposal. For the owner, and whoever else the contract lets.
    function cancel(bytes32 change) external {
        _onlyStopper();
        if (readyAt[change] == 0) revert NotProposed(change);
        delete readyAt[change];
        emit Cancelled(change);
    }

    /// @dev Reverts unless the caller may withdraw proposals.
    function _onlyStopper() internal view virtual {
        _checkOwner();
    }

    function _useProposal() private {
        bytes32 change = keccak256(msg.data);
        uint256 ready = readyAt[change];
        if (ready == 0) revert NotProposed(change);
        if (block.timestamp < ready) revert NotReady(change, ready);
        if (block.timestamp > ready + WINDOW) revert ProposalExpired(change, ready + WINDOW);
        delete readyAt[change];
        emit Applied(change);
    }
}

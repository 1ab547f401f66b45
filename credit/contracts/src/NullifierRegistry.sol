// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {INullifierRegistry} from "./INullifierRegistry.sol";
import {Timelocked} from "./Timelocked.sol";

/// @title Nullifier registry, shared by the pools of several lenders
/// @notice (scope, nullifier) -> the one line that it backs. Only registered pools write, and a pool only releases what
/// it holds itself. A new pool is registered after a time lock, because a rogue one could block everybody's nullifiers.
contract NullifierRegistry is INullifierRegistry, Timelocked {
    /// @notice Who holds a nullifier.
    /// @param pool The pool whose line holds or last held it; zero: never claimed.
    /// @param freeAt Zero while held; afterwards the second from which on it can be claimed again.
    /// @param line The line's number in that pool.
    struct Entry {
        address pool;
        uint64 freeAt;
        uint256 line;
    }

    /// @notice The longest cool-down that a registry can be made with.
    uint256 public constant MAX_COOL_DOWN = 365 days;
    /// @notice Seconds between a line's closing and the nullifier's next use.
    uint256 public immutable coolDown;
    /// @notice Pools that may claim.
    mapping(address pool => bool) public registered;
    mapping(bytes8 scope => mapping(bytes32 nullifier => Entry)) private _entries;

    /// @notice `pool` may claim from now on.
    event PoolRegistered(address indexed pool);
    /// @notice `pool` claims no more; what it holds it can still release.
    event PoolRemoved(address indexed pool);
    /// @notice `line` of `pool` took the nullifier.
    event Claimed(bytes8 indexed scope, bytes32 indexed nullifier, address indexed pool, uint256 line);
    /// @notice The nullifier is free from `freeAt` on.
    event Released(bytes8 indexed scope, bytes32 indexed nullifier, address indexed pool, uint256 freeAt);

    /// @notice `got` seconds of cool-down are more than `MAX_COOL_DOWN`.
    error CoolDownTooLong(uint256 got);
    /// @notice `pool` is not registered here: the owner has to propose `registerPool`.
    error NotRegistered(address pool);
    /// @notice Zero is no nullifier; the attestation is malformed.
    error EmptyNullifier();
    /// @notice `line` of `pool` holds the nullifier: repay and close that line first, or renew it.
    error NullifierHeld(address pool, uint256 line);
    /// @notice The nullifier's last line was closed; it can be claimed from `freeAt` on.
    error NullifierCoolingDown(uint256 freeAt);
    /// @notice `pool` does not hold the nullifier, `holder` does (zero: nobody).
    error NotHolder(address pool, address holder);

    /// @param owner_ Who registers and removes pools.
    /// @param delay_ Seconds between proposing a pool and registering it.
    /// @param coolDown_ Seconds between a line's closing and the nullifier's next use.
    /// @param pools The first pools, registered at once. A pool knows its registry from birth, so that its address has to
    /// be computed ahead: deploy the registry, then the pool, from one account.
    constructor(address owner_, uint256 delay_, uint256 coolDown_, address[] memory pools) Timelocked(owner_, delay_) {
        if (coolDown_ > MAX_COOL_DOWN) revert CoolDownTooLong(coolDown_);
        coolDown = coolDown_;
        for (uint256 i = 0; i < pools.length; ++i) {
            _register(pools[i]);
        }
    }

    /// @notice Registers a pool, as proposed before.
    function registerPool(address pool) external timelocked {
        _register(pool);
    }

    /// @notice Stops a pool from claiming, at once.
    function removePool(address pool) external onlyOwner {
        if (!registered[pool]) revert NotRegistered(pool);
        registered[pool] = false;
        emit PoolRemoved(pool);
    }

    /// @inheritdoc INullifierRegistry
    function claim(bytes8 scope, bytes32 nullifier, uint256 line) external {
        if (!registered[msg.sender]) revert NotRegistered(msg.sender);
        if (nullifier == 0) revert EmptyNullifier();
        Entry storage entry = _entries[scope][nullifier];
        if (entry.pool != address(0)) {
            if (entry.freeAt == 0) revert NullifierHeld(entry.pool, entry.line);
            if (block.timestamp < entry.freeAt) revert NullifierCoolingDown(entry.freeAt);
        }
        _entries[scope][nullifier] = Entry({pool: msg.sender, freeAt: 0, line: line});
        emit Claimed(scope, nullifier, msg.sender, line);
    }

    /// @inheritdoc INullifierRegistry
    function release(bytes8 scope, bytes32 nullifier) external {
        Entry storage entry = _entries[scope][nullifier];
        address holder = entry.freeAt == 0 ? entry.pool : address(0);
        if (holder != msg.sender) revert NotHolder(msg.sender, holder);
        entry.freeAt = uint64(block.timestamp + coolDown);
        emit Released(scope, nullifier, msg.sender, entry.freeAt);
    }

    /// @notice Who holds a nullifier or held it last.
    function entryOf(bytes8 scope, bytes32 nullifier) external view returns (Entry memory) {
        return _entries[scope][nullifier];
    }

    /// @notice Whether a line can be opened on it now.
    function isFree(bytes8 scope, bytes32 nullifier) external view returns (bool) {
        Entry storage entry = _entries[scope][nullifier];
        return entry.pool == address(0) || (entry.freeAt != 0 && block.timestamp >= entry.freeAt);
    }

    function _register(address pool) private {
        registered[pool] = true;
        emit PoolRegistered(pool);
    }
}

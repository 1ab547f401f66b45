//! The pool's and the registry's interface, as far as programs use it. `tests/it/abi.rs` compares it with the compiler's.
#![allow(missing_docs, reason = "the contracts' own documentation says what each part means")]

use alloy_sol_types::sol;
use serde::{Deserialize, Serialize};

sol! {
    /// What attesters sign after they verified a proof: see `credit/contracts/src/Attestation.sol`.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Attestation {
        bytes32 id;
        bytes32 statement;
        address borrower;
        uint256 limit;
        uint256 rate;
        uint32 cycle;
        bytes8 scope;
        bytes32 nullifier;
        bytes32 notaries;
        bytes32 template;
        uint64 observedAt;
        uint64 issuedAt;
        uint64 expiry;
        uint32 epoch;
    }

    /// Where a line stands.
    #[derive(Debug, PartialEq, Eq)]
    enum Status { Unknown, Current, Grace, Delinquent, Default, Closed }

    /// One credit line: see `credit/contracts/src/Line.sol`.
    #[derive(Debug, PartialEq, Eq)]
    struct Line {
        address borrower;
        uint32 rate;
        uint32 cycle;
        bool closed;
        bool stopped;
        bool writtenOff;
        bytes8 scope;
        uint64 expiry;
        uint64 observedAt;
        uint64 dueAt;
        uint128 limit;
        uint128 principal;
        uint128 installment;
        uint128 committed;
        uint192 interest;
        uint64 accruedAt;
        bytes32 attestation;
        bytes32 nullifier;
    }

    /// Who holds a nullifier.
    #[derive(Debug, PartialEq, Eq)]
    struct Entry {
        address pool;
        uint64 freeAt;
        uint256 line;
    }

    /// A pool's rules.
    #[derive(Debug)]
    struct Terms {
        uint32 grace;
        uint32 delinquency;
        uint32 installmentShare;
        uint32 releaseTime;
        uint32 maxAge;
        uint32 delay;
        uint128 minLimit;
    }

    /// What a pool is made from.
    #[derive(Debug)]
    struct Setup {
        address asset;
        string name;
        string symbol;
        address registry;
        address owner;
        address guardian;
        Terms terms;
        address[] attesters;
        uint256 threshold;
        bytes32[] backers;
        uint256[] caps;
    }

    /// `CreditPool`.
    #[derive(Debug, PartialEq, Eq)]
    interface Pool {
        function open(Attestation attestation, bytes32[] notaries, bytes[] signatures) external returns (uint256 id);
        function renew(uint256 id, Attestation attestation, bytes32[] notaries, bytes[] signatures) external;
        function draw(uint256 id, uint256 amount, address to) external;
        function repay(uint256 id, uint256 amount) external;
        function repayAll(uint256 id, uint256 atMost) external returns (uint256 amount);
        function close(uint256 id) external;
        function revokeAttestation(bytes32 attestation) external;
        function revokeLine(uint256 id) external;
        function deposit(uint256 assets, address receiver) external returns (uint256 shares);

        function lineOf(uint256 id) external view returns (Line memory);
        function statusOf(uint256 id) external view returns (Status);
        function debtOf(uint256 id) external view returns (uint256 principal, uint256 interest);
        function dueOf(uint256 id) external view returns (uint256 amount, uint256 dueAt);
        function idle() external view returns (uint256);
        function epoch() external view returns (uint32);
        function threshold() external view returns (uint256);
        function attestersOf() external view returns (address[] memory);
        function capOf(bytes32 backer) external view returns (uint256);
        function exposureOf(bytes32 backer) external view returns (uint256);
        function minLimit() external view returns (uint256);
        function maxAge() external view returns (uint256);
        function usedBy(bytes32 attestation) external view returns (uint256);
        function asset() external view returns (address);
        function registry() external view returns (address);
        function paused() external view returns (bool);
        function totalAssets() external view returns (uint256);

        event Opened(uint256 indexed id, address indexed borrower, bytes32 indexed attestation, Attestation terms);
        event Renewed(uint256 indexed id, address indexed borrower, bytes32 indexed attestation, Attestation terms);
        event Drawn(uint256 indexed id, address indexed to, uint256 amount);
        event Repaid(uint256 indexed id, address indexed by, uint256 interest, uint256 principal);
        event LineStopped(uint256 indexed id, address indexed by);
        event LineClosed(uint256 indexed id);

        error AttestationUsed(bytes32 attestation, uint256 line);
        error CapExceeded(bytes32 backer, uint256 got, uint256 cap);
        error DebtAbove(uint256 debt, uint256 atMost);
        error Expired(uint64 expiry);
        error LimitExceeded(uint256 got, uint256 limit);
        error NotBorrower(address got, address expected);
        error NotEnoughCash(uint256 got, uint256 idle);
        error Overpaid(uint256 got, uint256 debt);
        error Revoked(bytes32 attestation);
        error Stopped(uint256 id);
        error TermsOutOfBounds(uint256 limit, uint256 rate, uint32 cycle);
        error TooOld(uint64 observedAt, uint256 maxAge);
        error WrongBorrower(address got, address expected);
        error WrongStatus(uint256 id, Status got, Status expected);
        error ZeroAmount();
        error EnforcedPause();
    }

    /// `NullifierRegistry`.
    #[derive(Debug, PartialEq, Eq)]
    interface Registry {
        function entryOf(bytes8 scope, bytes32 nullifier) external view returns (Entry memory);
        function isFree(bytes8 scope, bytes32 nullifier) external view returns (bool);

        error NullifierHeld(address pool, uint256 line);
        error NullifierCoolingDown(uint256 freeAt);
    }
}

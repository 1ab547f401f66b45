// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice Where a line stands. Grace, Delinquent and Default follow from the clock alone.
/// Unknown: never opened. Current: nothing overdue. Grace: overdue, counted in full. Delinquent: marked down second by
/// second. Default: counted as nothing, all of it due, no draws ever again. Closed: repaid and over.
enum Status {
    Unknown,
    Current,
    Grace,
    Delinquent,
    Default,
    Closed
}

/// @notice One credit line.
/// @param borrower Who may draw and renew.
/// @param rate Basis points a year.
/// @param cycle Seconds from a payment to the next due date.
/// @param closed Repaid and over.
/// @param stopped No draws and no renewal ever again.
/// @param writtenOff In default and out of the pool's totals.
/// @param scope The nullifier's scope.
/// @param expiry The attestation's expiry: no draws from then on.
/// @param observedAt The attestation's observation time; a renewal's must be later.
/// @param dueAt When the cycle's payment is due; zero without debt.
/// @param limit Highest principal.
/// @param principal Lent and not repaid.
/// @param installment Principal to be repaid until `dueAt`, with all interest.
/// @param committed What its attesters and notaries answer for: the limit (or the principal, if higher) while it can be
/// drawn on, then the principal.
/// @param interest Interest owed at `accruedAt`, in units of asset x basis points x seconds (see `LineBook.SCALE`).
/// @param accruedAt Until when `interest` is counted.
/// @param attestation The id of the attestation that it rests on.
/// @param nullifier The bank account's pseudonym.
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

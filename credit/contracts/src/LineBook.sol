// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {DueHeap} from "./DueHeap.sol";
import {Line, Status} from "./Line.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The books: what borrowers owe, and what of it counts
/// @notice No tokens move here. Interest is simple, on principal, and kept as principal x basis points x seconds: whole
/// numbers, so that the sum over all lines and the total that is kept beside them agree to the unit, and nothing is
/// rounded before somebody pays. Then a borrower's debt is rounded up and the pool's value down.
///
/// A cycle is met by paying all interest and the installment (a share of the principal); the next one is due a cycle
/// after that payment. Late lines lose value with the clock, without anybody's call: `DueHeap` finds them.
abstract contract LineBook {
    using DueHeap for DueHeap.Heap;
    using SafeCast for uint256;

    /// @notice Interest units in one unit of the asset: basis points in one, times seconds in a year of 365 days.
    uint256 public constant SCALE = BASIS_POINTS * 365 days;
    /// @notice Most lines in debt at a time; bounds what valuing can cost: all late, leaving takes about 10 million gas.
    uint256 public constant MAX_DEBTORS = 500;
    uint256 internal constant BASIS_POINTS = 10_000;

    /// @notice Seconds that a payment may be overdue before the line loses value.
    uint256 public immutable grace;
    /// @notice Seconds after that in which the line's value falls evenly to nothing.
    uint256 public immutable delinquency;
    /// @notice The share of the principal that a cycle's payment must repay, in basis points.
    uint256 public immutable installmentShare;

    /// @notice Lines opened so far; they are numbered from 1.
    uint256 public lineCount;
    /// @notice Lent and not repaid, without what was written off.
    uint256 public totalPrincipal;

    /// @dev Sum of principal x rate: how many interest units a second brings.
    uint256 private _interestRate;
    /// @dev Sum of the lines' interest at `_accruedAt`, without what was written off.
    uint256 private _interest;
    uint256 private _accruedAt;
    DueHeap.Heap private _due;
    mapping(uint256 id => Line) internal _lines;

    /// @notice A line went into default and counts as nothing from now on.
    event WrittenOff(uint256 indexed id, uint256 principal, uint256 interest);
    /// @notice The cycle was met (or the debt paid, `dueAt` 0, or the first of it drawn).
    event CycleStarted(uint256 indexed id, uint256 dueAt, uint256 installment);

    /// @notice Bad terms: grace and delinquency may not be 0, the installment share is 1 to 10,000 basis points.
    error BadSchedule(uint256 grace, uint256 delinquency, uint256 installmentShare);
    /// @notice There are `MAX_DEBTORS` lines in debt: draw when others have repaid.
    error TooManyDebtors();
    /// @notice The debt is `debt`, `got` is more: pay less, or use `repayAll`.
    error Overpaid(uint256 got, uint256 debt);
    /// @notice The line is not in the state that this needs.
    error WrongStatus(uint256 id, Status got, Status expected);

    constructor(uint256 grace_, uint256 delinquency_, uint256 installmentShare_) {
        if (grace_ == 0 || delinquency_ == 0 || installmentShare_ == 0 || installmentShare_ > BASIS_POINTS) {
            revert BadSchedule(grace_, delinquency_, installmentShare_);
        }
        grace = grace_;
        delinquency = delinquency_;
        installmentShare = installmentShare_;
        _accruedAt = block.timestamp;
    }

    // Views

    /// @notice A line as it is stored; see `statusOf`, `debtOf` and `dueOf` for what follows from the clock.
    function lineOf(uint256 id) external view returns (Line memory) {
        return _lines[id];
    }

    /// @notice Where a line stands now.
    function statusOf(uint256 id) public view returns (Status) {
        return _status(_lines[id]);
    }

    /// @notice What is owed now; interest is rounded up.
    function debtOf(uint256 id) public view returns (uint256 principal, uint256 interest) {
        Line storage line = _lines[id];
        return (line.principal, Math.ceilDiv(_interestOf(line), SCALE));
    }

    /// @notice The payment that meets the cycle if made now, and until when it should be made. In default, the whole debt.
    function dueOf(uint256 id) external view returns (uint256 amount, uint256 dueAt) {
        Line storage line = _lines[id];
        (uint256 principal, uint256 interest) = debtOf(id);
        amount = interest + (_status(line) == Status.Default ? principal : line.installment);
        return (amount, line.dueAt);
    }

    /// @notice Lines in debt that are not written off.
    function debtorCount() public view returns (uint256) {
        return _due.size();
    }

    /// @notice How much of what is lent and accrued does not count for those who leave (rounded up), and how much of that
    /// is in default and does not count for those who come either (rounded down).
    function markdown() external view returns (uint256 marked, uint256 lost) {
        (marked, lost) = _late(1);
        return (Math.ceilDiv(marked, SCALE), lost / SCALE);
    }

    // For the pool

    /// @dev Everything lent and accrued and not written off, at full value, in interest units.
    function _grossValue() internal view returns (uint256) {
        return totalPrincipal * SCALE + _interest + _interestRate * (block.timestamp - _accruedAt);
    }

    /// @dev The late lines under a place of the heap: what they lose (`marked`), and how much of that is lost entirely
    /// (`lost`), in interest units. Its cost grows with the number of late lines only.
    function _late(uint256 place) internal view returns (uint256 marked, uint256 lost) {
        if (place > _due.size()) return (0, 0);
        (uint256 id, uint256 dueAt) = _due.entry(place);
        if (block.timestamp <= dueAt + grace) return (0, 0);
        uint256 late = block.timestamp - dueAt - grace;
        Line storage line = _lines[id];
        uint256 debt = uint256(line.principal) * SCALE + _interestOf(line);
        if (late > delinquency) {
            (marked, lost) = (debt, debt);
        } else {
            marked = debt * late / delinquency;
        }
        (uint256 markedLeft, uint256 lostLeft) = _late(2 * place);
        (uint256 markedRight, uint256 lostRight) = _late(2 * place + 1);
        return (marked + markedLeft + markedRight, lost + lostLeft + lostRight);
    }

    /// @dev Where a line stands now.
    function _status(Line storage line) internal view returns (Status) {
        if (line.borrower == address(0)) return Status.Unknown;
        if (line.closed) return Status.Closed;
        if (line.writtenOff) return Status.Default;
        uint256 dueAt = line.dueAt;
        if (dueAt == 0 || block.timestamp <= dueAt) return Status.Current;
        if (block.timestamp <= dueAt + grace) return Status.Grace;
        if (block.timestamp <= dueAt + grace + delinquency) return Status.Delinquent;
        return Status.Default;
    }

    /// @dev A line that exists and is not closed.
    function _openLine(uint256 id) internal view returns (Line storage line) {
        line = _lines[id];
        Status status = _status(line);
        if (status == Status.Unknown || status == Status.Closed) revert WrongStatus(id, status, Status.Current);
    }

    /// @dev A line on which nothing is overdue.
    function _currentLine(uint256 id) internal view returns (Line storage line) {
        line = _lines[id];
        Status status = _status(line);
        if (status != Status.Current) revert WrongStatus(id, status, Status.Current);
    }

    /// @dev Books a draw. The first one starts a cycle, later ones add to its installment.
    function _bookDraw(uint256 id, Line storage line, uint256 amount) internal {
        _accrue(line);
        if (line.principal == 0) {
            if (_due.size() == MAX_DEBTORS) revert TooManyDebtors();
            _startCycle(id, line, amount);
        } else {
            line.installment += _installmentOf(amount).toUint128();
        }
        line.principal += amount.toUint128();
        totalPrincipal += amount;
        _interestRate += amount * line.rate;
    }

    /// @dev Books a payment: interest first, then principal. A line that is in default by the clock is written off before.
    function _bookPayment(uint256 id, Line storage line, uint256 amount)
        internal
        returns (uint256 interestPaid, uint256 principalPaid)
    {
        _accrue(line);
        if (_status(line) == Status.Default && !line.writtenOff) _bookWriteOff(id, line);
        uint256 owed = Math.ceilDiv(line.interest, SCALE);
        if (amount > owed + line.principal) revert Overpaid(amount, owed + line.principal);
        interestPaid = Math.min(amount, owed);
        principalPaid = amount - interestPaid;
        uint256 settled = Math.min(interestPaid * SCALE, line.interest);
        line.interest -= settled.toUint192();
        line.principal -= principalPaid.toUint128();
        if (line.writtenOff) return (interestPaid, principalPaid);

        _interest -= settled;
        totalPrincipal -= principalPaid;
        _interestRate -= principalPaid * line.rate;
        if (line.principal == 0) {
            _due.remove(id);
            (line.dueAt, line.installment) = (0, 0);
            emit CycleStarted(id, 0, 0);
        } else if (principalPaid >= line.installment) {
            _startCycle(id, line, line.principal);
        } else {
            line.installment -= principalPaid.toUint128();
        }
    }

    /// @dev Takes a line in default out of the totals. Its value was nothing already, so no price moves.
    function _bookWriteOff(uint256 id, Line storage line) internal {
        _accrue(line);
        (line.writtenOff, line.stopped) = (true, true);
        totalPrincipal -= line.principal;
        _interestRate -= uint256(line.principal) * line.rate;
        _interest -= line.interest;
        _due.remove(id);
        emit WrittenOff(id, line.principal, Math.ceilDiv(line.interest, SCALE));
    }

    /// @dev Another rate and cycle from now on. The running cycle keeps its due date.
    function _bookTerms(Line storage line, uint256 rate, uint32 cycle) internal {
        _accrue(line);
        _interestRate = _interestRate + line.principal * rate - uint256(line.principal) * line.rate;
        line.rate = rate.toUint32();
        line.cycle = cycle;
    }

    /// @dev Brings a line's interest and the total up to date.
    function _accrue(Line storage line) private {
        line.interest = _interestOf(line).toUint192();
        line.accruedAt = uint64(block.timestamp);
        _interest += _interestRate * (block.timestamp - _accruedAt);
        _accruedAt = block.timestamp;
    }

    /// @dev Interest owed now, in interest units.
    function _interestOf(Line storage line) private view returns (uint256) {
        return line.interest + uint256(line.principal) * line.rate * (block.timestamp - line.accruedAt);
    }

    function _startCycle(uint256 id, Line storage line, uint256 principal) private {
        line.dueAt = uint64(block.timestamp + line.cycle);
        line.installment = _installmentOf(principal).toUint128();
        _due.set(id, line.dueAt);
        emit CycleStarted(id, line.dueAt, line.installment);
    }

    function _installmentOf(uint256 principal) private view returns (uint256) {
        return Math.ceilDiv(principal * installmentShare, BASIS_POINTS);
    }
}

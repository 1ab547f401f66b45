// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation} from "./Attestation.sol";
import {Attesters} from "./Attesters.sol";
import {INullifierRegistry} from "./INullifierRegistry.sol";
import {Line, Status} from "./Line.sol";
import {LineBook} from "./LineBook.sol";
import {Recoveries} from "./Recoveries.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A pool's rules, fixed for its life.
/// @param grace Seconds that a payment may be overdue before the line loses value.
/// @param delinquency Seconds after that in which it loses all of it.
/// @param installmentShare Share of the principal due each cycle, in basis points.
/// @param releaseTime Seconds over which money from written-off lines is released to the shares.
/// @param maxAge Oldest observation, in seconds, that opens or renews a line.
/// @param delay Seconds between proposing and applying a change.
/// @param minLimit Smallest limit of a line; keeps a rogue attester from filling the books with tiny ones.
struct Terms {
    uint32 grace;
    uint32 delinquency;
    uint32 installmentShare;
    uint32 releaseTime;
    uint32 maxAge;
    uint32 delay;
    uint128 minLimit;
}

/// @notice What a pool is made from.
/// @param asset The token that is lent: plain ERC-20, no fee on transfer, no rebasing.
/// @param name The share token's name.
/// @param symbol The share token's symbol.
/// @param registry Where nullifiers are claimed.
/// @param owner Who proposes and applies changes, and unpauses.
/// @param guardian Who can stop things.
/// @param terms The rules.
/// @param attesters The first set, ascending.
/// @param threshold How many of them have to sign.
/// @param backers Attesters and notaries, as 32 bytes each.
/// @param caps Their caps.
struct Setup {
    IERC20 asset;
    string name;
    string symbol;
    INullifierRegistry registry;
    address owner;
    address guardian;
    Terms terms;
    address[] attesters;
    uint256 threshold;
    bytes32[] backers;
    uint256[] caps;
}

/// @title Undercollateralized credit lines, funded by an ERC-4626 pool
/// @notice Liquidity providers deposit; borrowers open lines with attestations about their bank balance, draw, and repay
/// cycle by cycle. See README.md for the rules in one page.
///
/// Two prices: those who leave get the marked-down value (`totalAssets`), those who come pay the full value of lines
/// that are late but not lost (`entryAssets`). So nobody, above all no late borrower, gains by depositing just before a
/// late line is paid. Cash is counted in `idle`, never by balance: donations change no price.
contract CreditPool is ERC4626, LineBook, Attesters, Recoveries, Pausable, ReentrancyGuardTransient {
    /// @notice Highest rate, in basis points a year.
    uint256 public constant MAX_RATE = 10_000;
    /// @notice Shortest and longest cycle.
    uint256 public constant MIN_CYCLE = 1 days;
    /// @notice Longest cycle.
    uint256 public constant MAX_CYCLE = 366 days;

    /// @notice Where nullifiers are claimed.
    INullifierRegistry public immutable registry;
    /// @notice Oldest observation, in seconds, that opens or renews a line.
    uint256 public immutable maxAge;
    /// @notice Smallest limit of a line.
    uint256 public immutable minLimit;

    /// @notice Cash that can be drawn or withdrawn.
    uint256 public idle;
    /// @notice The line that used an attestation; zero: unused.
    mapping(bytes32 attestation => uint256) public usedBy;

    /// @notice A line was opened.
    event Opened(uint256 indexed id, address indexed borrower, bytes32 indexed attestation, Attestation terms);
    /// @notice A line rests on a fresh attestation.
    event Renewed(uint256 indexed id, address indexed borrower, bytes32 indexed attestation, Attestation terms);
    /// @notice The borrower drew.
    event Drawn(uint256 indexed id, address indexed to, uint256 amount);
    /// @notice Somebody paid on a line.
    event Repaid(uint256 indexed id, address indexed by, uint256 interest, uint256 principal);
    /// @notice A line is stopped for good: no draws, no renewal.
    event LineStopped(uint256 indexed id, address indexed by);
    /// @notice A line is over and its nullifier cools down.
    event LineClosed(uint256 indexed id);

    /// @notice The asset is no contract.
    error NoAsset(address got);
    /// @notice Each backer needs a cap: `backers` backers and `caps` caps came.
    error CapsMismatch(uint256 backers, uint256 caps);
    /// @notice The token moved another amount than it should: fee-on-transfer tokens and transfers to the pool itself are
    /// refused.
    error UnexpectedTransfer(uint256 got, uint256 expected);
    /// @notice The attestation already serves a line: get a fresh one.
    error AttestationUsed(bytes32 attestation, uint256 line);
    /// @notice A limit, rate or cycle outside the pool's bounds; the attestation serves no pool like this one.
    error TermsOutOfBounds(uint256 limit, uint256 rate, uint32 cycle);
    /// @notice A renewal needs the line's own scope and nullifier and a later observation.
    error NotARenewal(uint256 id);
    /// @notice Only the borrower may do this.
    error NotBorrower(address got, address expected);
    /// @notice The line was stopped: it can only be repaid and closed.
    error Stopped(uint256 id);
    /// @notice Zero is no amount.
    error ZeroAmount();
    /// @notice The principal would be `got`, the limit is `limit`: draw less, or renew with a higher limit.
    error LimitExceeded(uint256 got, uint256 limit);
    /// @notice The pool has `idle` in cash: draw less, or wait for repayments and deposits.
    error NotEnoughCash(uint256 got, uint256 idle);
    /// @notice The debt grew to `debt`, above what the payer allowed.
    error DebtAbove(uint256 debt, uint256 atMost);
    /// @notice The line is still owed `principal` and `interest`: repay first.
    error StillOwed(uint256 principal, uint256 interest);
    /// @notice Until the line expires or is stopped, only the borrower closes it.
    error NotYoursToClose(uint256 id);

    constructor(Setup memory setup)
        ERC20(setup.name, setup.symbol)
        ERC4626(setup.asset)
        LineBook(setup.terms.grace, setup.terms.delinquency, setup.terms.installmentShare)
        Attesters(setup.owner, setup.guardian, setup.terms.delay)
        Recoveries(setup.terms.releaseTime)
    {
        if (address(setup.asset).code.length == 0) revert NoAsset(address(setup.asset));
        if (setup.backers.length != setup.caps.length) revert CapsMismatch(setup.backers.length, setup.caps.length);
        registry = setup.registry;
        maxAge = setup.terms.maxAge;
        minLimit = setup.terms.minLimit;
        _setAttesters(setup.attesters, setup.threshold);
        for (uint256 i = 0; i < setup.backers.length; ++i) {
            _setCap(setup.backers[i], setup.caps[i]);
        }
    }

    // Borrowers

    /// @notice Opens a line for the caller.
    /// @param attestation The offer, for the caller, this chain and this pool.
    /// @param notaries The attested notaries' key ids, ascending.
    /// @param signatures Exactly `threshold` signatures, ascending by signer.
    /// @return id The line's number.
    function open(Attestation calldata attestation, bytes32[] calldata notaries, bytes[] calldata signatures)
        external
        whenNotPaused
        nonReentrant
        returns (uint256 id)
    {
        id = ++lineCount;
        Line storage line = _lines[id];
        (line.borrower, line.scope, line.nullifier) = (msg.sender, attestation.scope, attestation.nullifier);
        _rest(id, line, attestation, notaries, signatures);
        registry.claim(attestation.scope, attestation.nullifier, id);
        emit Opened(id, msg.sender, attestation.id, attestation);
    }

    /// @notice Puts the caller's line on a fresh attestation about the same bank account: other limit, rate, cycle, expiry.
    /// Nothing may be overdue. The running cycle keeps its due date; a limit below the principal only stops draws.
    function renew(
        uint256 id,
        Attestation calldata attestation,
        bytes32[] calldata notaries,
        bytes[] calldata signatures
    ) external whenNotPaused nonReentrant {
        Line storage line = _currentLine(id);
        if (msg.sender != line.borrower) revert NotBorrower(msg.sender, line.borrower);
        if (line.stopped) revert Stopped(id);
        if (
            attestation.scope != line.scope || attestation.nullifier != line.nullifier
                || attestation.observedAt <= line.observedAt
        ) revert NotARenewal(id);
        _rest(id, line, attestation, notaries, signatures);
        emit Renewed(id, msg.sender, attestation.id, attestation);
    }

    /// @notice Draws from the caller's line: while nothing is overdue, the attestation holds, and the pool has cash.
    function draw(uint256 id, uint256 amount, address to) external whenNotPaused nonReentrant {
        Line storage line = _currentLine(id);
        if (msg.sender != line.borrower) revert NotBorrower(msg.sender, line.borrower);
        if (line.stopped) revert Stopped(id);
        if (block.timestamp >= line.expiry) revert Expired(line.expiry);
        if (revoked[line.attestation]) revert Revoked(line.attestation);
        if (amount == 0) revert ZeroAmount();
        if (amount > idle) revert NotEnoughCash(amount, idle);
        if (line.principal + amount > line.limit) revert LimitExceeded(line.principal + amount, line.limit);
        _bookDraw(id, line, amount);
        _transferOut(to, amount);
        emit Drawn(id, to, amount);
    }

    /// @notice Pays exactly `amount` on a line, interest first. Anybody may pay, at any time, paused or not.
    function repay(uint256 id, uint256 amount) external nonReentrant {
        _repay(id, amount);
    }

    /// @notice Pays a line's whole debt of this second, if it isn't above `atMost`.
    /// @return amount What was paid.
    function repayAll(uint256 id, uint256 atMost) external nonReentrant returns (uint256 amount) {
        (uint256 principal, uint256 interest) = debtOf(id);
        amount = principal + interest;
        if (amount > atMost) revert DebtAbove(amount, atMost);
        _repay(id, amount);
    }

    /// @notice Ends a repaid line; its nullifier is free after the registry's cool-down. The borrower may at any time,
    /// everybody once the line expired or was stopped.
    function close(uint256 id) external nonReentrant {
        Line storage line = _openLine(id);
        if (msg.sender != line.borrower && _drawable(line)) revert NotYoursToClose(id);
        (uint256 principal, uint256 interest) = debtOf(id);
        if (principal + interest != 0) revert StillOwed(principal, interest);
        line.closed = true;
        _commit(id, line, 0);
        registry.release(line.scope, line.nullifier);
        emit LineClosed(id);
    }

    // Keepers and watchers

    /// @notice Takes a line in default out of the books. Anybody may; prices don't move, later valuations get cheaper.
    function writeOff(uint256 id) external nonReentrant {
        Line storage line = _openLine(id);
        if (_status(line) != Status.Default || line.writtenOff) revert WrongStatus(id, _status(line), Status.Default);
        _bookWriteOff(id, line);
        _commit(id, line, line.principal);
    }

    /// @notice Withdraws an attestation: it opens nothing, and a line that rests on it can't be drawn on until renewed.
    function revokeAttestation(bytes32 attestation) external nonReentrant {
        _revoke(attestation);
        uint256 id = usedBy[attestation];
        Line storage line = _lines[id];
        if (id != 0 && line.attestation == attestation && !line.closed) _commit(id, line, line.principal);
    }

    /// @notice Stops a line for good: it can only be repaid and closed.
    function revokeLine(uint256 id) external nonReentrant {
        _onlyRevoker();
        Line storage line = _openLine(id);
        line.stopped = true;
        _commit(id, line, line.principal);
        emit LineStopped(id, msg.sender);
    }

    /// @notice Stops deposits, new lines, renewals and draws. Repaying and leaving is always possible.
    function pause() external onlyOwnerOrGuardian {
        _pause();
    }

    /// @notice Lets everything go on.
    function unpause() external onlyOwner {
        _unpause();
    }

    // Shares

    /// @notice What the shares are worth to those who leave: cash, and lines with interest at their marked-down value,
    /// without what recoveries still hold back. Never more than the pool has and has lent.
    function totalAssets() public view override returns (uint256) {
        (uint256 marked,) = _late(1);
        return Math.saturatingSub(idle + (_grossValue() - marked) / SCALE, unreleased());
    }

    /// @notice What the shares are worth to those who come: cash, and all lines that aren't lost at full value.
    function entryAssets() public view returns (uint256) {
        (, uint256 lost) = _late(1);
        return idle + (_grossValue() - lost) / SCALE;
    }

    /// @inheritdoc ERC4626
    /// @dev Nothing while paused, or when shares exist and nothing is left (any price would be wrong).
    function maxDeposit(address) public view override returns (uint256) {
        return paused() || (totalSupply() != 0 && entryAssets() == 0) ? 0 : type(uint256).max;
    }

    /// @inheritdoc ERC4626
    function maxMint(address receiver) public view override returns (uint256) {
        return maxDeposit(receiver);
    }

    /// @inheritdoc ERC4626
    /// @dev As much as the cash allows.
    function maxRedeem(address owner_) public view override returns (uint256) {
        return Math.min(balanceOf(owner_), convertToShares(idle));
    }

    /// @inheritdoc ERC4626
    function previewDeposit(uint256 assets) public view override returns (uint256) {
        return Math.mulDiv(assets, totalSupply() + 10 ** _decimalsOffset(), entryAssets() + 1);
    }

    /// @inheritdoc ERC4626
    function previewMint(uint256 shares) public view override returns (uint256) {
        return Math.mulDiv(shares, entryAssets() + 1, totalSupply() + 10 ** _decimalsOffset(), Math.Rounding.Ceil);
    }

    // Inside

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        super._deposit(caller, receiver, assets, shares);
    }

    function _withdraw(address caller, address receiver, address owner_, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        super._withdraw(caller, receiver, owner_, assets, shares);
    }

    /// @dev Cash comes in, all of it.
    function _transferIn(address from, uint256 assets) internal override {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        super._transferIn(from, assets);
        uint256 got = token.balanceOf(address(this)) - before;
        if (got != assets) revert UnexpectedTransfer(got, assets);
        idle += assets;
    }

    /// @dev Cash goes out, exactly so much.
    function _transferOut(address to, uint256 assets) internal override {
        idle -= assets;
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        super._transferOut(to, assets);
        uint256 left = before - token.balanceOf(address(this));
        if (left != assets) revert UnexpectedTransfer(left, assets);
    }

    /// @dev Virtual shares: a million to one unit of the asset, so that rounding steals nothing worth having.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    function _repay(uint256 id, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        Line storage line = _openLine(id);
        _transferIn(msg.sender, amount);
        (uint256 interest, uint256 principal) = _bookPayment(id, line, amount);
        if (line.writtenOff) _holdBack(id, amount);
        if (!_drawable(line)) _commit(id, line, line.principal);
        else _commit(id, line, Math.max(line.limit, line.principal));
        emit Repaid(id, msg.sender, interest, principal);
    }

    /// @dev Checks an attestation, uses it up, and puts the line on its terms and its backers behind the line.
    function _rest(
        uint256 id,
        Line storage line,
        Attestation calldata attestation,
        bytes32[] calldata notaries,
        bytes[] calldata signatures
    ) private {
        bytes32[] memory backers = _verify(attestation, notaries, signatures, maxAge);
        if (usedBy[attestation.id] != 0) revert AttestationUsed(attestation.id, usedBy[attestation.id]);
        if (
            attestation.limit < minLimit || attestation.limit > type(uint128).max || attestation.rate > MAX_RATE
                || attestation.cycle < MIN_CYCLE || attestation.cycle > MAX_CYCLE
        ) revert TermsOutOfBounds(attestation.limit, attestation.rate, attestation.cycle);
        usedBy[attestation.id] = id;
        _bookTerms(line, attestation.rate, attestation.cycle);
        (line.attestation, line.limit) = (attestation.id, uint128(attestation.limit));
        (line.expiry, line.observedAt) = (attestation.expiry, attestation.observedAt);
        _commit(id, line, 0);
        _setBackers(id, backers);
        _commit(id, line, Math.max(line.limit, line.principal));
    }

    /// @dev Whether the line could still be drawn on, were nothing overdue.
    function _drawable(Line storage line) private view returns (bool) {
        return !line.stopped && !revoked[line.attestation] && block.timestamp < line.expiry;
    }

    /// @dev Changes what a line's backers answer for.
    function _commit(uint256 id, Line storage line, uint256 amount) private {
        _moveExposure(id, line.committed, amount);
        line.committed = uint128(amount);
    }
}

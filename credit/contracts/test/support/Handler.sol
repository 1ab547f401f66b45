// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation} from "../../src/Attestation.sol";
import {CreditPool} from "../../src/CreditPool.sol";
import {Line, Status} from "../../src/Line.sol";
import {World} from "./World.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Random people
/// @notice forge calls these functions in random order with random arguments. Each does something that must work (a revert
/// fails the test), or, in `attack`, something that must not. Around each the prices are compared, and beside the pools
/// a ledger is kept.
contract Handler is World {
    /// @notice What went in and out of a pool, by this contract's own count.
    struct Ledger {
        uint256 deposited;
        uint256 withdrawn;
        uint256 drawn;
        uint256 repaid;
        uint256 donated;
    }

    CreditPool[2] public pools;
    mapping(CreditPool => Ledger) public ledgers;
    /// @notice Interest paid so far, and the highest sum of interest paid and owed that was seen.
    mapping(CreditPool => mapping(uint256 => uint256)) public interestPaid;
    mapping(CreditPool => mapping(uint256 => uint256)) public interestSeen;
    /// @notice Things that worked and should not have, or fell and should not have.
    uint256 public breaches;
    string public lastBreach;
    /// @notice How often each action did something, for the curious (`forge test -vv`).
    mapping(string action => uint256) public done;

    address[4] private _borrowers = [address(0xB1), address(0xB2), address(0xB3), address(0xB4)];
    address[3] private _lps = [address(0xD1), address(0xD2), address(0xD3)];
    Attestation[] private _used;

    constructor() {
        setUp();
        pools = [pool, other];
    }

    /// @dev Time stands still in an action: the exit price of a share may rise in it, never fall.
    modifier fair() {
        (uint256[2] memory assets, uint256[2] memory shares) = _prices();
        _;
        for (uint256 i = 0; i < 2; ++i) {
            uint256 after_ = (pools[i].totalAssets() + 1) * (shares[i] + 1e6);
            _expect(after_ >= (assets[i] + 1) * (pools[i].totalSupply() + 1e6), "share price fell");
            _expect(pools[i].entryAssets() >= pools[i].totalAssets(), "entry below exit");
        }
    }

    // Time

    /// @notice A share's value falls by markdown only.
    function wait_(uint256 time) external {
        uint256[2] memory before;
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 marked,) = pools[i].markdown();
            before[i] = pools[i].totalAssets() + marked;
        }
        // Mostly days, sometimes weeks.
        skip(time % 3 == 0 ? between(time, 1, 60 days) : between(time, 1, 3 days));
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 marked,) = pools[i].markdown();
            // What is held back may hide a loss of as much.
            uint256 now_ = pools[i].totalAssets() + marked + pools[i].unreleased();
            _expect(now_ + 2 >= before[i], "value fell without markdown");
            for (uint256 id = 1; id <= pools[i].lineCount(); ++id) {
                _watchInterest(pools[i], id);
            }
        }
    }

    // Liquidity providers

    function deposit_(uint256 where, uint256 who, uint256 amount) external fair {
        CreditPool to = _pool(where);
        amount = between(amount, 1, 50_000 * USD);
        if (amount > to.maxDeposit(address(0))) return;
        deposit(to, _lps[who % 3], amount);
        ledgers[to].deposited += amount;
        ++done["deposit"];
    }

    function withdraw_(uint256 where, uint256 who, uint256 amount) external fair {
        CreditPool from = _pool(where);
        address lp_ = _lps[who % 3];
        amount = between(amount, 0, from.maxWithdraw(lp_));
        vm.prank(lp_);
        from.withdraw(amount, lp_, lp_);
        ledgers[from].withdrawn += amount;
        ++done["withdraw"];
    }

    function redeem_(uint256 where, uint256 who, uint256 shares) external fair {
        CreditPool from = _pool(where);
        address lp_ = _lps[who % 3];
        shares = between(shares, 0, from.maxRedeem(lp_));
        vm.prank(lp_);
        ledgers[from].withdrawn += from.redeem(shares, lp_, lp_);
        ++done["redeem"];
    }

    function donate_(uint256 where, uint256 amount) external fair {
        CreditPool to = _pool(where);
        amount = between(amount, 0, 10_000 * USD);
        usdc.mint(address(to), amount);
        ledgers[to].donated += amount;
    }

    // Borrowers

    function open_(uint256 where, uint256 who, uint256 account, uint256 limit, uint256 rate) external fair {
        CreditPool to = _pool(where);
        Attestation memory a = _offer(to, who, account);
        (a.limit, a.rate) = (between(limit, 10 * USD, 20_000 * USD), between(rate, 0, 10_000));
        if (!registry.isFree(a.scope, a.nullifier) || !_room(to, a.limit)) return;
        uint256 id = open(to, a);
        _used.push(a);
        _expect(to.usedBy(a.id) == id, "not used up");
        ++done["open"];
    }

    function renew_(uint256 where, uint256 which, uint256 limit, uint256 rate) external fair {
        (CreditPool to, uint256 id, Line memory line) = _line(where, which);
        if (id == 0 || line.stopped || to.statusOf(id) != Status.Current) return;
        Attestation memory a = _offer(to, 0, 0);
        (a.borrower, a.nullifier) = (line.borrower, line.nullifier);
        (a.limit, a.rate) = (between(limit, 10 * USD, 20_000 * USD), between(rate, 0, 10_000));
        if (a.observedAt <= line.observedAt || !_room(to, a.limit + line.principal)) return;
        bytes[] memory signatures = sign(to, a);
        vm.prank(line.borrower);
        to.renew(id, a, notaries(), signatures);
        _used.push(a);
        ++done["renew"];
    }

    function draw_(uint256 where, uint256 which, uint256 amount) external fair {
        (CreditPool from, uint256 id, Line memory line) = _line(where, which);
        if (id == 0 || !_drawable(from, id, line) || line.principal >= line.limit || from.idle() == 0) return;
        uint256 most = line.limit - line.principal;
        if (from.idle() < most) most = from.idle();
        amount = between(amount, 1, most);
        vm.prank(line.borrower);
        from.draw(id, amount, line.borrower);
        ledgers[from].drawn += amount;
        ++done["draw"];
    }

    function repay_(uint256 where, uint256 which, uint256 amount, bool due) external fair {
        (CreditPool to, uint256 id,) = _line(where, which);
        (uint256 principal, uint256 interest) = to.debtOf(id);
        if (id == 0 || principal + interest == 0) return;
        (uint256 payment,) = to.dueOf(id);
        if (!due || payment == 0) payment = between(amount, 1, principal + interest);
        _pay(to, payment);
        to.repay(id, payment);
        _paid(to, id, payment, interest);
        ++done["repay"];
    }

    function repayAll_(uint256 where, uint256 which, uint256 dice) external fair {
        (CreditPool to, uint256 id,) = _line(where, which);
        (uint256 principal, uint256 interest) = to.debtOf(id);
        if (id == 0 || principal + interest == 0 || dice % 2 != 0) return;
        _pay(to, principal + interest);
        _paid(to, id, to.repayAll(id, principal + interest), interest);
        (principal, interest) = to.debtOf(id);
        _expect(principal + interest == 0, "debt left after all was paid");
        ++done["repayAll"];
    }

    function close_(uint256 where, uint256 which, uint256 dice) external fair {
        (CreditPool to, uint256 id, Line memory line) = _line(where, which);
        (uint256 principal, uint256 interest) = to.debtOf(id);
        if (id == 0 || principal + interest != 0 || dice % 3 != 0) return;
        vm.prank(line.borrower);
        to.close(id);
        ++done["close"];
    }

    // Keepers and watchers

    function writeOff_(uint256 where) external fair {
        CreditPool to = _pool(where);
        for (uint256 id = 1; id <= to.lineCount(); ++id) {
            Line memory line = to.lineOf(id);
            if (to.statusOf(id) != Status.Default || line.writtenOff) continue;
            to.writeOff(id);
            ++done["writeOff"];
        }
    }

    function revoke_(uint256 where, uint256 which, uint256 how) external fair {
        (CreditPool to, uint256 id, Line memory line) = _line(where, which);
        // Seldom, or nothing is left to draw on.
        if (id == 0 || how % 4 != 0) return;
        vm.prank(guardian);
        if (how % 8 == 0) to.revokeLine(id);
        else to.revokeAttestation(line.attestation);
        ++done["revoke"];
    }

    // What must not work

    /// @notice Tries to open a line with something wrong.
    function attackOpening(uint256 where, uint256 kind, uint256 which, uint256 seed) external fair {
        CreditPool to = _pool(where);
        kind = kind % 7;
        // Somebody's fresh bank account, so that nothing but the fault stands in the way.
        Attestation memory a = _offer(to, seed, 0);
        a.nullifier = keccak256(abi.encode("fresh account", seed, block.timestamp, kind));
        if (!_room(to, a.limit)) return;
        address caller = a.borrower;
        CreditPool signedFor = to;
        if (kind == 0) {
            if (_used.length == 0) return;
            a.id = _used[which % _used.length].id;
            if (to.usedBy(a.id) == 0) return;
        }
        if (kind == 1) a.expiry = uint64(block.timestamp - between(seed, 0, 30 days));
        if (kind == 2) caller = address(uint160(a.borrower) + 1);
        if (kind == 3) signedFor = address(to) == address(pool) ? other : pool;
        if (kind == 4) a.epoch = 0;
        if (kind == 6) {
            // A bank account that backs an open line somewhere.
            (, uint256 id, Line memory line) = _line(seed, which);
            if (id == 0) return;
            a.nullifier = line.nullifier;
        }
        if (kind == 5) vm.chainId(between(seed, 1, 1_000_000));
        bytes[] memory signatures = sign(signedFor, a);
        if (kind == 5) vm.chainId(31337);
        vm.prank(caller);
        try to.open(a, notaries(), signatures) {
            _expect(false, "forbidden opening");
        } catch {}
        ++done["attackOpening"];
    }

    /// @notice Tries to draw too much or for somebody else, or to close a line in debt.
    function attackLine(uint256 where, uint256 kind, uint256 which) external fair {
        (CreditPool to, uint256 id, Line memory line) = _line(where, which);
        if (id == 0) return;
        address caller = line.borrower;
        bytes memory call = abi.encodeCall(to.close, (id));
        if (kind % 3 == 0) {
            // One unit too much, or one where nothing may be drawn.
            uint256 most = _drawable(to, id, line) && line.principal < line.limit ? line.limit - line.principal : 0;
            if (most >= to.idle()) {
                // So that cash is not what is missing.
                if (to.maxDeposit(address(0)) == 0) return;
                uint256 lack = most + 1 - to.idle();
                deposit(to, _lps[0], lack);
                ledgers[to].deposited += lack;
            }
            call = abi.encodeCall(to.draw, (id, most + 1, line.borrower));
        } else if (kind % 3 == 1) {
            caller = address(this);
            call = abi.encodeCall(to.draw, (id, 1, address(this)));
        } else {
            (uint256 principal, uint256 interest) = to.debtOf(id);
            if (principal + interest == 0) return;
        }
        vm.prank(caller);
        (bool worked,) = address(to).call(call);
        _expect(!worked, "forbidden draw or close");
        ++done["attackLine"];
    }

    // Inside

    function _pool(uint256 where) private view returns (CreditPool) {
        // Most happens in one pool.
        return where % 4 == 0 ? other : pool;
    }

    /// @dev An open line; id 0 if there is none.
    function _line(uint256 where, uint256 which) private view returns (CreditPool to, uint256 id, Line memory line) {
        to = _pool(where);
        uint256 count = to.lineCount();
        for (uint256 i = 0; i < count; ++i) {
            id = 1 + (which % count + i) % count;
            line = to.lineOf(id);
            if (!line.closed) return (to, id, line);
        }
        return (to, 0, line);
    }

    function _offer(CreditPool to, uint256 who, uint256 account) private returns (Attestation memory a) {
        a = offer(_borrowers[who % 4], 1_000 * USD);
        a.nullifier = keccak256(abi.encode("account", account % 16));
        (a.cycle, a.epoch) = (uint32(between(account, 1 days, 20 days)), to.epoch());
    }

    function _drawable(CreditPool to, uint256 id, Line memory line) private view returns (bool) {
        return !line.stopped && !to.revoked(line.attestation) && block.timestamp < line.expiry
            && to.statusOf(id) == Status.Current;
    }

    function _room(CreditPool to, uint256 limit) private view returns (bool) {
        return to.exposureOf(NOTARY_A) + limit <= CAP;
    }

    function _pay(CreditPool to, uint256 amount) private {
        usdc.mint(address(this), amount);
        usdc.approve(address(to), amount);
    }

    function _paid(CreditPool to, uint256 id, uint256 amount, uint256 interest) private {
        ledgers[to].repaid += amount;
        interestPaid[to][id] += amount < interest ? amount : interest;
        _watchInterest(to, id);
    }

    function _watchInterest(CreditPool to, uint256 id) private {
        (, uint256 owed) = to.debtOf(id);
        uint256 sum = owed + interestPaid[to][id];
        _expect(sum >= interestSeen[to][id], "interest fell");
        interestSeen[to][id] = sum;
    }

    function _prices() private view returns (uint256[2] memory assets, uint256[2] memory shares) {
        for (uint256 i = 0; i < 2; ++i) {
            (assets[i], shares[i]) = (pools[i].totalAssets(), pools[i].totalSupply());
        }
    }

    function _expect(bool good, string memory what) private {
        if (good) return;
        ++breaches;
        lastBreach = what;
    }

    /// @notice The registry that the pools share.
    function registryOf() external view returns (address) {
        return address(registry);
    }

    /// @notice Everybody who may stand behind lines.
    function backers() external view returns (bytes32[] memory) {
        return setupOf(IERC20(address(usdc)), registry).backers;
    }
}

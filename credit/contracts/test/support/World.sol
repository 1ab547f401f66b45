// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation} from "../../src/Attestation.sol";
import {CreditPool, Setup, Terms} from "../../src/CreditPool.sol";
import {NullifierRegistry} from "../../src/NullifierRegistry.sol";
import {PlayUsdc} from "./Tokens.sol";
import {Test} from "./Vm.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Two pools of play dollars that share a registry, three attesters, two notaries, a few people
abstract contract World is Test {
    uint256 internal constant USD = 1e6;
    uint256 internal constant CAP = 1_000_000 * USD;
    bytes32 internal constant NOTARY_A = keccak256("notary A");
    bytes32 internal constant NOTARY_B = keccak256("notary B");
    bytes8 internal constant SCOPE = "parlance";
    uint256 internal constant COOL_DOWN = 30 days;
    uint32 internal constant GRACE = 7 days;
    uint32 internal constant DELINQUENCY = 20 days;
    uint32 internal constant CYCLE = 30 days;
    uint32 internal constant RELEASE = 14 days;
    uint32 internal constant DELAY = 2 days;

    address internal owner = address(0xA11);
    address internal guardian = address(0x6A4D);
    address internal lp = address(0x11);
    address internal lp2 = address(0x12);
    address internal bob = address(0xB0B);
    address internal carol = address(0xCA401);

    PlayUsdc internal usdc;
    NullifierRegistry internal registry;
    CreditPool internal pool;
    CreditPool internal other;
    /// @dev Keys of the attesters, in the order of their addresses.
    uint256[] internal keys;
    uint256 private _issued;

    function setUp() public virtual {
        keys = sortedKeys(1);
        usdc = makeToken();
        (registry, pool, other) = makePools(IERC20(address(usdc)));
    }

    function makeToken() internal virtual returns (PlayUsdc) {
        return new PlayUsdc();
    }

    /// @dev Three keys from `seed` on, by address.
    function sortedKeys(uint256 seed) internal pure returns (uint256[] memory sorted) {
        sorted = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 key = uint256(keccak256(abi.encode("attester", seed + i)));
            uint256 place = i;
            for (; place > 0 && vm.addr(sorted[place - 1]) > vm.addr(key); --place) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = key;
        }
    }

    function addresses(uint256[] memory secrets) internal pure returns (address[] memory list) {
        list = new address[](secrets.length);
        for (uint256 i = 0; i < secrets.length; ++i) {
            list[i] = vm.addr(secrets[i]);
        }
    }

    function backer(address attester) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(attester)));
    }

    function makePools(IERC20 asset) internal returns (NullifierRegistry, CreditPool, CreditPool) {
        address[] memory pools = new address[](2);
        uint256 nonce = vm.getNonce(address(this));
        pools[0] = vm.computeCreateAddress(address(this), nonce + 1);
        pools[1] = vm.computeCreateAddress(address(this), nonce + 2);
        NullifierRegistry made = new NullifierRegistry(owner, DELAY, COOL_DOWN, pools);
        Setup memory setup = setupOf(asset, made);
        return (made, new CreditPool(setup), new CreditPool(setup));
    }

    function setupOf(IERC20 asset, NullifierRegistry registry_) internal view returns (Setup memory setup) {
        setup.asset = asset;
        (setup.name, setup.symbol) = ("Parlance credit USDC", "pcUSDC");
        setup.registry = registry_;
        (setup.owner, setup.guardian) = (owner, guardian);
        setup.terms = Terms({
            grace: GRACE,
            delinquency: DELINQUENCY,
            installmentShare: 1_000,
            releaseTime: RELEASE,
            maxAge: 7 days,
            delay: DELAY,
            minLimit: uint128(10 * USD)
        });
        setup.attesters = addresses(keys);
        setup.threshold = 2;
        setup.backers = new bytes32[](5);
        setup.caps = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) {
            setup.backers[i] = i < 3 ? backer(setup.attesters[i]) : i == 3 ? NOTARY_A : NOTARY_B;
            setup.caps[i] = CAP;
        }
    }

    function notaries() internal pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = NOTARY_A < NOTARY_B ? (NOTARY_A, NOTARY_B) : (NOTARY_B, NOTARY_A);
    }

    /// @dev A fresh, valid offer: 12 % a year, a cycle of 30 days, good for a year. One bank account a borrower.
    function offer(address borrower, uint256 limit) internal returns (Attestation memory a) {
        a.id = keccak256(abi.encode("attestation", ++_issued));
        a.statement = keccak256("balance >= X");
        a.borrower = borrower;
        (a.limit, a.rate, a.cycle) = (limit, 1_200, CYCLE);
        (a.scope, a.nullifier) = (SCOPE, keccak256(abi.encode("account of", borrower)));
        a.notaries = keccak256(abi.encodePacked(notaries()));
        a.template = keccak256("demo bank");
        a.observedAt = uint64(block.timestamp - 1 hours);
        a.issuedAt = uint64(block.timestamp - 1 minutes);
        a.expiry = uint64(block.timestamp + 365 days);
        a.epoch = pool.epoch();
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev By the first two attesters.
    function sign(CreditPool to, Attestation memory a) internal view returns (bytes[] memory list) {
        bytes32 digest = to.digestOf(a);
        list = new bytes[](2);
        (list[0], list[1]) = (signature(keys[0], digest), signature(keys[1], digest));
    }

    function open(CreditPool to, Attestation memory a) internal returns (uint256) {
        bytes[] memory signatures = sign(to, a);
        vm.prank(a.borrower);
        return to.open(a, notaries(), signatures);
    }

    function openFails(Attestation memory a, bytes memory why) internal {
        bytes[] memory signatures = sign(pool, a);
        vm.expectRevert(why);
        vm.prank(a.borrower);
        pool.open(a, notaries(), signatures);
    }

    function renew(uint256 id, Attestation memory a) internal {
        bytes[] memory signatures = sign(pool, a);
        vm.prank(a.borrower);
        pool.renew(id, a, notaries(), signatures);
    }

    function deposit(CreditPool to, address who, uint256 amount) internal returns (uint256 shares) {
        usdc.mint(who, amount);
        vm.startPrank(who);
        usdc.approve(address(to), amount);
        shares = to.deposit(amount, who);
        vm.stopPrank();
    }

    function draw(uint256 id, address borrower, uint256 amount) internal {
        vm.prank(borrower);
        pool.draw(id, amount, borrower);
    }

    /// @dev Mints what is needed and pays.
    function repay(uint256 id, address by, uint256 amount) internal {
        usdc.mint(by, amount);
        vm.startPrank(by);
        usdc.approve(address(pool), amount);
        pool.repay(id, amount);
        vm.stopPrank();
    }

    function debt(uint256 id) internal view returns (uint256) {
        (uint256 principal, uint256 interest) = pool.debtOf(id);
        return principal + interest;
    }

    /// @dev A funded pool and Bob's line of 10,000 with `amount` drawn.
    function lineWith(uint256 amount) internal returns (uint256 id) {
        deposit(pool, lp, 100_000 * USD);
        id = open(pool, offer(bob, 10_000 * USD));
        if (amount != 0) draw(id, bob, amount);
    }
}

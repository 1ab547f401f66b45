// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation} from "../src/Attestation.sol";
import {Attesters} from "../src/Attesters.sol";
import {CreditPool} from "../src/CreditPool.sol";
import {NullifierRegistry} from "../src/NullifierRegistry.sol";
import {World} from "./support/World.sol";

/// @notice What an attestation must be to open a line: every check has a wrong one that fails.
contract AttestationsTest is World {
    function test_a_valid_one_opens_a_line_once() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        uint256 id = open(pool, a);
        vm.assertEq(id, 1, "first line");
        vm.assertEq(pool.usedBy(a.id), id, "used");
        vm.assertEq(pool.lineOf(id).borrower, bob, "borrower");
        openFails(a, abi.encodeWithSelector(CreditPool.AttestationUsed.selector, a.id, id));
        // The same id under other content is the same attestation.
        a.nullifier = keccak256("another account");
        openFails(a, abi.encodeWithSelector(CreditPool.AttestationUsed.selector, a.id, id));
    }

    function test_for_another_borrower() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        bytes[] memory signatures = sign(pool, a);
        vm.expectRevert(abi.encodeWithSelector(Attesters.WrongBorrower.selector, carol, bob));
        vm.prank(carol);
        pool.open(a, notaries(), signatures);
        // Putting oneself in breaks the signatures.
        a.borrower = carol;
        vm.expectPartialRevert(Attesters.NotAttester.selector);
        vm.prank(carol);
        pool.open(a, notaries(), signatures);
    }

    function test_for_another_contract() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        bytes[] memory signatures = sign(other, a);
        vm.expectPartialRevert(Attesters.NotAttester.selector);
        vm.prank(bob);
        pool.open(a, notaries(), signatures);
    }

    function test_for_another_chain() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        bytes[] memory signatures = sign(pool, a);
        vm.chainId(1);
        vm.expectPartialRevert(Attesters.NotAttester.selector);
        vm.prank(bob);
        pool.open(a, notaries(), signatures);
    }

    function test_for_another_epoch() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        a.epoch = 2;
        openFails(a, abi.encodeWithSelector(Attesters.WrongEpoch.selector, 2, 1));
    }

    function test_expired() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        a.expiry = uint64(block.timestamp);
        openFails(a, abi.encodeWithSelector(Attesters.Expired.selector, a.expiry));
        a.expiry += 1;
        open(pool, a);
    }

    function test_out_of_time() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        a.issuedAt = uint64(block.timestamp + 1);
        openFails(a, abi.encodeWithSelector(Attesters.BadTimes.selector, a.observedAt, a.issuedAt));
        a.issuedAt = a.observedAt - 1;
        openFails(a, abi.encodeWithSelector(Attesters.BadTimes.selector, a.observedAt, a.issuedAt));
        a.issuedAt = uint64(block.timestamp);
        a.observedAt = uint64(block.timestamp - 7 days - 1);
        openFails(a, abi.encodeWithSelector(Attesters.TooOld.selector, a.observedAt, 7 days));
        a.observedAt += 1;
        open(pool, a);
    }

    function test_terms_out_of_bounds() public {
        for (uint256 i = 0; i < 5; ++i) {
            Attestation memory a = offer(bob, 10_000 * USD);
            if (i == 0) a.limit = 10 * USD - 1;
            if (i == 1) a.limit = uint256(type(uint128).max) + 1;
            if (i == 2) a.rate = 10_001;
            if (i == 3) a.cycle = 1 days - 1;
            if (i == 4) a.cycle = 366 days + 1;
            openFails(a, abi.encodeWithSelector(CreditPool.TermsOutOfBounds.selector, a.limit, a.rate, a.cycle));
        }
    }

    /// @notice Whatever field is changed after signing, the signatures no longer fit.
    function testFuzz_every_field_is_signed(uint256 field, uint256 bit) public {
        Attestation memory a = offer(bob, 10_000 * USD);
        bytes[] memory signatures = sign(pool, a);
        bytes32 digest = pool.digestOf(a);
        field = between(field, 0, 13);
        bytes32 word = bytes32(uint256(1) << between(bit, 0, 255));
        uint8[14] memory bits = [0, 0, 160, 0, 0, 32, 8, 0, 0, 0, 64, 64, 64, 32];
        // The in-memory struct is 14 words; a narrow field changes within its width.
        if (field == 6) word = bytes32(uint256(1) << (192 + between(bit, 0, 63)));
        else if (bits[field] != 0) word = bytes32(uint256(1) << between(bit, 0, bits[field] - 1));
        assembly {
            let place := add(a, mul(field, 32))
            mstore(place, xor(mload(place), word))
        }
        vm.assertTrue(pool.digestOf(a) != digest, "digest changes");
        (bool ok,) = _tryOpen(a, signatures);
        vm.assertTrue(!ok, "refused");
    }

    function test_signatures() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        bytes32 digest = pool.digestOf(a);
        bytes[] memory two = sign(pool, a);

        _fails(a, new bytes[](0), abi.encodeWithSelector(Attesters.WrongSignatureCount.selector, 0, 2));
        bytes[] memory three = new bytes[](3);
        (three[0], three[1], three[2]) = (two[0], two[1], signature(keys[2], digest));
        _fails(a, three, abi.encodeWithSelector(Attesters.WrongSignatureCount.selector, 3, 2));
        // One attester twice, and in the wrong order.
        _fails(a, _pair(two[0], two[0]), abi.encodeWithSelector(Attesters.NotAscending.selector, 1));
        _fails(a, _pair(two[1], two[0]), abi.encodeWithSelector(Attesters.NotAscending.selector, 1));
        // A stranger, garbage, and nothing.
        _fails(
            a,
            _pair(two[0], signature(42, digest)),
            abi.encodeWithSelector(Attesters.NotAttester.selector, 1, vm.addr(42))
        );
        _fails(a, _pair(hex"00", two[1]), abi.encodeWithSelector(Attesters.NotAttester.selector, 0, address(0)));
        _fails(a, _pair(new bytes(65), two[1]), abi.encodeWithSelector(Attesters.NotAttester.selector, 0, address(0)));
        // The malleable twin (high s).
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[0], digest);
        uint256 n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory twin = abi.encodePacked(r, bytes32(n - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        _fails(a, _pair(twin, two[1]), abi.encodeWithSelector(Attesters.NotAttester.selector, 0, address(0)));
        // Any two of the three will do.
        (bool ok,) = _tryOpen(a, _pair(two[1], three[2]));
        vm.assertTrue(ok, "2 of 3");
    }

    function test_notaries_are_the_attested_ones() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        bytes[] memory signatures = sign(pool, a);
        bytes32[] memory one = new bytes32[](1);
        one[0] = NOTARY_A;
        vm.expectRevert(
            abi.encodeWithSelector(Attesters.WrongNotaries.selector, keccak256(abi.encodePacked(one)), a.notaries)
        );
        vm.prank(bob);
        pool.open(a, one, signatures);

        vm.expectRevert(abi.encodeWithSelector(Attesters.WrongNotaryCount.selector, 0));
        vm.prank(bob);
        pool.open(a, new bytes32[](0), signatures);

        // Attested twice in one list.
        bytes32[] memory twice = new bytes32[](2);
        (twice[0], twice[1]) = (NOTARY_A, NOTARY_A);
        a.notaries = keccak256(abi.encodePacked(twice));
        signatures = sign(pool, a);
        vm.expectRevert(abi.encodeWithSelector(Attesters.NotAscending.selector, 3));
        vm.prank(bob);
        pool.open(a, twice, signatures);

        // One that nobody accepted: its cap is zero.
        one[0] = keccak256("unknown notary");
        a.notaries = keccak256(abi.encodePacked(one));
        signatures = sign(pool, a);
        vm.expectRevert(abi.encodeWithSelector(Attesters.CapExceeded.selector, one[0], 10_000 * USD, 0));
        vm.prank(bob);
        pool.open(a, one, signatures);
    }

    function test_the_nullifier_backs_one_line_over_both_pools() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        open(pool, a);
        Attestation memory b = offer(carol, 10_000 * USD);
        b.nullifier = a.nullifier;
        openFails(b, abi.encodeWithSelector(NullifierRegistry.NullifierHeld.selector, address(pool), 1));
        bytes[] memory signatures = sign(other, b);
        vm.expectRevert(abi.encodeWithSelector(NullifierRegistry.NullifierHeld.selector, address(pool), 1));
        vm.prank(carol);
        other.open(b, notaries(), signatures);

        vm.prank(bob);
        pool.close(1);
        openFails(
            b, abi.encodeWithSelector(NullifierRegistry.NullifierCoolingDown.selector, block.timestamp + COOL_DOWN)
        );
        skip(COOL_DOWN);
        b.observedAt = uint64(block.timestamp);
        b.issuedAt = uint64(block.timestamp);
        open(other, b);
    }

    function test_a_revoked_one_opens_nothing() public {
        Attestation memory a = offer(bob, 10_000 * USD);
        vm.prank(vm.addr(keys[2]));
        pool.revokeAttestation(a.id);
        openFails(a, abi.encodeWithSelector(Attesters.Revoked.selector, a.id));
    }

    function test_who_may_revoke() public {
        bytes32 id = keccak256("some attestation");
        vm.expectRevert(abi.encodeWithSelector(Attesters.MayNotRevoke.selector, bob));
        vm.prank(bob);
        pool.revokeAttestation(id);
        address[3] memory may = [owner, guardian, vm.addr(keys[0])];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(may[i]);
            pool.revokeAttestation(keccak256(abi.encode(id, i)));
        }
    }

    function _pair(bytes memory first, bytes memory second) private pure returns (bytes[] memory list) {
        list = new bytes[](2);
        (list[0], list[1]) = (first, second);
    }

    function _fails(Attestation memory a, bytes[] memory signatures, bytes memory why) private {
        (bool ok, bytes memory got) = _tryOpen(a, signatures);
        vm.assertTrue(!ok, "refused");
        vm.assertEq(keccak256(got), keccak256(why), "reason");
    }

    function _tryOpen(Attestation memory a, bytes[] memory signatures) private returns (bool, bytes memory) {
        vm.prank(bob);
        return address(pool).call(abi.encodeCall(pool.open, (a, notaries(), signatures)));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation, Attestations} from "../src/Attestation.sol";
import {CreditPool} from "../src/CreditPool.sol";
import {World} from "./support/World.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice The contract against vectors/attestations.json, which an independent implementation wrote (tools/vectors.js).
contract VectorsTest is World {
    function test_type_hash() public view {
        string memory json = vm.readFile("vectors/attestations.json");
        vm.assertEq(vm.parseJsonBytes32(json, ".typeHash"), Attestations.TYPE_HASH, "type hash");
    }

    function test_digests_and_signatures() public {
        string memory json = vm.readFile("vectors/attestations.json");
        uint256 count = 0;
        for (; vm.keyExistsJson(json, _path(count, "")); ++count) {
            vm.chainId(vm.parseJsonUint(json, _path(count, ".domain.chainId")));
            address place = vm.parseJsonAddress(json, _path(count, ".domain.verifyingContract"));
            vm.etch(place, address(pool).code);
            Attestation memory a = _message(json, count);
            bytes32 digest = CreditPool(place).digestOf(a);
            vm.assertEq(this.structHash(a), vm.parseJsonBytes32(json, _path(count, ".structHash")), "struct hash");
            vm.assertEq(digest, vm.parseJsonBytes32(json, _path(count, ".digest")), "digest");
            bytes32[] memory ids = vm.parseJsonBytes32Array(json, _path(count, ".notaries"));
            vm.assertEq(keccak256(abi.encodePacked(ids)), a.notaries, "notaries");
            vm.assertEq(
                ECDSA.recover(digest, vm.parseJsonBytes(json, _path(count, ".signature"))),
                vm.parseJsonAddress(json, _path(count, ".signer")),
                "signer"
            );
        }
        vm.assertGe(count, 4, "vectors");
    }

    function structHash(Attestation calldata a) external pure returns (bytes32) {
        return Attestations.hash(a);
    }

    function _path(uint256 index, string memory rest) private pure returns (string memory) {
        return string.concat(".vectors[", vm.toString(index), "]", rest);
    }

    function _message(string memory json, uint256 index) private pure returns (Attestation memory a) {
        string memory m = _path(index, ".message.");
        a.id = vm.parseJsonBytes32(json, string.concat(m, "id"));
        a.statement = vm.parseJsonBytes32(json, string.concat(m, "statement"));
        a.borrower = vm.parseJsonAddress(json, string.concat(m, "borrower"));
        a.limit = vm.parseJsonUint(json, string.concat(m, "limit"));
        a.rate = vm.parseJsonUint(json, string.concat(m, "rate"));
        a.cycle = uint32(vm.parseJsonUint(json, string.concat(m, "cycle")));
        a.scope = bytes8(vm.parseJsonBytes(json, string.concat(m, "scope")));
        a.nullifier = vm.parseJsonBytes32(json, string.concat(m, "nullifier"));
        a.notaries = vm.parseJsonBytes32(json, string.concat(m, "notaries"));
        a.template = vm.parseJsonBytes32(json, string.concat(m, "template"));
        a.observedAt = uint64(vm.parseJsonUint(json, string.concat(m, "observedAt")));
        a.issuedAt = uint64(vm.parseJsonUint(json, string.concat(m, "issuedAt")));
        a.expiry = uint64(vm.parseJsonUint(json, string.concat(m, "expiry")));
        a.epoch = uint32(vm.parseJsonUint(json, string.concat(m, "epoch")));
    }
}

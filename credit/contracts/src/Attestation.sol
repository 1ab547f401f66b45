// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice What attesters sign (EIP-712) after they verified a borrower's zkTLS proof: the offer of one credit line.
/// The bank's name and the proven threshold stay off chain; `statement` is their hash.
/// @param id Chosen by the attesters, never used twice.
/// @param statement Hash of the statement that was proved.
/// @param borrower The only account that can use the attestation, draw, and renew.
/// @param limit Highest principal, in the asset's smallest unit.
/// @param rate Simple interest in basis points a year of 365 days, on principal, by the second.
/// @param cycle Seconds in a repayment cycle.
/// @param scope Which registry namespace the nullifier belongs to.
/// @param nullifier One bank account's pseudonym in that scope.
/// @param notaries keccak-256 of the notaries' 32-byte key ids, ascending, one after the other.
/// @param template Hash of the bank template that the proof was made with.
/// @param observedAt When the (oldest) TLS session was recorded, Unix seconds.
/// @param issuedAt When it was signed.
/// @param expiry From this second on nothing can be opened, renewed or drawn with it.
/// @param epoch The attester set's epoch for which it was signed.
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

/// @title EIP-712 hashing of an attestation
library Attestations {
    /// @notice The EIP-712 type hash.
    bytes32 internal constant TYPE_HASH = keccak256(
        "Attestation(bytes32 id,bytes32 statement,address borrower,uint256 limit,uint256 rate,uint32 cycle,bytes8 scope,bytes32 nullifier,bytes32 notaries,bytes32 template,uint64 observedAt,uint64 issuedAt,uint64 expiry,uint32 epoch)"
    );

    /// @notice `hashStruct` of EIP-712. All members are atomic, so that ABI encoding and `encodeData` agree.
    function hash(Attestation calldata attestation) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPE_HASH, attestation));
    }

    /// @notice What `Attestation.notaries` must be for these key ids.
    function hashNotaries(bytes32[] calldata notaries) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(notaries));
    }
}

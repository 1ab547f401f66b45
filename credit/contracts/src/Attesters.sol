// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Attestation, Attestations} from "./Attestation.sol";
import {Timelocked} from "./Timelocked.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title Whose word opens lines, and for how much
/// @notice k of n attesters sign each attestation, which names the notaries of its sessions. All of them are the line's
/// *backers*, and each answers for all of it. What one backer can do wrong is bounded by a cap on the sum of what it backs.
/// Loosening (another set, another cap) is time-locked; tightening (a lower cap, revocation) takes effect at once and is
/// open to the guardian too.
///
/// A backer is 32 bytes: a notary's key id, or an attester's address with zeros before it.
abstract contract Attesters is EIP712, Timelocked {
    using Attestations for Attestation;

    /// @notice Most attesters in a set, and most notaries in an attestation; bounds the loops.
    uint256 public constant MAX_BACKERS = 8;

    /// @notice May lower caps, revoke, pause and withdraw proposals, nothing else. Zero: only the owner.
    address public guardian;
    /// @notice How many attesters have to sign.
    uint256 public threshold;
    /// @notice Rises with each new set; attestations of earlier epochs open nothing any more.
    uint32 public epoch;
    /// @notice Most that a backer may back at a time. Zero: it isn't accepted.
    mapping(bytes32 backer => uint256) public capOf;
    /// @notice What a backer backs now.
    mapping(bytes32 backer => uint256) public exposureOf;
    /// @notice Attestations that were withdrawn.
    mapping(bytes32 attestation => bool) public revoked;

    address[] private _attesters;
    mapping(address attester => uint32) private _epochOf;
    mapping(uint256 line => bytes32[]) private _backers;

    /// @notice Another set is in force.
    event AttestersChanged(uint32 indexed epoch, address[] attesters, uint256 threshold);
    /// @notice A backer's cap is now `cap`.
    event CapChanged(bytes32 indexed backer, uint256 cap);
    /// @notice The guardian is now `guardian`.
    event GuardianChanged(address indexed guardian);
    /// @notice An attestation was withdrawn.
    event AttestationRevoked(bytes32 indexed attestation, address indexed by);

    /// @notice Only the owner and the guardian may do this, `got` called.
    error NotOwnerOrGuardian(address got);
    /// @notice Only the owner, the guardian and attesters of the present set may do this, `got` called.
    error MayNotRevoke(address got);
    /// @notice Bad set: it takes 1 to `MAX_BACKERS` attesters, and a threshold between 1 and their number.
    error BadAttesterSet(uint256 attesters, uint256 threshold);
    /// @notice The list must ascend without repetition; the entry at `index` does not.
    error NotAscending(uint256 index);
    /// @notice The cap can be lowered at once, but `got` is not below `cap`: propose `setCap` instead.
    error CapNotLower(uint256 got, uint256 cap);
    /// @notice The attestation is for `expected`: call from that account.
    error WrongBorrower(address got, address expected);
    /// @notice The attestation is for attester epoch `got`, now it is `expected`: get a fresh one.
    error WrongEpoch(uint32 got, uint32 expected);
    /// @notice The attestation expired at `expiry`: get a fresh one.
    error Expired(uint64 expiry);
    /// @notice The times must satisfy observedAt <= issuedAt <= now; the attestation is malformed or early.
    error BadTimes(uint64 observedAt, uint64 issuedAt);
    /// @notice The session is older than `maxAge` seconds: prove again.
    error TooOld(uint64 observedAt, uint256 maxAge);
    /// @notice The attestation was withdrawn: get a fresh one.
    error Revoked(bytes32 attestation);
    /// @notice The listed notaries hash to `got`, the attestation says `expected`: list exactly the attested ones.
    error WrongNotaries(bytes32 got, bytes32 expected);
    /// @notice Between 1 and `MAX_BACKERS` notaries must be listed, `got` were.
    error WrongNotaryCount(uint256 got);
    /// @notice Exactly `expected` signatures are needed, `got` came.
    error WrongSignatureCount(uint256 got, uint256 expected);
    /// @notice The signature at `index` is not by an attester of the present set (it recovers to `signer`).
    error NotAttester(uint256 index, address signer);
    /// @notice The backer would back `got`, more than its `cap`: wait for repayments, or find others.
    error CapExceeded(bytes32 backer, uint256 got, uint256 cap);

    modifier onlyOwnerOrGuardian() {
        _onlyStopper();
        _;
    }

    constructor(address owner_, address guardian_, uint256 delay_)
        EIP712("Parlance Credit", "1")
        Timelocked(owner_, delay_)
    {
        guardian = guardian_;
        emit GuardianChanged(guardian_);
    }

    // Changes of the owner

    /// @notice Appoints the guardian, who can only stop things.
    function setGuardian(address guardian_) external onlyOwner {
        guardian = guardian_;
        emit GuardianChanged(guardian_);
    }

    /// @notice Puts another set of attesters (ascending) in force, as proposed before. Attestations of the earlier set
    /// open nothing any more; open lines go on.
    function setAttesters(address[] calldata attesters, uint256 threshold_) external timelocked {
        _setAttesters(attesters, threshold_);
    }

    /// @notice Sets a backer's cap, as proposed before.
    function setCap(bytes32 backer, uint256 cap) external timelocked {
        _setCap(backer, cap);
    }

    /// @notice Lowers a backer's cap, at once. Open lines go on.
    function lowerCap(bytes32 backer, uint256 cap) external onlyOwnerOrGuardian {
        if (cap >= capOf[backer]) revert CapNotLower(cap, capOf[backer]);
        _setCap(backer, cap);
    }

    // Views

    /// @notice The present attesters, ascending.
    function attestersOf() external view returns (address[] memory) {
        return _attesters;
    }

    /// @notice Whether the account is an attester of the present set.
    function isAttester(address account) public view returns (bool) {
        return _epochOf[account] == epoch;
    }

    /// @notice Who stands behind a line: the attesters that signed, then the notaries.
    function backersOf(uint256 line) external view returns (bytes32[] memory) {
        return _backers[line];
    }

    /// @notice What attesters sign: the EIP-712 digest for this chain and this contract.
    function digestOf(Attestation calldata attestation) public view returns (bytes32) {
        return _hashTypedDataV4(attestation.hash());
    }

    // For the pool

    /// @dev The guardian may do what the owner may, where it only stops something.
    function _onlyStopper() internal view override {
        if (msg.sender != owner() && msg.sender != guardian) revert NotOwnerOrGuardian(msg.sender);
    }

    /// @dev Checks everything about an attestation but its terms and whether it was used: for whom, when, by whom.
    /// @return backers The attesters that signed, then the notaries.
    function _verify(
        Attestation calldata attestation,
        bytes32[] calldata notaries,
        bytes[] calldata signatures,
        uint256 maxAge
    ) internal view returns (bytes32[] memory backers) {
        if (attestation.borrower != msg.sender) {
            revert WrongBorrower(msg.sender, attestation.borrower);
        }
        if (attestation.epoch != epoch) revert WrongEpoch(attestation.epoch, epoch);
        if (block.timestamp >= attestation.expiry) revert Expired(attestation.expiry);
        if (attestation.observedAt > attestation.issuedAt || attestation.issuedAt > block.timestamp) {
            revert BadTimes(attestation.observedAt, attestation.issuedAt);
        }
        if (block.timestamp - attestation.observedAt > maxAge) revert TooOld(attestation.observedAt, maxAge);
        if (revoked[attestation.id]) revert Revoked(attestation.id);
        if (notaries.length == 0 || notaries.length > MAX_BACKERS) revert WrongNotaryCount(notaries.length);
        bytes32 hash = Attestations.hashNotaries(notaries);
        if (hash != attestation.notaries) revert WrongNotaries(hash, attestation.notaries);
        if (signatures.length != threshold) revert WrongSignatureCount(signatures.length, threshold);
        bytes32 digest = digestOf(attestation);
        backers = new bytes32[](threshold + notaries.length);
        for (uint256 i = 0; i < backers.length; ++i) {
            bool signs = i < threshold;
            backers[i] = signs ? _signer(digest, i, signatures[i]) : notaries[i - threshold];
            // Both lists ascend, so that nobody counts twice.
            if (i != 0 && i != threshold && backers[i] <= backers[i - 1]) revert NotAscending(i);
        }
    }

    /// @dev The attester of the present set that signed.
    function _signer(bytes32 digest, uint256 index, bytes calldata signature) private view returns (bytes32) {
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        if (signer == address(0) || !isAttester(signer)) revert NotAttester(index, signer);
        return bytes32(uint256(uint160(signer)));
    }

    /// @dev Withdraws an attestation, used or not. Any one attester may: stopping needs no majority.
    function _revoke(bytes32 attestation) internal {
        _onlyRevoker();
        revoked[attestation] = true;
        emit AttestationRevoked(attestation, msg.sender);
    }

    /// @dev Who may revoke attestations and lines.
    function _onlyRevoker() internal view {
        if (msg.sender != owner() && msg.sender != guardian && !isAttester(msg.sender)) {
            revert MayNotRevoke(msg.sender);
        }
    }

    /// @dev Puts new names behind a line that is backed with nothing at the moment.
    function _setBackers(uint256 line, bytes32[] memory backers) internal {
        _backers[line] = backers;
    }

    /// @dev Moves what stands behind a line from one amount to another. Caps matter only when it rises.
    function _moveExposure(uint256 line, uint256 from, uint256 to) internal {
        bytes32[] storage backers = _backers[line];
        for (uint256 i = 0; i < backers.length; ++i) {
            bytes32 backer = backers[i];
            uint256 exposure = exposureOf[backer] - from + to;
            if (to > from && exposure > capOf[backer]) revert CapExceeded(backer, exposure, capOf[backer]);
            exposureOf[backer] = exposure;
        }
    }

    /// @dev Starts a new epoch with this set.
    function _setAttesters(address[] memory attesters, uint256 threshold_) internal {
        uint256 count = attesters.length;
        if (count > MAX_BACKERS || threshold_ == 0 || threshold_ > count) revert BadAttesterSet(count, threshold_);
        uint32 next = ++epoch;
        address before = address(0);
        for (uint256 i = 0; i < count; ++i) {
            if (attesters[i] <= before) revert NotAscending(i);
            before = attesters[i];
            _epochOf[before] = next;
        }
        _attesters = attesters;
        threshold = threshold_;
        emit AttestersChanged(next, attesters, threshold_);
    }

    /// @dev Sets a backer's cap.
    function _setCap(bytes32 backer, uint256 cap) internal {
        capOf[backer] = cap;
        emit CapChanged(backer, cap);
    }
}

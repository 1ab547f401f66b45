//! The contracts that the wallet reads.

#![allow(missing_docs, reason = "generated from Solidity; the names are the standards' own")]

use alloy_sol_types::sol;

sol! {
    /// ERC-20 with its optional metadata.
    #[derive(Debug)]
    interface Erc20 {
        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function transfer(address to, uint256 amount) external returns (bool);
        function approve(address spender, uint256 amount) external returns (bool);
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
    }

    /// Uniswap Permit2, allowance part.
    #[derive(Debug)]
    interface Permit2 {
        function allowance(address owner, address token, address spender) external view
            returns (uint160 amount, uint48 expiration, uint48 nonce);
        event Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration);
        event Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration, uint48 nonce);
    }

    /// Multicall3.
    #[derive(Debug)]
    interface Multicall3 {
        struct Call3 { address target; bool allowFailure; bytes callData; }
        struct Result { bool success; bytes returnData; }
        function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory returnData);
    }

    /// Chainlink AggregatorV3Interface.
    #[derive(Debug)]
    interface Aggregator {
        function decimals() external view returns (uint8);
        function description() external view returns (string);
        function latestRoundData() external view
            returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    }

    /// OP stack GasPriceOracle, at 0x420000000000000000000000000000000000000F.
    #[derive(Debug)]
    interface GasPriceOracle {
        function getL1Fee(bytes memory data) external view returns (uint256);
    }

    /// EIP-137 registry and resolver, EIP-181 reverse records, ERC-3668 off-chain lookup.
    #[derive(Debug)]
    interface Ens {
        function resolver(bytes32 node) external view returns (address);
        function addr(bytes32 node) external view returns (address);
        function name(bytes32 node) external view returns (string);
        error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData);
    }

    /// Errors that wallets meet: OpenZeppelin 5 (ERC-6093), Permit2, Uniswap routers.
    #[derive(Debug)]
    interface KnownErrors {
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        error ERC20InvalidReceiver(address receiver);
        error ERC20InvalidSender(address sender);
        error ERC20InvalidApprover(address approver);
        error ERC20InvalidSpender(address spender);
        error OwnableUnauthorizedAccount(address account);
        error EnforcedPause();
        error AllowanceExpired(uint256 deadline);
        error InsufficientAllowance(uint256 amount);
        error SignatureExpired(uint256 signatureDeadline);
        error InvalidNonce();
        error InvalidSigner();
        error V3TooLittleReceived();
        error V3TooMuchRequested();
        error V2TooLittleReceived();
        error TransactionDeadlinePassed();
    }
}

//! The interfaces that are understood. Overloads stand in interfaces of their own, so that each keeps its name.

// `sol!` makes items without docs.
#![allow(missing_docs, reason = "generated from the interfaces' own names")]

use alloy_sol_types::sol;

sol! {
    /// ERC-20 and OpenZeppelin's two additions.
    interface Erc20 {
        function transfer(address to, uint256 amount) external returns (bool);
        function transferFrom(address from, address to, uint256 amount) external returns (bool);
        function approve(address spender, uint256 amount) external returns (bool);
        function increaseAllowance(address spender, uint256 addedValue) external returns (bool);
        function decreaseAllowance(address spender, uint256 subtractedValue) external returns (bool);
    }

    /// EIP-2612.
    interface Eip2612 {
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    }

    /// EIP-2612 with a signature of any form (FiatToken v2.2, for contract wallets).
    interface Eip2612Bytes {
        function permit(address owner, address spender, uint256 value, uint256 deadline, bytes signature) external;
    }

    /// DAI's own permit.
    interface DaiPermit {
        function permit(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed, uint8 v, bytes32 r, bytes32 s) external;
    }

    /// EIP-3009.
    interface Eip3009 {
        function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
        function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
    }

    /// EIP-3009 with a signature of any form (FiatToken v2.2).
    interface Eip3009Bytes {
        function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature) external;
        function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature) external;
    }

    /// WETH9.
    interface Weth9 {
        function deposit() external payable;
        function withdraw(uint256 amount) external;
    }

    // Permit2's structs.
    struct PermitDetails { address token; uint160 amount; uint48 expiration; uint48 nonce; }
    struct PermitSingle { PermitDetails details; address spender; uint256 sigDeadline; }
    struct PermitBatch { PermitDetails[] details; address spender; uint256 sigDeadline; }
    struct AllowanceTransferDetails { address from; address to; uint160 amount; address token; }
    struct TokenSpenderPair { address token; address spender; }
    struct TokenPermissions { address token; uint256 amount; }
    struct PermitTransferFrom { TokenPermissions permitted; uint256 nonce; uint256 deadline; }
    struct PermitBatchTransferFrom { TokenPermissions[] permitted; uint256 nonce; uint256 deadline; }
    struct SignatureTransferDetails { address to; uint256 requestedAmount; }

    /// Permit2, single forms.
    interface Permit2 {
        function approve(address token, address spender, uint160 amount, uint48 expiration) external;
        function permit(address owner, PermitSingle permitSingle, bytes signature) external;
        function transferFrom(address from, address to, uint160 amount, address token) external;
        function permitTransferFrom(PermitTransferFrom permit, SignatureTransferDetails transferDetails, address owner, bytes signature) external;
        function permitWitnessTransferFrom(PermitTransferFrom permit, SignatureTransferDetails transferDetails, address owner, bytes32 witness, string witnessTypeString, bytes signature) external;
        function lockdown(TokenSpenderPair[] approvals) external;
    }

    /// Permit2, batch forms.
    interface Permit2Batch {
        function permit(address owner, PermitBatch permitBatch, bytes signature) external;
        function transferFrom(AllowanceTransferDetails[] transferDetails) external;
        function permitTransferFrom(PermitBatchTransferFrom permit, SignatureTransferDetails[] transferDetails, address owner, bytes signature) external;
        function permitWitnessTransferFrom(PermitBatchTransferFrom permit, SignatureTransferDetails[] transferDetails, address owner, bytes32 witness, string witnessTypeString, bytes signature) external;
    }

    /// Uniswap V2 `UniswapV2Router02`, swaps only.
    interface V2Router {
        function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) external;
        function swapTokensForExactTokens(uint256 amountOut, uint256 amountInMax, address[] path, address to, uint256 deadline) external;
        function swapExactETHForTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) external payable;
        function swapTokensForExactETH(uint256 amountOut, uint256 amountInMax, address[] path, address to, uint256 deadline) external;
        function swapExactTokensForETH(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) external;
        function swapETHForExactTokens(uint256 amountOut, address[] path, address to, uint256 deadline) external payable;
        function swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) external;
        function swapExactETHForTokensSupportingFeeOnTransferTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) external payable;
        function swapExactTokensForETHSupportingFeeOnTransferTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) external;
    }

    /// Uniswap V3 `SwapRouter`: a deadline in each struct.
    interface V3Router {
        struct ExactInputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }
        struct ExactInputParams { bytes path; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; }
        struct ExactOutputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountOut; uint256 amountInMaximum; uint160 sqrtPriceLimitX96; }
        struct ExactOutputParams { bytes path; address recipient; uint256 deadline; uint256 amountOut; uint256 amountInMaximum; }
        function exactInputSingle(ExactInputSingleParams params) external payable;
        function exactInput(ExactInputParams params) external payable;
        function exactOutputSingle(ExactOutputSingleParams params) external payable;
        function exactOutput(ExactOutputParams params) external payable;
    }

    /// Uniswap `SwapRouter02`: no deadline in the structs, and Uniswap V2 without one.
    interface Router02 {
        struct ExactInputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }
        struct ExactInputParams { bytes path; address recipient; uint256 amountIn; uint256 amountOutMinimum; }
        struct ExactOutputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountOut; uint256 amountInMaximum; uint160 sqrtPriceLimitX96; }
        struct ExactOutputParams { bytes path; address recipient; uint256 amountOut; uint256 amountInMaximum; }
        function exactInputSingle(ExactInputSingleParams params) external payable;
        function exactInput(ExactInputParams params) external payable;
        function exactOutputSingle(ExactOutputSingleParams params) external payable;
        function exactOutput(ExactOutputParams params) external payable;
        function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to) external payable;
        function swapTokensForExactTokens(uint256 amountOut, uint256 amountInMax, address[] path, address to) external payable;
    }

    /// What both V3 routers have.
    interface Periphery {
        function multicall(bytes[] data) external payable;
        function unwrapWETH9(uint256 amountMinimum, address recipient) external payable;
        function sweepToken(address token, uint256 amountMinimum, address recipient) external payable;
        function refundETH() external payable;
        function selfPermit(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external payable;
        function selfPermitIfNecessary(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external payable;
        function selfPermitAllowed(address token, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external payable;
        function selfPermitAllowedIfNecessary(address token, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external payable;
    }

    /// `SwapRouter02`'s multicall with a deadline and payments to the sender.
    interface PeripheryTimed {
        function multicall(uint256 deadline, bytes[] data) external payable;
        function unwrapWETH9(uint256 amountMinimum) external payable;
        function sweepToken(address token, uint256 amountMinimum) external payable;
    }

    /// `CreditPool`, what borrowers call.
    interface CreditPool {
        struct Attestation { bytes32 id; bytes32 statement; address borrower; uint256 limit; uint256 rate; uint32 cycle; bytes8 scope; bytes32 nullifier; bytes32 notaries; bytes32 template; uint64 observedAt; uint64 issuedAt; uint64 expiry; uint32 epoch; }
        function open(Attestation attestation, bytes32[] notaries, bytes[] signatures) external returns (uint256 id);
        function renew(uint256 id, Attestation attestation, bytes32[] notaries, bytes[] signatures) external;
        function draw(uint256 id, uint256 amount, address to) external;
        function repay(uint256 id, uint256 amount) external;
        function repayAll(uint256 id, uint256 atMost) external returns (uint256 amount);
        function close(uint256 id) external;
    }

    /// `SwapRouter02`'s multicall that is bound to one block.
    interface PeripheryOneBlock {
        function multicall(bytes32 previousBlockhash, bytes[] data) external payable;
    }
}

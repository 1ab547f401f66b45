//! Payloads and interfaces, written down here a second time so that a slip in the crate's own is seen.

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address};
use alloy_sol_types::sol;
use parlance_effects::{Asset, Effect, Effects, Registry, decode_transaction};

pub const ACCOUNT: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub const ALICE: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
pub const BOB: Address = address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");

pub const USDC: Address = address!("A0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");
pub const DAI: Address = address!("6B175474E89094C44Da98b954EedeAC495271d0F");
pub const WETH: Address = address!("C02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2");
/// Not in the registry.
pub const STRANGER: Address = address!("00000000000000000000000000000000DeaDBeef");
pub const PERMIT2: Address = address!("000000000022D473030F116dDEE9F6B43aC78BA3");
pub const V2_ROUTER: Address = address!("7a250d5630B4cF539739dF2C5dAcb4c659F2488D");
pub const V3_ROUTER: Address = address!("E592427A0AEce92De3Edee1F18E0157C05861564");
pub const ROUTER_02: Address = address!("68b3465833fb72A70ecDF485E0e4C7bD8665Fc45");

/// A deadline that is neither past nor far: 2033.
pub const SOON: u64 = 2_000_000_000;

pub fn u(value: u64) -> U256 {
    U256::from(value)
}

/// An EIP-1559 payload on Ethereum.
pub fn unsigned(to: impl Into<TxKind>, value: U256, data: impl Into<Bytes>) -> Vec<u8> {
    transaction(1, to, value, data).encoded_for_signing()
}

pub fn transaction(chain_id: u64, to: impl Into<TxKind>, value: U256, data: impl Into<Bytes>) -> TxEip1559 {
    TxEip1559 {
        chain_id,
        nonce: 7,
        gas_limit: 100_000,
        max_fee_per_gas: 30_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: to.into(),
        value,
        input: data.into(),
        access_list: Default::default(),
    }
}

/// Effects of a call on Ethereum.
pub fn call(to: Address, value: U256, data: impl Into<Bytes>) -> Effects {
    let payload = unsigned(to, value, data);
    decode_transaction(Registry::builtin_ref(), ACCOUNT, &payload).expect("well-formed").effects
}

/// The same, items only.
pub fn items(to: Address, value: U256, data: impl Into<Bytes>) -> Vec<Effect> {
    call(to, value, data).items
}

/// The reason why the whole call is not understood; fails where it is.
#[track_caller]
pub fn not_understood(to: Address, value: U256, data: impl Into<Bytes>) -> String {
    let data = data.into();
    match items(to, value, data.clone()).as_slice() {
        [Effect::UnknownCall { to: callee, selector, value: along, reason }] => {
            assert_eq!((*callee, *along), (to, value));
            assert_eq!(*selector, data.first_chunk().copied());
            reason.clone()
        }
        understood => panic!("expected a call that is not understood, got {understood:?}"),
    }
}

pub fn token(address: Address) -> Asset {
    Registry::builtin_ref().token_asset(1, address)
}

pub fn eth() -> Asset {
    Registry::builtin_ref().native(1)
}

pub fn b(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

sol! {
    #![sol(all_derives)]
    interface Token {
        function transfer(address to, uint256 value);
        function transferFrom(address from, address to, uint256 value);
        function approve(address spender, uint256 value);
        function increaseAllowance(address spender, uint256 value);
        function decreaseAllowance(address spender, uint256 value);
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s);
        function transferWithAuthorization(address from, address to, uint256 value, uint256 after, uint256 before, bytes32 nonce, uint8 v, bytes32 r, bytes32 s);
        function receiveWithAuthorization(address from, address to, uint256 value, uint256 after, uint256 before, bytes32 nonce, bytes signature);
        function deposit();
        function withdraw(uint256 value);
    }
    interface Dai {
        function permit(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed, uint8 v, bytes32 r, bytes32 s);
    }
    interface P2 {
        struct Details { address token; uint160 amount; uint48 expiration; uint48 nonce; }
        struct Single { Details details; address spender; uint256 deadline; }
        struct Batch { Details[] details; address spender; uint256 deadline; }
        struct Permissions { address token; uint256 amount; }
        struct Permit { Permissions permitted; uint256 nonce; uint256 deadline; }
        struct Permits { Permissions[] permitted; uint256 nonce; uint256 deadline; }
        struct Transfer { address to; uint256 amount; }
        struct Move { address from; address to; uint160 amount; address token; }
        struct Pair { address token; address spender; }
        function approve(address token, address spender, uint160 amount, uint48 expiration);
        function permit(address owner, Single one, bytes signature);
        function transferFrom(address from, address to, uint160 amount, address token);
        function permitTransferFrom(Permit permit, Transfer transfer, address owner, bytes signature);
        function permitWitnessTransferFrom(Permit permit, Transfer transfer, address owner, bytes32 witness, string kind, bytes signature);
        function lockdown(Pair[] pairs);
    }
    interface P2Batch {
        function permit(address owner, P2.Batch many, bytes signature);
        function transferFrom(P2.Move[] moves);
        function permitTransferFrom(P2.Permits permit, P2.Transfer[] transfers, address owner, bytes signature);
    }
    interface V2 {
        function swapExactTokensForTokens(uint256 a, uint256 b, address[] path, address to, uint256 deadline);
        function swapTokensForExactTokens(uint256 a, uint256 b, address[] path, address to, uint256 deadline);
        function swapExactETHForTokens(uint256 a, address[] path, address to, uint256 deadline);
        function swapTokensForExactETH(uint256 a, uint256 b, address[] path, address to, uint256 deadline);
        function swapExactTokensForETH(uint256 a, uint256 b, address[] path, address to, uint256 deadline);
        function swapETHForExactTokens(uint256 a, address[] path, address to, uint256 deadline);
        function swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256 a, uint256 b, address[] path, address to, uint256 deadline);
        function swapExactETHForTokensSupportingFeeOnTransferTokens(uint256 a, address[] path, address to, uint256 deadline);
        function swapExactTokensForETHSupportingFeeOnTransferTokens(uint256 a, uint256 b, address[] path, address to, uint256 deadline);
        function addLiquidityETH(address token, uint256 a, uint256 b, uint256 c, address to, uint256 deadline);
    }
    interface V3 {
        struct InSingle { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 least; uint160 limit; }
        struct In { bytes path; address recipient; uint256 deadline; uint256 amountIn; uint256 least; }
        struct OutSingle { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountOut; uint256 most; uint160 limit; }
        struct Out { bytes path; address recipient; uint256 deadline; uint256 amountOut; uint256 most; }
        function exactInputSingle(InSingle p);
        function exactInput(In p);
        function exactOutputSingle(OutSingle p);
        function exactOutput(Out p);
        function multicall(bytes[] data);
        function unwrapWETH9(uint256 least, address to);
        function sweepToken(address token, uint256 least, address to);
        function refundETH();
        function selfPermit(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s);
        function selfPermitAllowed(address token, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s);
    }
    interface R02 {
        struct InSingle { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountIn; uint256 least; uint160 limit; }
        struct In { bytes path; address recipient; uint256 amountIn; uint256 least; }
        struct OutSingle { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountOut; uint256 most; uint160 limit; }
        struct Out { bytes path; address recipient; uint256 amountOut; uint256 most; }
        function exactInputSingle(InSingle p);
        function exactInput(In p);
        function exactOutputSingle(OutSingle p);
        function exactOutput(Out p);
        function swapExactTokensForTokens(uint256 a, uint256 b, address[] path, address to);
        function swapTokensForExactTokens(uint256 a, uint256 b, address[] path, address to);
        function multicall(uint256 deadline, bytes[] data);
        function unwrapWETH9(uint256 least);
        function sweepToken(address token, uint256 least);
        function wrapETH(uint256 value);
        function pull(address token, uint256 value);
    }
    interface R02Block {
        function multicall(bytes32 previous, bytes[] data);
    }
}

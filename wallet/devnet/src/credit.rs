//! Maple, the lender of the local world: its pool of USDC and the registry of nullifiers.
//!
//! They are made by an account of their own, so that their addresses hang on nothing else, and so that a chain that was
//! saved before they existed can be given them.

use alloy_network::TransactionBuilder;
use alloy_primitives::{Address, Bytes, U256};
use alloy_provider::DynProvider;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolValue};
use parlance_credit::pool::{Pool, Setup, Terms};

use crate::addresses::{ATTESTER, CREDIT_POOL, CREDIT_REGISTRY, DEPLOYER, MAPLE, NOTARY, USDC};
use crate::artifacts::{CREDIT_POOL as POOL_CODE, NULLIFIER_REGISTRY as REGISTRY_CODE};
use crate::deploy::{execute, usdc};
use crate::error::DevnetError;
use crate::interfaces::IERC20;

/// What liquidity providers have put into the pool, and the most that the attester and the notary answer for.
const FUNDS: u128 = usdc(1_000_000);
const DAY: u32 = 86_400;

/// Deploys registry and pool and funds the pool.
///
/// # Errors
/// As [`crate::deploy()`].
pub(crate) async fn deploy_credit(provider: &DynProvider) -> Result<(), DevnetError> {
    // The registry is told of the pool that will be, since later it would take days to add it.
    let registry = (MAPLE, U256::from(2 * DAY), U256::from(30 * DAY), vec![CREDIT_POOL]).abi_encode_params();
    create(provider, "credit_registry", CREDIT_REGISTRY, 0, REGISTRY_CODE.creation_code(&registry)?).await?;
    let attester = ATTESTER.into_word();
    let setup = Setup {
        asset: USDC,
        name: "Maple USDC".into(),
        symbol: "mapleUSDC".into(),
        registry: CREDIT_REGISTRY,
        owner: MAPLE,
        guardian: MAPLE,
        terms: Terms {
            grace: 7 * DAY,
            delinquency: 20 * DAY,
            installmentShare: 1_000,
            releaseTime: 14 * DAY,
            maxAge: 7 * DAY,
            delay: 2 * DAY,
            minLimit: usdc(10),
        },
        attesters: vec![ATTESTER],
        threshold: U256::from(1),
        backers: vec![attester, NOTARY],
        caps: vec![U256::from(FUNDS); 2],
    };
    create(provider, "credit_pool", CREDIT_POOL, 1, POOL_CODE.creation_code(&setup.abi_encode())?).await?;
    let amount = U256::from(FUNDS);
    call(provider, DEPLOYER, USDC, IERC20::transferCall { to: MAPLE, value: amount }).await?;
    call(provider, MAPLE, USDC, IERC20::approveCall { spender: CREDIT_POOL, value: amount }).await?;
    call(provider, MAPLE, CREDIT_POOL, Pool::depositCall { assets: amount, receiver: MAPLE }).await
}

async fn create(provider: &DynProvider, name: &'static str, expected: Address, nonce: u64, code: Bytes) -> Result<(), DevnetError> {
    let got = execute(provider, name, TransactionRequest::default().with_from(MAPLE).with_nonce(nonce).with_deploy_code(code)).await?;
    if got == Some(expected) {
        return Ok(());
    }
    Err(DevnetError::Moved { name, got: got.map_or("no address".into(), |a| a.to_string()), expected })
}

async fn call<C: SolCall>(provider: &DynProvider, from: Address, to: Address, call: C) -> Result<(), DevnetError> {
    execute(provider, C::SIGNATURE, TransactionRequest::default().with_from(from).with_to(to).with_input(call.abi_encode())).await.map(drop)
}

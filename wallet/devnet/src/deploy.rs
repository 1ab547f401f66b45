//! Puts the contracts on a fresh chain, at the addresses that are compiled in, and gives everyone their play money.

use alloy_network::TransactionBuilder;
use alloy_primitives::aliases::{I24, U24, U160};
use alloy_primitives::{Address, B256, Bytes, I256, U256, address, b256};
use alloy_provider::ext::AnvilApi;
use alloy_provider::{DynProvider, Provider};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolValue};

use crate::addresses as at;
use crate::addresses::{Addresses, DEMO, DEPLOYER, USDC_PROXY_ADMIN};
use crate::artifacts::{self, Artifact};
use crate::credit::deploy_credit;
use crate::error::{DevnetError, rpc};
use crate::interfaces::*;

/// The price of ether in dollars at which feeds and pools begin.
pub const ETH_PRICE_USD: u64 = 3_000;

/// The "deterministic deployment proxy"; anvil has it from its first block.
const CREATE2_DEPLOYER: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");
/// With this salt and mainnet's bytecode Permit2 comes to lie at its well-known address.
const PERMIT2_SALT: B256 = b256!("0x0000000000000000000000000000000000000000d3af2663da51c10215000000");
/// The account whose first transaction made Multicall3 on every chain.
const MULTICALL3_DEPLOYER: Address = address!("0x05f32B3cC3888453ff71B01135B34FF8e41263F2");

/// Enough for the largest contract here. Stated, so that the node need not estimate.
const GAS: u64 = 9_000_000;

pub(crate) const fn usdc(units: u64) -> u128 {
    units as u128 * 1_000_000
}
const fn ether(units: u64) -> u128 {
    units as u128 * 1_000_000_000_000_000_000
}

/// Deploys everything on a fresh anvil chain that mines each transaction at once (automine). `progress` gets a line in
/// words before each part. Takes about half a second.
///
/// # Errors
/// [`DevnetError::Moved`] if the deployer had sent transactions before, [`DevnetError::Reverted`] and
/// [`DevnetError::Rpc`] if the chain refuses.
pub async fn deploy(provider: &DynProvider, progress: &mut (dyn FnMut(&str) + Send)) -> Result<(), DevnetError> {
    let mut d = Deployer { provider, nonce: 0 };
    // The order is the deployer's nonces, and with it the addresses: see `deployed` in contracts/extract.mjs.
    progress("Deploying USDC (Circle's contracts), WETH, DAI, a fake USDC and a spam token");
    d.create(artifacts::SIGNATURE_CHECKER, "signature_checker", at::SIGNATURE_CHECKER, &[]).await?;
    let fiat_token = artifacts::FIAT_TOKEN.linked_creation_code(&[("SignatureChecker", at::SIGNATURE_CHECKER)], &[])?;
    d.create_code("usdc_implementation", at::USDC_IMPLEMENTATION, fiat_token).await?;
    d.create(artifacts::FIAT_TOKEN_PROXY, "usdc", at::USDC, &at::USDC_IMPLEMENTATION.abi_encode()).await?;
    d.create(artifacts::WETH9, "weth", at::WETH, &[]).await?;
    for (name, address, arguments) in [
        ("dai", at::DAI, ("Dai Stablecoin", "DAI", U256::from(18), U256::from(ether(100_000_000)))),
        ("fake_usdc", at::FAKE_USDC, ("USD Coin", "USDC", U256::from(6), U256::from(usdc(1_000_000_000)))),
        ("spam", at::SPAM, ("usdc-bonus.example: claim $5000", "usdc-bonus.example", U256::from(18), U256::from(ether(1_000_000_000)))),
    ] {
        d.create(artifacts::PLAY_TOKEN, name, address, &arguments.abi_encode_params()).await?;
    }
    progress("Deploying Uniswap V2 and V3");
    d.create(artifacts::UNISWAP_V2_FACTORY, "uniswap_v2_factory", at::UNISWAP_V2_FACTORY, &DEPLOYER.abi_encode()).await?;
    d.create(artifacts::UNISWAP_V2_ROUTER, "uniswap_v2_router", at::UNISWAP_V2_ROUTER, &(at::UNISWAP_V2_FACTORY, at::WETH).abi_encode())
        .await?;
    d.create(artifacts::UNISWAP_V3_FACTORY, "uniswap_v3_factory", at::UNISWAP_V3_FACTORY, &[]).await?;
    d.create(
        artifacts::UNISWAP_V3_POSITIONS,
        "uniswap_v3_positions",
        at::UNISWAP_V3_POSITIONS,
        &(at::UNISWAP_V3_FACTORY, at::WETH, Address::ZERO).abi_encode(),
    )
    .await?;
    d.create(
        artifacts::UNISWAP_V3_ROUTER,
        "uniswap_v3_router",
        at::UNISWAP_V3_ROUTER,
        &(at::UNISWAP_V2_FACTORY, at::UNISWAP_V3_FACTORY, at::UNISWAP_V3_POSITIONS, at::WETH).abi_encode(),
    )
    .await?;
    d.create(artifacts::UNISWAP_V3_QUOTER, "uniswap_v3_quoter", at::UNISWAP_V3_QUOTER, &(at::UNISWAP_V3_FACTORY, at::WETH).abi_encode())
        .await?;
    progress("Deploying price feeds, ENS, Permit2 and Multicall3");
    for (name, address, description, dollars) in [
        ("eth_usd_feed", at::ETH_USD_FEED, "ETH / USD", ETH_PRICE_USD),
        ("usdc_usd_feed", at::USDC_USD_FEED, "USDC / USD", 1),
        ("dai_usd_feed", at::DAI_USD_FEED, "DAI / USD", 1),
    ] {
        let answer = I256::try_from(dollars * 100_000_000).unwrap_or(I256::MAX);
        d.create(artifacts::PLAY_FEED, name, address, &(description, U256::from(8), answer).abi_encode_params()).await?;
    }
    d.create(artifacts::ENS_REGISTRY, "ens_registry", at::ENS_REGISTRY, &[]).await?;
    d.create(artifacts::ENS_RESOLVER, "ens_resolver", at::ENS_RESOLVER, &at::ENS_REGISTRY.abi_encode()).await?;
    d.well_known().await?;
    progress("Minting play money and filling the pools");
    d.open_usdc().await?;
    d.fill_pools().await?;
    d.fund_demo().await?;
    progress("Registering names");
    d.register_names().await?;
    progress("Deploying Maple's credit pool");
    deploy_credit(provider).await?;
    let missing = missing_contracts(provider).await?;
    if missing.is_empty() { Ok(()) } else { Err(DevnetError::Incomplete { missing }) }
}

/// The contracts of [`Addresses::LOCAL`] at whose address the chain has no code.
pub async fn missing_contracts(provider: &DynProvider) -> Result<Vec<(&'static str, Address)>, DevnetError> {
    let mut missing = Vec::new();
    for (name, address) in Addresses::LOCAL.iter() {
        if provider.get_code_at(address).await.map_err(rpc("eth_getCode"))?.is_empty() {
            missing.push((name, address));
        }
    }
    Ok(missing)
}

pub(crate) struct Deployer<'a> {
    provider: &'a DynProvider,
    /// The deployer's next nonce.
    nonce: u64,
}

impl Deployer<'_> {
    async fn create(&mut self, artifact: Artifact, name: &'static str, expected: Address, arguments: &[u8]) -> Result<(), DevnetError> {
        self.create_code(name, expected, artifact.creation_code(arguments)?).await
    }

    async fn create_code(&mut self, name: &'static str, expected: Address, code: Bytes) -> Result<(), DevnetError> {
        let got = self.send(name, TransactionRequest::default().with_deploy_code(code)).await?;
        if got == Some(expected) {
            Ok(())
        } else {
            Err(DevnetError::Moved { name, got: got.map_or("no address".into(), |a| a.to_string()), expected })
        }
    }

    pub(crate) async fn call<C: SolCall>(&mut self, to: Address, value: u128, call: C) -> Result<(), DevnetError> {
        let request = TransactionRequest::default().with_to(to).with_value(U256::from(value)).with_input(call.abi_encode());
        self.send(C::SIGNATURE, request).await.map(drop)
    }

    /// Sends from the deployer and returns the address of the contract that it made, if any.
    async fn send(&mut self, step: &str, request: TransactionRequest) -> Result<Option<Address>, DevnetError> {
        let made = execute(self.provider, step, request.with_from(DEPLOYER).with_nonce(self.nonce)).await?;
        self.nonce += 1;
        Ok(made)
    }

    /// The two contracts that have the same address on every chain, got there by the same means as everywhere.
    async fn well_known(&mut self) -> Result<(), DevnetError> {
        let mut input = PERMIT2_SALT.to_vec();
        input.extend_from_slice(&artifacts::PERMIT2.creation_code(&[])?);
        self.send("permit2", TransactionRequest::default().with_to(CREATE2_DEPLOYER).with_input(input)).await?;

        let deployer = MULTICALL3_DEPLOYER;
        self.provider.anvil_set_balance(deployer, U256::from(ether(1))).await.map_err(rpc("anvil_setBalance"))?;
        self.provider.anvil_impersonate_account(deployer).await.map_err(rpc("anvil_impersonateAccount"))?;
        let code = artifacts::MULTICALL3.creation_code(&[])?;
        let request = TransactionRequest::default().with_from(deployer).with_nonce(0).with_deploy_code(code);
        let got = execute(self.provider, "multicall3", request).await?;
        self.provider.anvil_stop_impersonating_account(deployer).await.map_err(rpc("anvil_stopImpersonatingAccount"))?;
        if got == Some(at::MULTICALL3) {
            Ok(())
        } else {
            Err(DevnetError::Moved { name: "multicall3", got: format!("{got:?}"), expected: at::MULTICALL3 })
        }
    }

    /// Initialises USDC through all its versions, as Circle's own deployment does, and opens the mint.
    async fn open_usdc(&mut self) -> Result<(), DevnetError> {
        // The proxy's administrator cannot call the token, so it becomes an account that nobody else uses.
        self.call(at::USDC, 0, IFiatTokenProxy::changeAdminCall { newAdmin: USDC_PROXY_ADMIN }).await?;
        let initialize = IFiatToken::initializeCall {
            tokenName: "USD Coin".into(),
            tokenSymbol: "USDC".into(),
            tokenCurrency: "USD".into(),
            tokenDecimals: 6,
            newMasterMinter: DEPLOYER,
            newPauser: DEPLOYER,
            newBlacklister: DEPLOYER,
            newOwner: DEPLOYER,
        };
        self.call(at::USDC, 0, initialize).await?;
        self.call(at::USDC, 0, IFiatToken::initializeV2Call { newName: "USD Coin".into() }).await?;
        self.call(at::USDC, 0, IFiatToken::initializeV2_1Call { lostAndFound: DEPLOYER }).await?;
        self.call(at::USDC, 0, IFiatToken::initializeV2_2Call { accountsToBlacklist: vec![], newSymbol: "USDC".into() }).await?;
        let allowance = U256::from(usdc(1_000_000_000_000));
        self.call(at::USDC, 0, IFiatToken::configureMinterCall { minter: DEPLOYER, minterAllowedAmount: allowance }).await?;
        self.call(at::USDC, 0, IFiatToken::mintCall { to: DEPLOYER, amount: U256::from(usdc(10_000_000)) }).await
    }

    async fn fill_pools(&mut self) -> Result<(), DevnetError> {
        self.call(at::WETH, ether(2_500), IWETH9::depositCall {}).await?;
        for (token, spender) in [
            (at::USDC, at::UNISWAP_V2_ROUTER),
            (at::WETH, at::UNISWAP_V2_ROUTER),
            (at::DAI, at::UNISWAP_V2_ROUTER),
            (at::USDC, at::UNISWAP_V3_POSITIONS),
            (at::WETH, at::UNISWAP_V3_POSITIONS),
        ] {
            self.call(token, 0, IERC20::approveCall { spender, value: U256::MAX }).await?;
        }
        for (token, amount, weth) in [(at::USDC, usdc(1_000 * ETH_PRICE_USD), 1_000), (at::DAI, ether(300 * ETH_PRICE_USD), 300)] {
            let add = IUniswapV2Router02::addLiquidityCall {
                tokenA: token,
                tokenB: at::WETH,
                amountADesired: U256::from(amount),
                amountBDesired: U256::from(ether(weth)),
                amountAMin: U256::ZERO,
                amountBMin: U256::ZERO,
                to: DEPLOYER,
                deadline: U256::MAX,
            };
            self.call(at::UNISWAP_V2_ROUTER, 0, add).await?;
        }
        self.fill_v3_pool(usdc(1_000 * ETH_PRICE_USD), ether(1_000)).await
    }

    /// A position over the whole range of prices, so that every trade finds liquidity.
    async fn fill_v3_pool(&mut self, usdc: u128, weth: u128) -> Result<(), DevnetError> {
        const FEE: U24 = U24::from_limbs([500]);
        // The largest tick that is a multiple of the 0.05 % pools' spacing of 10.
        const LAST_TICK: i32 = 887_270;
        let ((token0, amount0), (token1, amount1)) = match ((at::USDC, usdc), (at::WETH, weth)) {
            (a, b) if a.0 < b.0 => (a, b),
            (a, b) => (b, a),
        };
        // sqrt(token1 / token0) as a Q64.96 number: the root of the ratio shifted by 192 bits.
        let ratio: U256 = ((U256::from(amount1) << 128) / U256::from(amount0)) << 64;
        let open = INonfungiblePositionManager::createAndInitializePoolIfNecessaryCall {
            token0,
            token1,
            fee: FEE,
            sqrtPriceX96: U160::from(ratio.root(2)),
        };
        self.call(at::UNISWAP_V3_POSITIONS, 0, open).await?;
        let params = INonfungiblePositionManager::MintParams {
            token0,
            token1,
            fee: FEE,
            tickLower: I24::try_from(-LAST_TICK).unwrap_or(I24::ZERO),
            tickUpper: I24::try_from(LAST_TICK).unwrap_or(I24::ZERO),
            amount0Desired: U256::from(amount0),
            amount1Desired: U256::from(amount1),
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            recipient: DEPLOYER,
            deadline: U256::MAX,
        };
        self.call(at::UNISWAP_V3_POSITIONS, 0, INonfungiblePositionManager::mintCall { params }).await
    }

    async fn fund_demo(&mut self) -> Result<(), DevnetError> {
        for (token, amount) in [
            (at::USDC, usdc(5_000)),
            (at::WETH, ether(2)),
            (at::DAI, ether(1_000)),
            (at::FAKE_USDC, usdc(10_000)),
            (at::SPAM, ether(5_000)),
        ] {
            self.call(token, 0, IERC20::transferCall { to: DEMO, value: U256::from(amount) }).await?;
        }
        Ok(())
    }
}

/// Sends and waits for the receipt (anvil's `eth_sendTransactionSync`).
pub(crate) async fn execute(provider: &DynProvider, step: &str, request: TransactionRequest) -> Result<Option<Address>, DevnetError> {
    let receipt = provider.eth_send_transaction_sync(request.with_gas_limit(GAS)).await.map_err(rpc(step))?;
    if receipt.status() {
        Ok(receipt.contract_address)
    } else {
        Err(DevnetError::Reverted { step: step.to_owned(), transaction: receipt.transaction_hash })
    }
}

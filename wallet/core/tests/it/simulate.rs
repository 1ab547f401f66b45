use alloy_primitives::{Address, Bytes, U256, aliases::U48};
use alloy_sol_types::{SolCall, sol};
use parlance_devnet::DevChain;
use parlance_devnet::interfaces::{IERC20, IUniswapV2Router02, IWETH9};
use parlance_effects::{AllowanceVia, AssetKind};
use parlance_wallet_core::WalletError;
use parlance_wallet_core::chain::{Call, ChainClient, Delta, Outcome, SimulatedBy, Simulation};

use crate::common::{Answer, Proxy, client, demo, ether, local};

sol! {
    interface IPermit2 {
        function approve(address token, address spender, uint160 amount, uint48 expiration) external;
    }
}

/// Both engines; they must agree in everything but their name.
async fn both(client: &ChainClient, call: &Call) -> Simulation {
    let node = client.simulate_on_node(call).await.unwrap();
    let local = client.simulate_locally(call).await.unwrap();
    assert_eq!((node.by, local.by), (SimulatedBy::Node, SimulatedBy::Local));
    assert_eq!(Simulation { by: SimulatedBy::Node, ..local }, node);
    node
}

#[tokio::test]
async fn both_engines_agree_on_what_wallets_do() {
    let chain = DevChain::spawn().await.unwrap();
    let client = client(&chain);
    let (me, at) = (demo().address(), chain.addresses());
    let alice = chain.world().contacts[0].address;
    let token = |address| AssetKind::Token(address);
    let usdc = |n: u64| U256::from(n) * U256::from(1_000_000);

    let sent = both(&client, &Call::new(me, alice).value(ether(2))).await;
    assert_eq!(sent.change_of(AssetKind::Native), Some(Delta::Out(ether(2))));
    assert_eq!((sent.changes.len(), sent.gas_used), (1, 21_000));

    let transfer = IERC20::transferCall { to: alice, value: usdc(50) };
    let sent = both(&client, &Call::new(me, at.usdc).data(transfer.abi_encode())).await;
    assert_eq!(sent.change_of(token(at.usdc)), Some(Delta::Out(usdc(50))));
    assert!(sent.succeeds() && sent.changes.len() == 1 && sent.gas_used > 21_000);

    let wrapped = both(&client, &Call::new(me, at.weth).value(ether(1)).data(IWETH9::depositCall {}.abi_encode())).await;
    assert_eq!(wrapped.change_of(AssetKind::Native), Some(Delta::Out(ether(1))));
    assert_eq!(wrapped.change_of(token(at.weth)), Some(Delta::In(ether(1))), "WETH's deposit emits no Transfer");

    let approve = IERC20::approveCall { spender: at.uniswap_v2_router, value: usdc(100) };
    let approved = both(&client, &Call::new(me, at.usdc).data(approve.abi_encode())).await;
    assert!(approved.changes.is_empty());
    let [allowance] = approved.allowances.as_slice() else { panic!("{approved:?}") };
    assert_eq!((allowance.token, allowance.spender, allowance.amount), (at.usdc, at.uniswap_v2_router, usdc(100)));
    assert_eq!(allowance.via, AllowanceVia::Erc20);

    let permit2 = IPermit2::approveCall {
        token: at.usdc,
        spender: alice,
        amount: alloy_primitives::aliases::U160::from(77),
        expiration: U48::from(4_000_000_000u64),
    };
    let approved = both(&client, &Call::new(me, at.permit2).data(permit2.abi_encode())).await;
    let [allowance] = approved.allowances.as_slice() else { panic!("{approved:?}") };
    assert_eq!((allowance.via, allowance.amount, allowance.expires), (AllowanceVia::Permit2, U256::from(77), Some(4_000_000_000)));

    // A contract that nobody has written yet.
    let create = Call { from: me, to: None, value: U256::ZERO, data: Bytes::from_static(&[0x60, 0, 0x60, 0, 0xf3]), gas: None };
    let created = client.simulate(&create).await.unwrap();
    assert!(created.succeeds() && created.by == SimulatedBy::Local, "anvil simulates no creations");

    // Unwrapping what the account does not have.
    let withdraw = IWETH9::withdrawCall { amount: ether(1) };
    let failed = both(&client, &Call::new(alice, at.weth).data(withdraw.abi_encode())).await;
    assert!(!failed.succeeds() && failed.changes.is_empty());
}

#[tokio::test]
async fn a_swap_does_what_its_preview_says() {
    let chain = DevChain::spawn().await.unwrap();
    // The pair writes its price oracle only once a second, which costs gas: let that second be over in preview and block alike.
    chain.advance_time(60).await.unwrap();
    let client = client(&chain);
    let (me, at) = (demo().address(), chain.addresses());
    let swap = IUniswapV2Router02::swapExactETHForTokensCall {
        amountOutMin: U256::from(1),
        path: vec![at.weth, at.usdc],
        to: me,
        deadline: U256::MAX,
    };
    let call = Call::new(me, at.uniswap_v2_router).value(ether(1)).data(swap.abi_encode());
    let preview = both(&client, &call).await;
    let Some(Delta::In(expected)) = preview.change_of(AssetKind::Token(at.usdc)) else { panic!("{preview:?}") };
    assert_eq!(preview.change_of(AssetKind::Native), Some(Delta::Out(ether(1))));

    let before = client.token_balance(at.usdc, me).await.unwrap();
    let request = alloy_rpc_types_eth::TransactionRequest {
        to: Some(alloy_primitives::TxKind::Call(at.uniswap_v2_router)),
        value: Some(ether(1)),
        input: call.data.clone().into(),
        ..Default::default()
    };
    let hash = chain.send_as(me, request).await.unwrap();
    let receipt = chain.receipt(hash).await.unwrap().unwrap();
    assert_eq!(client.token_balance(at.usdc, me).await.unwrap() - before, expected);
    assert_eq!(receipt.gas_used, preview.gas_used);

    let greedy = IUniswapV2Router02::swapExactETHForTokensCall { amountOutMin: U256::MAX, ..swap };
    let failed = both(&client, &Call::new(me, at.uniswap_v2_router).value(ether(1)).data(greedy.abi_encode())).await;
    let Outcome::Reverted { reason } = failed.outcome else { panic!("{failed:?}") };
    assert!(reason.reason.contains("price moved"), "{reason}");
}

#[tokio::test]
async fn failures_have_reasons_and_poverty_is_an_error() {
    let chain = DevChain::spawn().await.unwrap();
    let client = client(&chain);
    let (me, at) = (demo().address(), chain.addresses());
    let alice = chain.world().contacts[0].address;
    let call = Call::new(me, at.usdc).data(IERC20::transferCall { to: alice, value: U256::MAX }.abi_encode());
    let failed = both(&client, &call).await;
    let Outcome::Reverted { reason } = &failed.outcome else { panic!("{failed:?}") };
    assert!(reason.reason.contains("balance is too small"), "{reason}");

    let call = Call::new(me, alice).value(ether(1_000_000_000));
    for outcome in [client.simulate_on_node(&call).await, client.simulate_locally(&call).await] {
        assert!(matches!(outcome, Err(WalletError::InsufficientFunds { .. })), "{outcome:?}");
    }
    // Out of gas, and an invalid opcode.
    let call = Call::new(me, at.usdc).data(IERC20::transferCall { to: alice, value: U256::from(1) }.abi_encode()).gas(30_000);
    for simulation in [client.simulate_on_node(&call).await.unwrap(), client.simulate_locally(&call).await.unwrap()] {
        assert!(!simulation.succeeds(), "{simulation:?}");
    }
}

#[tokio::test]
async fn a_node_without_simulation_is_helped_out() {
    let chain = DevChain::spawn().await.unwrap();
    let call = Call::new(demo().address(), Address::repeat_byte(9)).value(ether(1));
    for (code, words) in [(-32601, "Method not found"), (-32000, "the method eth_simulateV1 does not exist/is not available")] {
        let proxy = Proxy::before(chain.rpc_url(), move |method| match method {
            "eth_simulateV1" => Answer::Error(code, words),
            _ => Answer::Forward,
        })
        .await;
        let client = ChainClient::new(local(&[&proxy.url])).unwrap();
        for _ in 0..2 {
            let simulation = client.simulate(&call).await.unwrap();
            assert_eq!(simulation.by, SimulatedBy::Local);
            assert_eq!(simulation.change_of(AssetKind::Native), Some(Delta::Out(ether(1))));
        }
    }
    let plain = client(&chain).simulate(&call).await.unwrap();
    assert_eq!(plain.by, SimulatedBy::Node);
}

#[tokio::test]
async fn a_greedy_contract_meets_a_bound() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let greedy = Address::repeat_byte(0x66);
    // JUMPDEST (GAS-dependent) SLOAD loop: PUSH1 0; JUMPDEST; DUP1 SLOAD POP; PUSH1 1 ADD; PUSH1 2 JUMP
    let code: Bytes = "0x60005b8054506001016002 56".replace(' ', "").parse().unwrap();
    alloy_provider::ext::AnvilApi::anvil_set_code(chain.provider(), greedy, code).await.unwrap();
    let call = Call::new(demo().address(), greedy);
    let outcome = client(&chain).simulate_locally(&call).await;
    assert!(matches!(&outcome, Err(WalletError::Simulation { why }) if why.contains("2000")), "{outcome:?}");
}

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{Eip712Domain, SolStruct, eip712_domain, sol};
use parlance_devnet::addresses::*;
use parlance_devnet::interfaces::*;
use parlance_devnet::{DevChain, addresses};

use crate::uses::{ether, key, sign, succeeded, usdc};

sol! {
    /// EIP-3009.
    struct TransferWithAuthorization {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    /// EIP-2612.
    struct Permit {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
    }
}

fn domain(name: &'static str, version: &'static str, contract: Address) -> Eip712Domain {
    eip712_domain! { name: name, version: version, chain_id: addresses::CHAIN_ID, verifying_contract: contract, }
}

#[tokio::test]
async fn tokens_say_what_they_are_and_the_demo_wallet_has_them() {
    let chain = DevChain::spawn().await.unwrap();
    for (token, name, symbol, decimals, demo) in [
        (USDC, "USD Coin", "USDC", 6, usdc(5_000)),
        (WETH, "Wrapped Ether", "WETH", 18, ether(2)),
        (DAI, "Dai Stablecoin", "DAI", 18, ether(1_000)),
        (FAKE_USDC, "USD Coin", "USDC", 6, usdc(10_000)),
        (SPAM, "usdc-bonus.example: claim $5000", "usdc-bonus.example", 18, ether(5_000)),
    ] {
        assert_eq!(chain.call(token, IERC20::nameCall {}).await.unwrap(), name);
        assert_eq!(chain.call(token, IERC20::symbolCall {}).await.unwrap(), symbol);
        assert_eq!(chain.call(token, IERC20::decimalsCall {}).await.unwrap(), decimals, "{name}");
        assert_eq!(chain.token_balance(token, DEMO).await.unwrap(), demo, "{name}");
    }
    assert_eq!(chain.balance(DEMO).await.unwrap(), ether(10_000));
}

#[tokio::test]
async fn usdc_is_circles_proxy_with_its_domain() {
    let chain = DevChain::spawn().await.unwrap();
    assert_eq!(chain.call(USDC, IFiatToken::versionCall {}).await.unwrap(), "2");
    assert_eq!(chain.call(USDC, IFiatToken::currencyCall {}).await.unwrap(), "USD");
    for (token, name, version) in [(USDC, "USD Coin", "2"), (DAI, "Dai Stablecoin", "1"), (FAKE_USDC, "USD Coin", "1")] {
        let separator = chain.call(token, IERC2612::DOMAIN_SEPARATORCall {}).await.unwrap();
        assert_eq!(separator, domain(name, version, token).separator(), "{name} {version}");
    }
    // Only the administrator may ask the proxy itself; it in turn cannot call the token.
    use alloy_network::TransactionBuilder;
    use alloy_provider::Provider;
    use alloy_rpc_types_eth::TransactionRequest;
    use alloy_sol_types::SolCall;
    let ask = |input: Vec<u8>| TransactionRequest::default().with_from(USDC_PROXY_ADMIN).with_to(USDC).with_input(input);
    let answer = chain.provider().call(ask(IFiatTokenProxy::implementationCall {}.abi_encode())).await.unwrap();
    assert_eq!(Address::from_word(B256::from_slice(&answer)), USDC_IMPLEMENTATION);
    let refused = chain.provider().call(ask(IERC20::nameCall {}.abi_encode())).await.unwrap_err();
    assert!(refused.to_string().contains("Cannot call fallback function from the proxy admin"), "{refused}");
}

#[tokio::test]
async fn transfer_with_authorization_pays_once() {
    let chain = DevChain::spawn().await.unwrap();
    let nonce = B256::repeat_byte(7);
    let message = TransferWithAuthorization {
        from: DEMO,
        to: BOB,
        value: usdc(12),
        validAfter: U256::ZERO,
        validBefore: U256::from(chain.block_time().await.unwrap() + 3_600),
        nonce,
    };
    let (v, r, s) = sign(&key(0), message.eip712_signing_hash(&domain("USD Coin", "2", USDC)));
    let call = IFiatToken::transferWithAuthorizationCall {
        from: message.from,
        to: message.to,
        value: message.value,
        validAfter: message.validAfter,
        validBefore: message.validBefore,
        nonce,
        v,
        r,
        s,
    };
    // Anyone may submit it; here Carol pays the fee.
    let sent = chain.transact_as(CAROL, USDC, call.clone()).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    assert_eq!(chain.token_balance(USDC, BOB).await.unwrap(), usdc(12));
    assert_eq!(chain.token_balance(USDC, DEMO).await.unwrap(), usdc(4_988));
    assert!(chain.call(USDC, IFiatToken::authorizationStateCall { authorizer: DEMO, nonce }).await.unwrap());

    let replay = chain.call(USDC, call.clone()).await.err().unwrap().to_string();
    assert!(replay.contains("authorization is used or canceled"), "{replay}");
    let other = IFiatToken::transferWithAuthorizationCall { to: CAROL, nonce: B256::repeat_byte(8), ..call };
    let forged = chain.call(USDC, other).await.err().unwrap().to_string();
    assert!(forged.contains("invalid signature"), "{forged}");
}

#[tokio::test]
async fn a_permit_lets_the_spender_take_what_it_names() {
    let chain = DevChain::spawn().await.unwrap();
    for (token, name, version, value) in [(USDC, "USD Coin", "2", usdc(40)), (DAI, "Dai Stablecoin", "1", ether(40))] {
        let nonce = chain.call(token, IERC2612::noncesCall { owner: DEMO }).await.unwrap();
        let deadline = U256::from(chain.block_time().await.unwrap() + 3_600);
        let message = Permit { owner: DEMO, spender: ALICE, value, nonce, deadline };
        let (v, r, s) = sign(&key(0), message.eip712_signing_hash(&domain(name, version, token)));
        let permit = IERC2612::permitCall { owner: DEMO, spender: ALICE, value, deadline, v, r, s };
        let sent = chain.transact_as(ALICE, token, permit).await.unwrap();
        assert!(succeeded(&chain, sent).await, "{name}");
        assert_eq!(chain.call(token, IERC20::allowanceCall { owner: DEMO, spender: ALICE }).await.unwrap(), value);
        let take = IERC20::transferFromCall { from: DEMO, to: ERIN, value };
        let sent = chain.transact_as(ALICE, token, take).await.unwrap();
        assert!(succeeded(&chain, sent).await, "{name}");
        assert_eq!(chain.token_balance(token, ERIN).await.unwrap(), value);
        assert_eq!(chain.call(token, IERC20::allowanceCall { owner: DEMO, spender: ALICE }).await.unwrap(), U256::ZERO);
    }
}

#[tokio::test]
async fn usdc_can_be_blacklisted_and_paused_by_its_deployer() {
    let chain = DevChain::spawn().await.unwrap();
    let pay = IERC20::transferCall { to: BOB, value: usdc(1) };
    let sent = chain.transact_as(DEPLOYER, USDC, IFiatToken::blacklistCall { account: BOB }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    let refused = chain.call_as(DEMO, USDC, pay.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("Blacklistable: account is blacklisted"), "{refused}");
    let sent = chain.transact_as(DEMO, USDC, pay.clone()).await.unwrap();
    assert!(!succeeded(&chain, sent).await);
    let sent = chain.transact_as(DEPLOYER, USDC, IFiatToken::unBlacklistCall { account: BOB }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    let sent = chain.transact_as(DEMO, USDC, pay.clone()).await.unwrap();
    assert!(succeeded(&chain, sent).await);

    let sent = chain.transact_as(DEPLOYER, USDC, IFiatToken::pauseCall {}).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    let refused = chain.call_as(DEMO, USDC, pay).await.unwrap_err().to_string();
    assert!(refused.contains("Pausable: paused"), "{refused}");
}

use alloy_primitives::{Address, B256, I256, U256, keccak256};
use alloy_sol_types::{SolCall, SolStruct, SolValue, eip712_domain, sol};
use parlance_devnet::addresses::*;
use parlance_devnet::interfaces::*;
use parlance_devnet::{DevChain, addresses};

use crate::uses::{key, sign, succeeded, usdc};

#[tokio::test]
async fn feeds_answer_like_chainlinks() {
    let chain = DevChain::spawn().await.unwrap();
    for (feed, description, answer) in [
        (ETH_USD_FEED, "ETH / USD", 300_000_000_000i64),
        (USDC_USD_FEED, "USDC / USD", 100_000_000),
        (DAI_USD_FEED, "DAI / USD", 100_000_000),
    ] {
        assert_eq!(chain.call(feed, IAggregatorV3::descriptionCall {}).await.unwrap(), description);
        assert_eq!(chain.call(feed, IAggregatorV3::decimalsCall {}).await.unwrap(), 8);
        let round = chain.call(feed, IAggregatorV3::latestRoundDataCall {}).await.unwrap();
        assert_eq!(round.answer, I256::try_from(answer).unwrap());
        assert_eq!(round.roundId, round.answeredInRound);
        let age = U256::from(chain.block_time().await.unwrap()).abs_diff(round.updatedAt);
        assert!(age <= U256::from(60), "{description} is {age} s from the latest block");
    }
}

#[tokio::test]
async fn a_feed_can_be_set_and_frozen() {
    let chain = DevChain::spawn().await.unwrap();
    let price = I256::try_from(250_000_000_000i64).unwrap();
    chain.set_price(ETH_USD_FEED, price).await.unwrap();
    chain.freeze_price(ETH_USD_FEED, 1_700_000_000).await.unwrap();
    let round = chain.call(ETH_USD_FEED, IAggregatorV3::latestRoundDataCall {}).await.unwrap();
    assert_eq!((round.answer, round.updatedAt), (price, U256::from(1_700_000_000)));
    assert_eq!(chain.call(ETH_USD_FEED, IAggregatorV3::descriptionCall {}).await.unwrap(), "ETH / USD");

    // The same by transaction, as anyone may: with a new round.
    let sent = chain.transact_as(BOB, ETH_USD_FEED, IPlayFeed::setCall { answer: -price }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    let sent = chain.transact_as(BOB, ETH_USD_FEED, IPlayFeed::freezeCall { updatedAt: U256::ZERO }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    let later = chain.call(ETH_USD_FEED, IAggregatorV3::latestRoundDataCall {}).await.unwrap();
    assert_eq!(later.answer, -price);
    assert!(later.updatedAt > round.updatedAt);
    assert!(later.roundId > round.roundId);
    let same = chain.call(ETH_USD_FEED, IAggregatorV3::getRoundDataCall { id: later.roundId }).await.unwrap();
    assert_eq!(same.answer, later.answer);
    assert!(chain.call(ETH_USD_FEED, IAggregatorV3::getRoundDataCall { id: round.roundId }).await.is_err());
}

sol! {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        address spender;
        uint256 nonce;
        uint256 deadline;
    }
}

#[tokio::test]
async fn permit2_moves_tokens_by_signature() {
    let chain = DevChain::spawn().await.unwrap();
    let domain = eip712_domain! { name: "Permit2", chain_id: addresses::CHAIN_ID, verifying_contract: PERMIT2, };
    assert_eq!(chain.call(PERMIT2, IPermit2::DOMAIN_SEPARATORCall {}).await.unwrap(), domain.separator());

    let sent = chain.transact_as(DEMO, USDC, IERC20::approveCall { spender: PERMIT2, value: U256::MAX }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    let (amount, nonce, deadline) = (usdc(30), U256::from(5), U256::from(chain.block_time().await.unwrap() + 600));
    let message = PermitTransferFrom { permitted: TokenPermissions { token: USDC, amount }, spender: ALICE, nonce, deadline };
    let (v, r, s) = sign(&key(0), message.eip712_signing_hash(&domain));
    let call = IPermit2::permitTransferFromCall {
        permit: IPermit2::PermitTransferFrom { permitted: IPermit2::TokenPermissions { token: USDC, amount }, nonce, deadline },
        transferDetails: IPermit2::SignatureTransferDetails { to: CAROL, requestedAmount: usdc(20) },
        owner: DEMO,
        signature: [r.as_slice(), s.as_slice(), &[v]].concat().into(),
    };
    // Only the spender that the signature names may use it.
    assert!(chain.call_as(ALICE, PERMIT2, call.clone()).await.is_ok());
    assert!(chain.call_as(BOB, PERMIT2, call.clone()).await.is_err());
    let sent = chain.transact_as(ALICE, PERMIT2, call).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    assert_eq!(chain.token_balance(USDC, CAROL).await.unwrap(), usdc(20));
}

#[tokio::test]
async fn multicall3_asks_many_things_at_once() {
    let chain = DevChain::spawn().await.unwrap();
    let ask = |target: Address, input: Vec<u8>| IMulticall3::Call3 { target, allowFailure: true, callData: input.into() };
    let calls = vec![
        ask(USDC, IERC20::balanceOfCall { account: DEMO }.abi_encode()),
        ask(MULTICALL3, IMulticall3::getEthBalanceCall { account: ALICE }.abi_encode()),
        ask(USDC, vec![0xde, 0xad, 0xbe, 0xef]),
    ];
    let results = chain.call(MULTICALL3, IMulticall3::aggregate3Call { calls }).await.unwrap();
    assert_eq!(results.iter().map(|r| r.success).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(U256::abi_decode(&results[0].returnData).unwrap(), usdc(5_000));
    assert_eq!(U256::abi_decode(&results[1].returnData).unwrap(), chain.balance(ALICE).await.unwrap());
}

#[tokio::test]
async fn people_have_names_forth_and_back() {
    let chain = DevChain::spawn().await.unwrap();
    // EIP-137: namehash("eth"), namehash("addr.reverse").
    let eth: B256 = "0x93cdeb708b7545dc668eb9280176169d1c33cfd8ed6f04690a0bcc88a93fc4ae".parse().unwrap();
    let reverse: B256 = "0x91d1777781884d03a6757a803996e38de2a42967fb37eeaca72729271025a9e2".parse().unwrap();
    let below = |node: B256, label: &str| keccak256([node, keccak256(label)].concat());
    for (person, address) in CONTACTS.into_iter().chain([("Demo", DEMO)]) {
        let label = person.to_lowercase();
        let node = below(eth, &label);
        assert_eq!(chain.call(ENS_REGISTRY, IEnsRegistry::resolverCall { node }).await.unwrap(), ENS_RESOLVER);
        assert_eq!(chain.call(ENS_REGISTRY, IEnsRegistry::ownerCall { node }).await.unwrap(), address);
        assert_eq!(chain.call(ENS_RESOLVER, IEnsResolver::addrCall { node }).await.unwrap(), address);
        let node = below(reverse, &alloy_primitives::hex::encode(address));
        assert_eq!(chain.call(ENS_REGISTRY, IEnsRegistry::resolverCall { node }).await.unwrap(), ENS_RESOLVER);
        assert_eq!(chain.call(ENS_RESOLVER, IEnsResolver::nameCall { node }).await.unwrap(), format!("{label}.eth"));
    }
    let nobody = below(eth, "nobody");
    assert_eq!(chain.call(ENS_REGISTRY, IEnsRegistry::resolverCall { node: nobody }).await.unwrap(), Address::ZERO);
    // Carol may point her own name elsewhere; Bob may not.
    let node = below(eth, "carol");
    let point = IEnsResolver::setAddrCall { node, a: BOB };
    assert!(chain.call_as(BOB, ENS_RESOLVER, point.clone()).await.is_err());
    let sent = chain.transact_as(CAROL, ENS_RESOLVER, point).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    assert_eq!(chain.call(ENS_RESOLVER, IEnsResolver::addrCall { node }).await.unwrap(), BOB);
}

/// Uniswap's routers compute pool addresses from these hashes of the pools' creation code.
#[tokio::test]
async fn uniswaps_creation_code_hashes_are_mainnets() {
    let hash = |text: &str| text.parse::<B256>().unwrap();
    let sorted = |a: Address, b: Address| if a < b { (a, b) } else { (b, a) };
    let (a, b) = sorted(USDC, WETH);
    let v2 = UNISWAP_V2_FACTORY
        .create2(keccak256((a, b).abi_encode_packed()), hash("0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f"));
    assert_eq!(v2, UNISWAP_V2_USDC_WETH);
    let v3 = UNISWAP_V3_FACTORY.create2(
        keccak256((a, b, U256::from(500)).abi_encode()),
        hash("0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"),
    );
    assert_eq!(v3, UNISWAP_V3_USDC_WETH_500);
}

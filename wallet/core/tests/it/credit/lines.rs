//! Lines as the pool has them, and the transactions that draw and repay.

use alloy_primitives::{U256, keccak256};
use alloy_sol_types::SolCall;
use parlance_credit::{Offer, pool::Pool};
use parlance_grounding::Intent;
use parlance_wallet_core::{
    credit::{self, LineStatus},
    store::ProofRecord,
};
use serde_json::json;

use super::world::{APPROVE, CYCLE, OWNER, SCOPE, World, know, lender_of, notary, now, selector};
use crate::common::{demo, transact};

fn intent(value: serde_json::Value) -> Intent {
    serde_json::from_value(value).unwrap()
}

async fn draw(world: &World, amount: &str) -> parlance_wallet_core::Result<parlance_wallet_core::plan::Plan> {
    let wish = intent(json!({"intent": "loan_draw", "amount": amount}));
    credit::draw(&world.wallet, &wish, amount, None).await
}

async fn repay(world: &World, amount: &str) -> parlance_wallet_core::Result<parlance_wallet_core::plan::Plan> {
    let wish = intent(json!({"intent": "loan_repay", "amount": amount}));
    credit::repay(&world.wallet, &wish, amount, None).await
}

async fn line(world: &World) -> credit::CreditLine {
    let read = credit::lines(&world.wallet, demo().address()).await.unwrap();
    assert!(read.problem.is_none(), "{:?}", read.problem);
    assert_eq!(read.lines.len(), 1);
    read.lines[0].clone()
}

#[tokio::test]
async fn a_line_is_drawn_and_repaid_to_the_last_unit() {
    let world = World::up().await;
    let me = demo().address();
    assert_eq!(draw(&world, "5").await.unwrap_err().code(), "no_line");
    world.open_line(1_500_000_000, "account").await;
    let opened = line(&world).await;
    assert_eq!((opened.lender.as_str(), opened.asset.symbol.as_str(), opened.id), ("Maple", "USDC", U256::from(1)));
    assert_eq!(
        (opened.state.status, opened.state.limit, opened.state.available),
        (LineStatus::Current, U256::from(1_500_000_000), U256::from(1_500_000_000))
    );
    assert!(opened.owed().is_zero() && opened.state.due_at == 0 && opened.opened_at > 0);

    // Drawing: exactly so much, to the own account; more than there is, is said.
    let before = world.usdc_of(me).await;
    let plan = draw(&world, "200.5").await.unwrap();
    assert_eq!(plan.txs.len(), 1);
    let call = Pool::drawCall::abi_decode(&plan.txs[0].data).unwrap();
    assert_eq!((call.id, call.amount, call.to, plan.txs[0].to), (U256::from(1), U256::from(200_500_000), me, world.pool));
    assert!(plan.risks.iter().any(|r| r.contains("signer does not know")), "a pool that is in no registry: {:?}", plan.risks);
    world.carry_out(&plan).await;
    assert_eq!(world.usdc_of(me).await, before + 200_500_000);
    let drawn = line(&world).await;
    assert_eq!((drawn.state.principal, drawn.state.available), (U256::from(200_500_000), U256::from(1_299_500_000)));
    assert!(drawn.state.due_at > drawn.opened_at && !drawn.state.due.is_zero());
    let more = draw(&world, "1299.500001").await.unwrap_err();
    assert_eq!(more.code(), "no_credit_left");
    assert!(more.to_string().contains("1,299.5 USDC left"), "{more}");
    for nothing in ["0", "-1", "x", "1.0000001"] {
        assert_eq!(draw(&world, nothing).await.unwrap_err().code(), "amount", "{nothing}");
    }
    let half = Pool::drawCall::abi_decode(&draw(&world, "50%").await.unwrap().txs[0].data).unwrap();
    assert_eq!(half.amount, U256::from(649_750_000));

    // Repaying a part: an allowance of exactly so much, then the payment.
    let plan = repay(&world, "50").await.unwrap();
    assert_eq!(plan.txs.iter().map(|t| t.follows).collect::<Vec<_>>(), [false, true]);
    assert_eq!(selector(&plan, 0), APPROVE);
    assert_eq!(U256::from_be_slice(&plan.txs[0].data[36..68]), U256::from(50_000_000), "no more than is paid");
    let used = world.carry_out(&plan).await;
    assert!(used[1] * 5 / 4 < plan.txs[1].gas_limit, "{} of {}", used[1], plan.txs[1].gas_limit);
    assert!(line(&world).await.state.principal < U256::from(151_000_000));

    // More than is owed becomes all of it, after a yes; all of it leaves nothing behind, not even interest.
    world.chain.advance_time(10 * 86_400).await.unwrap();
    let owed = line(&world).await.owed();
    let plan = repay(&world, "400").await.unwrap();
    assert!(plan.hesitates.as_deref().is_some_and(|q| q.contains("less than that")), "{:?}", plan.hesitates);
    let call = Pool::repayAllCall::abi_decode(&plan.txs[1].data).unwrap();
    assert!(call.atMost > owed && call.atMost < owed + U256::from(1_000_000), "{} for {owed}", call.atMost);
    world.chain.advance_time(3_600).await.unwrap();
    world.carry_out(&plan).await;
    assert!(line(&world).await.owed().is_zero());
    assert_eq!(repay(&world, "max").await.unwrap_err().code(), "nothing_owed");

    // Where the allowance stands already, no other one is asked for.
    world.carry_out(&draw(&world, "10").await.unwrap()).await;
    let approve = parlance_devnet::interfaces::IERC20::approveCall { spender: world.pool, value: U256::from(5_000_000) };
    transact(&world.chain, me, world.usdc, approve).await;
    let plan = repay(&world, "5").await.unwrap();
    assert_eq!(plan.txs.len(), 1);
    world.carry_out(&plan).await;
}

#[tokio::test]
async fn what_is_overdue_is_told_and_stops_draws() {
    let world = World::up().await;
    world.open_line(1_500_000_000, "account").await;
    world.carry_out(&draw(&world, "100").await.unwrap()).await;
    world.chain.advance_time(u64::from(CYCLE) + 60).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let late = line(&world).await;
    assert_eq!((late.state.status, late.state.available), (LineStatus::Grace, U256::ZERO));
    assert!(credit::line_words(&late).contains("overdue since"), "{}", credit::line_words(&late));
    let refused = draw(&world, "1").await.unwrap_err();
    assert_eq!(refused.code(), "overdue");
    assert!(refused.remedy().contains("repay"), "{}", refused.remedy());
    // Paying what is due, as the remedy says, mends it.
    let due = parlance_wallet_core::tokens::format_units(late.state.due + U256::from(1_000), 6);
    world.carry_out(&repay(&world, &due).await.unwrap()).await;
    assert_eq!(line(&world).await.state.status, LineStatus::Current);
    assert!(draw(&world, "1").await.is_ok());
}

#[tokio::test]
async fn a_withdrawn_attestation_is_told_and_stops_draws_only() {
    let world = World::up().await;
    world.open_line(1_500_000_000, "account").await;
    world.carry_out(&draw(&world, "100").await.unwrap()).await;
    let attestation = line(&world).await.state.attestation;
    transact(&world.chain, OWNER, world.pool, Pool::revokeAttestationCall { attestation }).await;
    let withdrawn = line(&world).await;
    assert_eq!((withdrawn.state.status, withdrawn.state.available), (LineStatus::Current, U256::ZERO));
    assert!(credit::line_words(&withdrawn).contains("has withdrawn the attestation"), "{}", credit::line_words(&withdrawn));
    let refused = draw(&world, "1").await.unwrap_err();
    assert!(refused.code() == "no_credit_left" && refused.to_string().contains("withdrawn"), "{refused}");
    // What is owed can still be repaid.
    world.carry_out(&repay(&world, "max").await.unwrap()).await;
    assert!(line(&world).await.owed().is_zero());
}

#[tokio::test]
async fn not_enough_to_repay_is_said_before_anything_is_signed() {
    let world = World::up().await;
    world.open_line(1_500_000_000, "account").await;
    world.carry_out(&draw(&world, "100").await.unwrap()).await;
    world.chain.set_token_balance(world.usdc, demo().address(), U256::from(30_000_000)).await.unwrap();
    for amount in ["31", "max", "500"] {
        assert_eq!(repay(&world, amount).await.unwrap_err().code(), "insufficient_balance", "{amount}");
    }
    assert!(repay(&world, "30").await.is_ok());
}

#[tokio::test]
async fn an_attestation_opens_a_line_and_renews_the_one_on_the_same_account() {
    let world = World::up().await;
    let wallet = &world.wallet;
    let token = credit::lent(wallet, &world.lender()).await.unwrap();
    let wish = intent(json!({"intent": "loan_apply", "amount": "500"}));
    let first = world.attested(600_000_000, "account").await;
    let proof = proof(&world, "account", 600_000_000);
    credit::check_attested(&first, &proof, now()).unwrap();
    let plan = credit::open(wallet, &wish, &proof, &first, &token, None).await.unwrap();
    assert!(plan.risks.iter().any(|r| r.contains("12% a year")) && plan.risks.iter().any(|r| r.contains("Repay what you draw")));
    world.carry_out(&plan).await;
    let lines = credit::lines(wallet, demo().address()).await.unwrap().lines;
    assert_eq!(lines[0].state.limit, U256::from(600_000_000));

    // The same attestation again, and the account behind another line: refused in words, before anything is signed.
    let again = credit::open(wallet, &wish, &proof, &first, &token, None).await.unwrap_err();
    assert!(again.to_string().contains("serves line 1"), "{again}");
    world.chain.advance_time(120).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let second = world.attested(900_000_000, "account").await;
    let held = credit::open(wallet, &wish, &proof, &second, &token, None).await.unwrap_err();
    assert!(held.to_string().contains("behind another line"), "{held}");

    let renewed = credit::renews(&lines, &proof).expect("the line of that account");
    world.carry_out(&credit::open(wallet, &wish, &proof, &second, &token, Some(renewed)).await.unwrap()).await;
    assert_eq!(line(&world).await.state.limit, U256::from(900_000_000));
    let other = ProofRecord { nullifier: keccak256("another account"), ..proof };
    assert!(credit::renews(&lines, &other).is_none());
}

#[tokio::test]
async fn lines_of_several_lenders_are_told_apart_and_outlive_a_dead_chain() {
    let mut world = World::up().await;
    let other = lender_of("Oak", alloy_primitives::Address::repeat_byte(0x55), world.registry, world.usdc);
    know(&world.wallet, other.clone());
    world.open_line(100_000_000, "one account").await;
    world.chain.mine(3).await.unwrap();
    world.open_line(50_000_000, "another account").await;
    let read = credit::lines(&world.wallet, demo().address()).await.unwrap();
    assert!(read.problem.is_none());
    assert_eq!(read.lines.len(), 2);
    assert!(read.lines.iter().all(|l| l.lender == "Maple"), "Oak's pool is no contract, and has no lines");
    // 60 are left in one of them only.
    let plan = draw(&world, "60").await.unwrap();
    let first = read.lines.iter().find(|l| l.state.limit == U256::from(100_000_000)).unwrap();
    assert_eq!(Pool::drawCall::abi_decode(&plan.txs[0].data).unwrap().id, first.id);
    // Somebody else's lines are nobody's business here.
    assert!(credit::lines(&world.wallet, parlance_devnet::addresses::ALICE).await.unwrap().lines.is_empty());
    // A pool that does not lend what its lender says.
    let lies = lender_of("Fir", world.pool, world.registry, world.chain.addresses().dai);
    assert_eq!(credit::lent(&world.wallet, &lies).await.unwrap_err().code(), "lender_answer");
    assert_eq!(credit::lent(&world.wallet, &other).await.unwrap_err().code(), "lender_answer");

    world.chain.kill();
    let kept = credit::lines(&world.wallet, demo().address()).await.unwrap();
    assert!(kept.problem.is_some());
    assert_eq!(kept.lines, read.lines, "as they were read last");
}

fn offer(limit: u64) -> Offer {
    Offer {
        nonce: keccak256("nonce"),
        borrower: demo().address(),
        lender: "Maple".into(),
        template: keccak256("demo bank"),
        atLeast: U256::from(1_000_000),
        currency: "USD".into(),
        scope: SCOPE,
        limit: U256::from(limit),
        rate: U256::from(1200),
        cycle: CYCLE,
        expiry: now() + 86_400,
        terms: "Repay what you draw.".into(),
    }
}

/// The proof that the attester looked at.
fn proof(world: &World, account: &str, limit: u64) -> ProofRecord {
    ProofRecord {
        id: 0,
        digest: keccak256("file"),
        lender: "Maple".into(),
        chain: 31337,
        pool: world.pool,
        bank: "demo".into(),
        offer: offer(limit),
        nullifier: keccak256(account),
        notaries: parlance_credit::Attestation::notaries(&[notary()]),
        observed_at: now(),
        made_at: now(),
        verdict: None,
        signature: None,
        attested: None,
    }
}

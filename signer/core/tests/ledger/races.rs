//! Sixteen clients at once.

use std::sync::Arc;

use alloy_primitives::Address;
use parlance_signer_protocol::RefusalCode;

use super::world::*;

#[test]
fn sixteen_threads_exceed_no_limit() {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.person(stubborn);
    let world = Arc::new(world);
    let threads: Vec<_> = (0..16u64)
        .map(|thread| {
            let world = world.clone();
            std::thread::spawn(move || {
                let mut signed = 0u64;
                for i in 0..8u64 {
                    // Payments by signature: no nonce keeps the threads apart.
                    let salt = thread * 1000 + i;
                    let to = Address::with_last_byte(1 + u8::try_from(i).unwrap());
                    match world.sign(x402(to, 50, T0 + 300, salt)) {
                        Ok(_) => signed += 50,
                        Err(r) => assert!(matches!(r.code, RefusalCode::Rejected | RefusalCode::Busy), "{r:?}"),
                    }
                }
                signed
            })
        })
        .collect();
    let cents: u64 = threads.into_iter().map(|t| t.join().unwrap()).sum();
    assert_eq!(cents, 2000, "exactly the limit");
}

#[test]
fn sixteen_threads_sign_each_nonce_for_one_maximum() {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.person(stubborn);
    let world = Arc::new(world);
    let threads: Vec<_> = (0..16u64)
        .map(|thread| {
            let world = world.clone();
            std::thread::spawn(move || {
                (0..4u64)
                    .filter_map(|nonce| world.sign(pay(nonce, ALICE, 100 + 25 * thread)).ok().map(|_| (nonce, 100 + 25 * thread)))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut most = std::collections::BTreeMap::new();
    for (nonce, cents) in threads.into_iter().flat_map(|t| t.join().unwrap()) {
        let entry = most.entry(nonce).or_insert(0);
        *entry = cents.max(*entry);
    }
    assert!(most.values().sum::<u64>() <= 2000, "{most:?}");
    assert!(!most.is_empty());
}

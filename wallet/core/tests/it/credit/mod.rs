//! Proofs and credit lines, over real pools, a real bank and a real notary.

mod keeping;
mod lenders;
mod lines;
mod sessions;
mod world;

//! The lender's program against a real chain, a bank, a notary and wallets.

mod abuse;
mod command;
mod flow;
mod loan;
mod postgres;
mod refusals;
mod staff;
mod store;
mod world;

//! The local world, against the real thing: anvil and the contracts' own bytecode.

mod addresses;
mod chain;
mod command;
mod contracts;
mod swaps;
mod tokens;
mod uses;

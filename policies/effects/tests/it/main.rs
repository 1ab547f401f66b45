//! Tests of the decoder from outside: bytes in, effects out.

mod credit;
mod messages;
mod permits;
mod properties;
mod registry;
mod sentences;
mod support;
mod swap_router;
mod swap_router_02;
mod swaps;
mod tokens;
mod transactions;
mod typed_data;
mod uniswap_v2;

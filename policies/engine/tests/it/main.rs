//! Tests of the rule engine.

mod decisions;
mod explanations;
mod forms;
mod numbers;
mod packs;
mod rules;
mod support;
mod totals;

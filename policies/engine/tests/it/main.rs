//! Tests of the rule engine.

mod credit;
mod decisions;
mod explanations;
mod forms;
mod numbers;
mod packs;
mod rules;
mod support;
mod totals;

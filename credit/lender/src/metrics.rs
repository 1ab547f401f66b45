//! What the lender counts, for Prometheus.

use prometheus::{Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::LenderError;

/// Counters and their registry.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Answers, by route and status.
    pub answers: IntCounterVec,
    /// Refusals of the API, by code.
    pub refusals: IntCounterVec,
    /// Proofs, by whether they were accepted.
    pub proofs: IntCounterVec,
    /// Seconds that verifying took, with waiting.
    pub verify_seconds: Histogram,
    /// 1 when the last look at database, chain and key was good.
    pub healthy: IntGauge,
    /// Offers and files that were deleted in due time.
    pub tidied: IntCounterVec,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Result<Self, LenderError> {
        let registry = Registry::new();
        let counters = |name: &str, help: &str, labels: &[&str]| -> Result<IntCounterVec, LenderError> {
            let counters = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counters.clone()))?;
            Ok(counters)
        };
        let answers = counters("lender_http_answers_total", "HTTP answers by route and status", &["route", "status"])?;
        let refusals = counters("lender_refusals_total", "Refusals of the API by code", &["code"])?;
        let proofs = counters("lender_proofs_total", "Proofs by verdict", &["verdict"])?;
        let tidied = counters("lender_tidied_total", "Expired offers and proof files deleted", &["what"])?;
        let buckets = vec![0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
        let verify_seconds =
            Histogram::with_opts(HistogramOpts::new("lender_verify_seconds", "Seconds to verify a proof, with waiting").buckets(buckets))?;
        let healthy = IntGauge::new("lender_healthy", "1 when database, chain and key were fine at the last look")?;
        registry.register(Box::new(verify_seconds.clone()))?;
        registry.register(Box::new(healthy.clone()))?;
        Ok(Self { registry, answers, refusals, proofs, verify_seconds, healthy, tidied })
    }

    /// Prometheus' text format.
    pub fn text(&self) -> Result<String, LenderError> {
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}

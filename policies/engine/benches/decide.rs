//! How long a decision takes: with the default pack, and with 5 and 500 further rules of the owner.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use parlance_policy::suite::Suite;
use parlance_policy::{Facts, RuleSet, decide};

/// A payment that nobody is asked about, one that takes a click, one that is refused at every level.
const CASES: &str = r#"
[[case]]
name = "level 0"
do = { action = "send", amount = "5", to = "alice" }
expect = "allow"

[[case]]
name = "click"
do = { action = "send", amount = "50", to = "alice" }
expect = "click"

[[case]]
name = "refused"
do = { action = "delegate", to = "contract", chain = 0 }
expect = "refused"
"#;

/// Rules for transfers that concern every one of them: what no sorting can leave out.
fn general(rules: usize) -> String {
    (0..rules).fold(String::new(), |mut source, i| {
        writeln!(
            source,
            "@id(\"general-{i}\")\nforbid (principal, action == Action::\"send\", resource)\n\
             when {{ context.approval < 1 && context.spent.week > {} }};\n",
            (i + 1_000) * 1_000_000
        )
        .expect("writing to a string");
        source
    })
}

/// Rules for transfers as the form builder makes them, each for a contact.
fn own(rules: usize) -> String {
    (0..rules).fold(String::new(), |mut source, i| {
        writeln!(
            source,
            "@id(\"own-{i}\")\nforbid (principal, action == Action::\"send\", resource in Symbol::\"USDC\")\n\
             when {{ context has recipient && context.recipient has contact &&\n\
             context.recipient.contact == Contact::\"contact {i}\" && context.recipient_spent.day > {} }};\n",
            (i + 1) * 1_000_000
        )
        .expect("writing to a string");
        source
    })
}

fn decisions(criterion: &mut Criterion) {
    let suite = Suite::parse(CASES).expect("the cases are valid");
    let sets = [("no", String::new()), ("5", own(5)), ("500", own(500)), ("500 general", general(500))];
    for (count, source) in sets {
        let rules = RuleSet::with_pack("cautious", &source).expect("the rules are valid");
        for case in &suite.case {
            let facts = suite.facts(case).expect("the case can be built");
            assert_eq!(decide(&rules, &facts).outcome, case.expect);
            let name = format!("decide/{count} own rules/{}", case.name);
            criterion.bench_function(&name, |bench| bench.iter(|| decide(black_box(&rules), black_box(&facts))));
            percentiles(&name, &rules, &facts);
        }
    }
}

fn percentiles(name: &str, rules: &RuleSet, facts: &Facts) {
    let mut times: Vec<Duration> = (0..5_000)
        .map(|_| {
            let start = Instant::now();
            black_box(decide(black_box(rules), black_box(facts)));
            start.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 1000];
    println!("{name}: p50 {:?}, p99 {:?}, p99.9 {:?}", at(500), at(990), at(999));
}

fn quick() -> Criterion {
    Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).without_plots()
}

criterion_group! { name = benches; config = quick(); targets = decisions }
criterion_main!(benches);

//! Prints the n-gram rows of each prompt on standard input: `features BUCKETS < prompts.txt`.

use std::io::{self, BufRead, Write};

use parlance_understand::features;

fn main() -> io::Result<()> {
    let Some(buckets) = std::env::args().nth(1).and_then(|a| a.parse::<usize>().ok()).filter(|b| b.is_power_of_two()) else {
        return Err(io::Error::other("usage: features BUCKETS (a power of two)"));
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let rows: Vec<String> = features(&line?, buckets).iter().map(usize::to_string).collect();
        writeln!(out, "{}", rows.join(" "))?;
    }
    out.flush()
}

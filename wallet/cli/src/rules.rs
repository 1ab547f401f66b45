//! `parlance rules`: in force, validated, tested, in sentences.

use std::{path::Path, process::ExitCode};

use parlance_policy::{PACKS, RuleSet, format, suite};
use parlance_signer_protocol::Request;
use serde_json::json;

use crate::{
    args::{Place, Rules},
    error::CliError,
    open,
};

pub async fn run(place: &Place, command: &Rules) -> Result<ExitCode, CliError> {
    match command {
        Rules::Show { json } => show(place, *json).await,
        Rules::Check { file } => check(file),
        Rules::Test { dir } => test(dir),
        Rules::Explain { what } => explain(what.as_deref()),
        Rules::Format { file } => {
            print!("{}", format(&read(file)?)?);
            Ok(ExitCode::SUCCESS)
        }
        Rules::Propose { file } => {
            let source = read(file)?;
            RuleSet::check(&name(file), &source)?;
            println!("{}", open::signer(place)?.propose(Request::ProposeRules { source, quote: None }).await?);
            Ok(ExitCode::SUCCESS)
        }
        Rules::Pack { name } => {
            println!("{}", open::signer(place)?.propose(Request::ProposePack { name: name.clone() }).await?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn show(place: &Place, json: bool) -> Result<ExitCode, CliError> {
    let rules = open::signer(place)?.rules().await?;
    if json {
        println!("{}", json!(rules));
        return Ok(ExitCode::SUCCESS);
    }
    println!("Pack {}, version {}:", rules.pack, rules.version);
    for rule in &rules.sentences {
        println!("- {} [{}]", rule.sentence, rule.id);
    }
    if !rules.own_source.trim().is_empty() {
        println!("\nYour own rules, as source:\n{}", rules.own_source);
    }
    Ok(ExitCode::SUCCESS)
}

fn check(file: &Path) -> Result<ExitCode, CliError> {
    let rules = RuleSet::check(&name(file), &read(file)?)?;
    for warning in rules.warnings() {
        println!("{warning}");
    }
    println!("{} is valid: {} rules.", file.display(), rules.sentences().len());
    Ok(ExitCode::SUCCESS)
}

fn test(dir: &Path) -> Result<ExitCode, CliError> {
    let report = suite::test_dir(dir)?;
    for failure in &report.failures {
        println!("{failure}");
    }
    println!("{} passed, {} failed", report.passed, report.failures.len());
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn explain(what: Option<&str>) -> Result<ExitCode, CliError> {
    let what = what.unwrap_or("cautious");
    let rules = match PACKS.iter().find(|p| p.name == what) {
        Some(pack) => RuleSet::load(pack.source, "")?,
        None => RuleSet::check(what, &read(Path::new(what))?)?,
    };
    for rule in rules.sentences() {
        println!("- {} [{}]", rule.sentence, rule.id);
    }
    println!("Everything else is refused.");
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(file).map_err(CliError::file(file))
}

fn name(file: &Path) -> String {
    file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

//! `parlance dev up / down / status`: the local world on the command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use parlance_devnet::{DevWorld, DevnetError, ETH_PRICE_USD, LocalWorld, Status, Up, UpOptions};
use serde_json::json;

#[derive(Parser)]
#[command(
    name = "parlance dev",
    bin_name = "parlance dev",
    version,
    about = "A whole local world of play money: a chain with real contracts, a funded demo wallet, people to pay, a bank and a lender",
    after_help = "Example:\n  parlance dev up\n  parlance dev status --json\n  parlance dev down\n\n\
                  Exit codes: 0 done, 1 failed (or, for `status`, not running), 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the local world, or find it running, and say where everything is
    #[command(
        after_help = "Example:\n  parlance dev up --port 8545\n\nThe saved chain goes on where `down` left it; `--fresh` begins a new one."
    )]
    Up {
        #[command(flatten)]
        common: Common,
        /// Port on 127.0.0.1 [default: 8545, or a free one where that is taken]
        #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
        /// Begin a new chain; a saved one is set aside
        #[arg(long)]
        fresh: bool,
        /// Seconds from block to block
        #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3600))]
        block_time: u64,
        /// Without the lender and the bank
        #[arg(long)]
        chain_only: bool,
    },
    /// Stop the local world and save its chain
    #[command(after_help = "Example:\n  parlance dev down")]
    Down {
        #[command(flatten)]
        common: Common,
    },
    /// Say what runs (exit code 1 when nothing does)
    #[command(after_help = "Example:\n  parlance dev status --json | jq -r .rpc_url")]
    Status {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Args)]
struct Common {
    /// Folder of the local world [default: $XDG_DATA_HOME/parlance-dev or ~/.local/share/parlance-dev]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
}

impl Common {
    fn world(&self) -> Result<LocalWorld, DevnetError> {
        let folder = match &self.data {
            Some(folder) => {
                std::path::absolute(folder).map_err(|source| DevnetError::File { doing: "find", path: folder.clone(), source })?
            }
            None => LocalWorld::default_folder()?,
        };
        Ok(LocalWorld::in_folder(folder))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Cli::parse().command;
    let json = match &command {
        Command::Up { common, .. } | Command::Down { common } | Command::Status { common } => common.json,
    };
    match run(command).await {
        Ok(code) => code,
        Err(e) => {
            if json {
                println!("{}", json!({ "error": e.to_string(), "remedy": e.remedy() }));
            }
            eprintln!("error: {e}\n{}", e.remedy());
            ExitCode::from(1)
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, DevnetError> {
    match command {
        Command::Up { common, port, fresh, block_time, chain_only } => {
            let local = common.world()?;
            let options = UpOptions { port, fresh, block_time, chain_only };
            // Progress goes to standard error, so that standard output is only the answer.
            let up = local.up(options, &mut |line| eprintln!("{line} ...")).await?;
            let (headline, world) = match up {
                Up::AlreadyRunning(world) => ("The local world is already running.", world),
                Up::Deployed(world) => ("The local world is up, on a new chain.", world),
                Up::Resumed(world) => ("The local world is up again, on the saved chain.", world),
            };
            if common.json {
                return status(&local, true).await;
            }
            println!("{headline}\n");
            describe(&local, &world);
            Ok(ExitCode::SUCCESS)
        }
        Command::Down { common } => {
            let down = common.world()?.down().await?;
            if common.json {
                println!("{}", json!({ "stopped": down.is_some(), "saved": down.is_some_and(|d| d.saved) }));
            } else {
                println!(
                    "{}",
                    match down {
                        Some(d) if d.saved => "The local world is stopped; its chain is saved for the next `parlance dev up`.",
                        Some(_) => "The local world had to be killed; what happened on its chain since the last `up` is lost.",
                        None => "The local world was not running.",
                    }
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Status { common } => status(&common.world()?, common.json).await,
    }
}

async fn status(local: &LocalWorld, json: bool) -> Result<ExitCode, DevnetError> {
    let status = local.status().await?;
    let code = if matches!(status, Status::Running { .. }) { ExitCode::SUCCESS } else { ExitCode::from(1) };
    if json {
        println!("{:#}", status_json(local, &status));
        return Ok(code);
    }
    match status {
        Status::Running { world, pid, block } => {
            println!("The local world is running: process {pid}, block {block}.\n");
            describe(local, &world);
        }
        Status::NotAnswering { pid, rpc_url } => {
            println!("Process {pid} runs but does not answer at {rpc_url}. Stop it with `parlance dev down`.");
        }
        Status::Stopped { saved, lost } => {
            if let Some(pid) = lost {
                println!("The chain (process {pid}) ended without `parlance dev down`.");
            }
            println!("The local world is not running; {}.", if saved { "a saved chain waits" } else { "there is no saved chain" });
            println!("Start it with `parlance dev up`.");
        }
    }
    Ok(code)
}

fn status_json(local: &LocalWorld, status: &Status) -> serde_json::Value {
    match status {
        Status::Running { world, pid, block } => {
            let mut object = json!({ "running": true, "pid": pid, "block": block, "folder": local.folder(), "log": local.log() });
            if let (Some(object), Ok(serde_json::Value::Object(world))) = (object.as_object_mut(), serde_json::to_value(world)) {
                object.extend(world);
            }
            object
        }
        Status::NotAnswering { pid, rpc_url } => {
            json!({ "running": false, "not_answering": true, "pid": pid, "rpc_url": rpc_url })
        }
        Status::Stopped { saved, lost } => {
            json!({ "running": false, "saved": saved, "lost_pid": lost })
        }
    }
}

fn describe(local: &LocalWorld, world: &DevWorld) {
    let a = &world.addresses;
    let row = |heading: &str, text: String| println!("  {heading:<14}{text}");
    row("Endpoint", format!("{} (chain id {})", world.rpc_url, world.chain_id));
    row("Demo wallet", format!("{} with 5,000 USDC, 2 WETH, 1,000 DAI and 10,000 ETH at the start", world.demo.address));
    row("Its phrase", world.demo.mnemonic.clone());
    let people = world.contacts.iter().map(|c| (c.name.as_str(), c.address));
    for (i, (name, address)) in people.enumerate() {
        row(if i == 0 { "People to pay" } else { "" }, format!("{address}  {name}"));
    }
    let contracts = [
        ("USDC (Circle's own contracts)", a.usdc),
        ("WETH", a.weth),
        ("DAI", a.dai),
        ("Uniswap V2 router", a.uniswap_v2_router),
        ("Uniswap SwapRouter02", a.uniswap_v3_router),
        ("price feed ETH / USD", a.eth_usd_feed),
    ];
    for (i, (name, address)) in contracts.into_iter().enumerate() {
        row(if i == 0 { "Contracts" } else { "" }, format!("{address}  {name}"));
    }
    match &world.credit {
        Some(credit) => {
            row("Lender", format!("{} at {} (staff page /book, password play)", credit.lender.name, credit.lender.url));
            row("Bank", "the demo bank; your account there holds $23,456.78 of play money".into());
        }
        None => row("Lender", "does not run (parlance-lender and parlance-bank are not beside this program)".into()),
    }
    row("Files", format!("{} (devworld.json lists everything)", local.folder().display()));
    println!("\nThis is play money: the phrase is public. Never send anything real here. Ether starts at ${ETH_PRICE_USD}.");
    println!("Stop it with `parlance dev down`.");
}

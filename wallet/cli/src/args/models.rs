//! `parlance models`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub enum Models {
    /// The models that are there, and what each may do.
    #[command(after_help = "Example: parlance models list --json | jq .[].standing")]
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add a model: a GGUF file, an https address, or a name of the catalogue.
    #[command(after_help = "Example: parlance models add https://models.example/tiny-instruct-q8_0.gguf --sha256 9f86d0...\n\
        A download that broke or was stopped with Ctrl-C goes on where it ended when it is started again.")]
    Add {
        /// File, address or name.
        what: String,
        /// SHA-256 that the file must have, from its publisher's page.
        #[arg(long, value_name = "HASH")]
        sha256: Option<String>,
    },
    /// Forget a model and delete its file here.
    #[command(after_help = "Example: parlance models remove tiny-instruct-q8_0")]
    Remove {
        /// As `parlance models list` says it.
        name: String,
    },
    /// Have a model understand from now on, in the app and in the terminal; `shipped` for the one that came with Parlance.
    #[command(after_help = "Example: parlance models use tiny-instruct-q8_0")]
    Use {
        /// As `parlance models list` says it, or `shipped`.
        name: String,
        /// Layers on the graphics card: `auto`, or a number.
        #[arg(long, value_name = "N")]
        gpu_layers: Option<String>,
    },
    /// What a file holds, whether it fits in memory, and whether it works in the sandboxed worker.
    #[command(after_help = "Example: parlance models check my-model.gguf")]
    Check {
        /// GGUF file; the shipped model where none is named.
        file: Option<PathBuf>,
    },
    /// Hold the exam that a model must pass before it may propose what moves money.
    #[command(
        after_help = "Example: parlance models exam tiny-instruct-q8_0\nIt takes a few minutes, or longer without a graphics card; Ctrl-C stops it."
    )]
    Exam {
        /// As `parlance models list` says it.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// How fast a model is here.
    #[command(after_help = "Example: parlance models bench my-model.gguf")]
    Bench {
        /// A name, or a GGUF file; the shipped model where none is named.
        model: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Models that are recommended.
    #[command(after_help = "Example: parlance models catalogue")]
    Catalogue {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

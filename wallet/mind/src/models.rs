//! Where model files are.

use std::path::{Path, PathBuf};

use crate::error::MindError;

/// File name of the shipped model.
const SHIPPED: &str = "parlance-small.gguf";

/// Where the shipped model is: beside the programs, in an installed package, or in the source tree
/// that these programs were built from.
///
/// # Errors
/// [`MindError::NoModel`] with the places that were looked at.
pub fn shipped() -> Result<PathBuf, MindError> {
    let own = std::env::current_exe().map_err(MindError::Place)?;
    let beside = own.parent().unwrap_or(Path::new("/"));
    let share = |up| beside.ancestors().nth(up).unwrap_or(beside).join("share/parlance/models");
    // For programs in `bin`, and for those in `lib/parlance`.
    let mut places = vec![beside.join("models"), share(1), share(2)];
    // Packages never look into the folder that they were built in.
    if option_env!("PARLANCE_PACKAGED").is_none() {
        places.push(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../local-llm/models")));
    }
    places.iter().map(|p| p.join(SHIPPED)).find(|p| p.exists()).ok_or_else(|| {
        let tried: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
        MindError::NoModel { name: SHIPPED, tried: tried.join(", ") }
    })
}

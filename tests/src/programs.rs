//! Where the programs under test are.

use std::path::PathBuf;

/// A program of this workspace, as built beside the running test.
///
/// # Panics
/// Where it was not built: `cargo test` builds the programs of the crate under test only, so the others are built
/// first (`make build`).
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("a test knows its own path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(path.exists(), "{} is not built; run `make build` first", path.display());
    path
}

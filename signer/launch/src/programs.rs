//! The programs of this release, beside this one.

use std::{
    ffi::OsString,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

use crate::{
    environment::{self, Profile},
    error::{LaunchError, Trying},
};

/// The path of a program of this release.
pub fn path(name: &str) -> Result<PathBuf, LaunchError> {
    let own = std::env::current_exe().trying("finding this program's own path")?;
    let path = own.parent().unwrap_or(Path::new("/")).join(name);
    if !path.exists() {
        return Err(LaunchError::Missing(path));
    }
    trusted(&path)?;
    Ok(path)
}

/// A cleaned command for a program of this release.
pub fn command(name: &str, profile: Profile) -> Result<Command, LaunchError> {
    let mut command = Command::new(path(name)?);
    environment::clean(&mut command, profile);
    Ok(command)
}

/// Run a program that needs no signer, with this process's own streams.
pub fn run(name: &str, args: &[OsString], profile: Profile) -> Result<u8, LaunchError> {
    let status = command(name, profile)?.args(args).status().trying(format!("starting {name}"))?;
    Ok(code(status))
}

/// The exit code as a shell would say it.
pub fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}

/// True where the program came with a package.
pub fn installed(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with("/usr") || real.starts_with("/opt"))
}

/// The same of this program.
pub fn own_is_installed() -> bool {
    std::env::current_exe().is_ok_and(|own| installed(&own))
}

/// Installed by a package (below `/usr` or `/opt`), a program must be root's and nobody else's to write.
fn trusted(path: &Path) -> Result<(), LaunchError> {
    let real = path.canonicalize().trying(format!("reading {}", path.display()))?;
    if !installed(&real) {
        return Ok(());
    }
    for part in real.ancestors() {
        let meta = part.metadata().trying(format!("reading {}", part.display()))?;
        if let Some(why) = weakness(meta.uid(), meta.mode()) {
            return Err(LaunchError::Untrusted { path: part.to_owned(), why });
        }
    }
    Ok(())
}

/// Why somebody else than root could change a file or folder.
pub fn weakness(uid: u32, mode: u32) -> Option<String> {
    if uid != 0 {
        Some(format!("belongs to user {uid}"))
    } else if mode & 0o022 != 0 {
        Some(format!("may be written by others (mode {:o})", mode & 0o7777))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_program_must_be_roots_alone() {
        assert_eq!(weakness(0, 0o100_755), None);
        assert!(weakness(1000, 0o100_755).is_some());
        assert!(weakness(0, 0o100_775).is_some());
        assert!(weakness(0, 0o100_757).is_some());
    }
}

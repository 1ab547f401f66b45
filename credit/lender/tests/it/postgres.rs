//! The same on PostgreSQL, with Debian's server in a folder of its own.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use parlance_lender::store::Store;
use tempfile::TempDir;

use crate::flow::whole_loan;
use crate::store::keeps_its_promises;
use crate::world::*;

/// A server; stopped when dropped.
struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    owner: Option<u32>,
    port: u16,
}

/// Where Debian puts the server's programs.
fn programs() -> Outcome<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let known = versions.chain(std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<_>>());
    let found = known.into_iter().filter(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists()).max();
    found.ok_or_else(|| {
        "PostgreSQL's initdb and pg_ctl are missing: install Debian's package postgresql (installers/prerequisites.sh test)".into()
    })
}

/// The server refuses to run as root: then it runs as `postgres`, or as `nobody`.
fn owner() -> Outcome<Option<u32>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let id = |name: &str| users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').nth(2)?.parse().ok();
    Ok(Some(id("postgres").or_else(|| id("nobody")).ok_or("there is no user to run PostgreSQL as")?))
}

impl Postgres {
    fn start() -> Outcome<Self> {
        let (programs, owner) = (programs()?, owner()?);
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { programs, folder: tempfile::tempdir()?, owner, port };
        if let Some(owner) = owner {
            std::os::unix::fs::chown(server.folder.path(), Some(owner), None)?;
        }
        let data = server.data();
        server.run("initdb", &["-D", &data, "-A", "trust", "-U", "lender", "--no-sync", "-E", "UTF8", "--locale=C"])?;
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off");
        server.run("pg_ctl", &["-D", &data, "-w", "-t", "60", "-l", &format!("{data}.log"), "-o", &options, "start"])?;
        Ok(server)
    }

    fn url(&self) -> String {
        format!("postgres://lender@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(owner) = self.owner {
            command.uid(owner);
        }
        // Into a file: the server that pg_ctl starts would keep a pipe open.
        let said = self.folder.path().join(format!("{program}.said"));
        let output = command.stderr(std::fs::File::create(&said)?).status()?;
        if output.success() { Ok(()) } else { Err(format!("{program}: {}", tail(&said)).into()) }
    }
}

fn tail(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]);
    }
}

#[tokio::test]
async fn the_store_and_a_whole_loan_on_postgresql() -> Outcome {
    let server = Postgres::start()?;
    let store = Store::open(&server.url(), Path::new(".")).await?;
    keeps_its_promises(&store).await?;
    store.close().await;
    let mut world = world_with(Wishes { config: vec![("sqlite:lender.db", server.url())], ..Wishes::default() }).await?;
    whole_loan(&mut world).await?;
    assert!(!world.folder.path().join("lender.db").exists());
    Ok(())
}

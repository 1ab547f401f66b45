//! A local world of its own: a chain, play money, stopped when dropped.

use std::{net::TcpListener, path::PathBuf, process::Command};

use crate::programs::program;

/// A local world of its own.
pub struct World {
    dir: tempfile::TempDir,
    port: u16,
    block_time: u32,
}

impl World {
    /// With a block a second.
    #[must_use]
    pub fn up() -> Self {
        Self::with_blocks_every(1)
    }

    /// With a block each so many seconds.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn with_blocks_every(seconds: u32) -> Self {
        let dir = tempfile::tempdir().expect("tempdir");
        let port = free_port();
        let world = Self { dir, port, block_time: seconds };
        world.start();
        world
    }

    /// Start it, or start it again after [`World::stop`].
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(&self) {
        let out = Command::new(program("parlance"))
            .args(["dev", "up", "--port", &self.port.to_string(), "--block-time", &self.block_time.to_string(), "--data"])
            .arg(self.data())
            .output()
            .expect("starts");
        assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    }

    /// Stop the chain; everything else stays.
    pub fn stop(&self) {
        let stopped = Command::new(program("parlance")).args(["dev", "down", "--data"]).arg(self.data()).output();
        if !stopped.is_ok_and(|o| o.status.success()) {
            eprintln!("the local world in {} could not be stopped", self.data().display());
        }
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("world")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that nobody listens on.
///
/// # Panics
/// Where the loopback interface can't be used.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

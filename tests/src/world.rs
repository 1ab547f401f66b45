//! A local world of its own: a chain, play money, stopped when dropped.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use crate::programs::program;

/// A local world of its own.
pub struct World {
    dir: tempfile::TempDir,
    port: u16,
    block_time: u32,
    lender: bool,
}

impl World {
    /// With a block a second.
    #[must_use]
    pub fn up() -> Self {
        Self::with_blocks_every(1)
    }

    /// With a block only at [`World::mine`] (and each hour).
    #[must_use]
    pub fn without_blocks() -> Self {
        Self::with_blocks_every(3_600)
    }

    /// With a block each so many seconds.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn with_blocks_every(seconds: u32) -> Self {
        Self::new(seconds, false)
    }

    /// With the demo bank and Maple, who lends.
    #[must_use]
    pub fn with_lender() -> Self {
        Self::new(1, true)
    }

    fn new(block_time: u32, lender: bool) -> Self {
        let dir = tempfile::tempdir().expect("tempdir");
        let world = Self { dir, port: free_port(), block_time, lender };
        world.start();
        world
    }

    /// Start it, or start it again after [`World::stop`].
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(&self) {
        let out = Command::new(program("parlance"))
            .args(["dev", "up", "--port", &self.port.to_string(), "--block-time", &self.block_time.to_string()])
            .args((!self.lender).then_some("--chain-only"))
            .arg("--data")
            .arg(self.data())
            .output()
            .expect("starts");
        assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    }

    /// One block, now.
    ///
    /// # Panics
    /// Where the chain does not answer.
    pub fn mine(&self) {
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"evm_mine","params":[]}"#;
        let mut chain = TcpStream::connect(("127.0.0.1", self.port)).expect("the chain listens");
        chain.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close";
        write!(chain, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("the chain reads");
        let mut answer = String::new();
        chain.read_to_string(&mut answer).expect("the chain answers");
        assert!(answer.contains("\"result\""), "{answer}");
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

//! `WebKitWebDriver`, attached to an app that runs already.

use std::{
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder};
use tokio::runtime::Runtime;

use super::PATIENCE;
use crate::{screen::Screen, world::free_port};

/// The driver with its one session.
pub struct Driver {
    process: Child,
    /// The session.
    pub client: Client,
    /// Where its requests run.
    pub runtime: Runtime,
}

impl Driver {
    /// Start it for the app that lets itself be driven at `inspector`.
    ///
    /// # Panics
    /// Where the app does not answer.
    pub fn start(screen: &Screen, inspector: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let port = free_port();
        let mut process = screen
            .command(Path::new("WebKitWebDriver"))
            .args([format!("--port={port}"), format!("--target={inspector}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is installed");
        let address = format!("http://127.0.0.1:{port}");
        let end = Instant::now() + PATIENCE;
        loop {
            let builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
            let session = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), builder.connect(&address)).await });
            match session {
                Ok(Ok(client)) => return Self { process, client, runtime },
                Ok(Err(_)) | Err(_) if Instant::now() < end => std::thread::sleep(Duration::from_millis(50)),
                other => {
                    drop(process.kill());
                    drop(process.wait());
                    panic!("no session with the app: {:?}", other.map(|s| s.err()));
                }
            }
        }
    }
}

impl Driver {
    /// Its process's id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

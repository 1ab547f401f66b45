//! Accepting connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::admission::Admission;
use crate::{Config, NotaryError, session};

/// A notary that serves. Dropping it ends it and its sessions.
#[derive(Debug)]
pub struct Notary {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Notary {
    /// Serves at `listener` within the current runtime.
    pub fn serve(listener: TcpListener, config: Config) -> Result<Self, NotaryError> {
        let address = listener.local_addr().map_err(NotaryError::Listen)?;
        Ok(Self { address, task: tokio::spawn(accept(listener, Arc::new(config))) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Notary {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, config: Arc<Config>) {
    let admission = Admission::new(config.limits);
    let tls = config.tls.clone().map(TlsAcceptor::from);
    // Twice the sessions: room to tell those who come too much why they are refused. Beyond it they are dropped.
    let connections = Arc::new(Semaphore::new(config.limits.sessions.saturating_mul(2).clamp(1, Semaphore::MAX_PERMITS)));
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let Ok(permit) = connections.clone().try_acquire_owned() else { continue };
                    let ticket = admission.admit(client.ip(), Instant::now());
                    let (config, tls) = (config.clone(), tls.clone());
                    running.spawn(async move {
                        connection(stream, tls, ticket, &config).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = running.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, ticket: session::Admitted, config: &Config) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => session::run(stream, ticket, config).await,
        Some(tls) => match tokio::time::timeout(config.limits.opening(), tls.accept(stream)).await {
            Ok(Ok(stream)) => session::run(stream, ticket, config).await,
            Ok(Err(error)) => tracing::debug!(%error, "handshake"),
            Err(_) => tracing::debug!("no handshake in time"),
        },
    }
}

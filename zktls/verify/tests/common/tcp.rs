//! The client over TCP, recording what passes, for servers of others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use parlance_zktls_protocol::Recording;
use parlance_zktls_verify::records;
use rustls::ClientConnection;
use rustls::crypto::ring::cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256};
use rustls::crypto::ring::kx_group::{SECP256R1, X25519};
use rustls::pki_types::ServerName;

use super::{DOMAIN, Identity, REQUEST, Recorded, Secrets, ToBank, ToClient, by_record, client_config, empty_recording};

/// Writes own.pem, chain.pem, full.pem and key.pem.
pub fn write_identity(identity: &Identity, folder: &Path) {
    let (own, chain) = (pem("CERTIFICATE", &identity.chain[0]), pem("CERTIFICATE", &identity.chain[1]));
    let key = pem("PRIVATE KEY", identity.key.secret_der());
    for (name, text) in [("full.pem", format!("{own}{chain}")), ("own.pem", own), ("chain.pem", chain), ("key.pem", key)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), der).unwrap();
    let output = Command::new("openssl").args(["base64", "-in"]).arg(path.path()).output().expect("openssl is installed");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", String::from_utf8(output.stdout).unwrap())
}

fn connect(port: u16) -> TcpStream {
    for _ in 0..600 {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            return stream;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no server listens on port {port}");
}

/// Speaks to the server on `port`, which has `identity`.
pub fn session(identity: Identity, port: u16) -> Recorded {
    let mut stream = connect(port);
    let secrets = Arc::new(Secrets::default());
    let suites = [TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256];
    let config = client_config(&suites, &[X25519, SECP256R1], secrets.clone());
    let mut client = ClientConnection::new(Arc::new(config), ServerName::try_from(DOMAIN).unwrap()).unwrap();
    let mut recording = empty_recording();
    let wait = |stream: &TcpStream, milliseconds| stream.set_read_timeout(Some(Duration::from_millis(milliseconds))).unwrap();
    wait(&stream, 10_000);
    while client.is_handshaking() {
        send(&mut client, &mut stream, &mut recording);
        if client.is_handshaking() {
            assert!(receive(&mut client, &mut stream, &mut recording), "the handshake ended early");
        }
    }
    let flight = protected(&recording);
    send(&mut client, &mut stream, &mut recording);
    // Tickets come before anything is asked; wait for them.
    wait(&stream, 500);
    while receive(&mut client, &mut stream, &mut recording) {}
    let tickets = protected(&recording) - flight;
    client.writer().write_all(REQUEST).unwrap();
    send(&mut client, &mut stream, &mut recording);
    wait(&stream, 10_000);
    while receive(&mut client, &mut stream, &mut recording) {
        wait(&stream, 500);
    }
    client.send_close_notify();
    send(&mut client, &mut stream, &mut recording);
    Recorded {
        shts: secrets.get("SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        tickets: u8::try_from(tickets).unwrap(),
        roots: vec![identity.root],
        flight,
        recording: by_record(&recording),
    }
}

fn protected(recording: &Recording) -> usize {
    let records = records::records(recording, ToClient).unwrap();
    records.iter().filter(|record| record.kind == records::APPLICATION_DATA).count()
}

fn send(client: &mut ClientConnection, stream: &mut TcpStream, recording: &mut Recording) {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    recording.push(ToBank, &bytes);
    // The server may have closed already; what was sent is recorded all the same.
    let _ = stream.write_all(&bytes);
}

/// One record; false when nothing comes any more.
fn receive(client: &mut ClientConnection, stream: &mut TcpStream, recording: &mut Recording) -> bool {
    let mut record = vec![0; 5];
    if stream.read_exact(&mut record).is_err() {
        return false;
    }
    record.resize(5 + usize::from(record[3]) * 256 + usize::from(record[4]), 0);
    stream.read_exact(&mut record[5..]).unwrap();
    recording.push(ToClient, &record);
    let mut rest = record.as_slice();
    let mut open = true;
    while !rest.is_empty() {
        client.read_tls(&mut rest).unwrap();
        open &= !client.process_new_packets().unwrap().peer_has_closed();
        let _ = std::io::copy(&mut client.reader(), &mut std::io::sink());
    }
    open
}

//! Sessions with OpenSSL's `s_server`: another implementation's records, tickets and retries.

mod common;

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use common::{DOMAIN, Identity, Key, Recorded, identity, tcp};

/// Stopped at the end of a test, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// With `openssl s_server -www`, which answers each request with a page of its own.
fn session(identity: Identity, arguments: &[&str]) -> Recorded {
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).into_os_string();
    tcp::write_identity(&identity, files.path());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new("openssl")
        .args(["s_server", "-www", "-quiet", "-tls1_3", "-alpn", "http/1.1", "-accept", &format!("127.0.0.1:{port}")])
        .args(["-cert".into(), path("own.pem"), "-key".into(), path("key.pem"), "-cert_chain".into(), path("chain.pem")])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let _server = Server(child);
    tcp::session(identity, port)
}

#[test]
fn openssl_with_both_suites_and_certificates() {
    for (suite, key) in
        [("TLS_AES_128_GCM_SHA256", Key::P256), ("TLS_CHACHA20_POLY1305_SHA256", Key::P384), ("TLS_AES_128_GCM_SHA256", Key::Rsa)]
    {
        let facts = session(identity(&[DOMAIN], key, |_| ()), &["-ciphersuites", suite]).accept();
        assert_eq!(facts.suite.name(), suite);
        assert_eq!(facts.tickets.len(), 2, "OpenSSL sends two tickets");
        assert!(facts.response[0].content_length() > 100);
    }
}

#[test]
fn openssl_asks_for_another_group() {
    let facts = session(identity(&[DOMAIN], Key::P256, |_| ()), &["-groups", "P-256"]).accept();
    assert!(facts.retried);
}

#[test]
fn openssl_without_tickets_and_with_small_records() {
    let facts = session(identity(&[DOMAIN], Key::P256, |_| ()), &["-num_tickets", "0", "-split_send_frag", "512", "-max_send_frag", "512"])
        .accept();
    assert!(facts.tickets.is_empty());
    assert!(facts.response.len() > 2);
}

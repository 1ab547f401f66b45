//! Each test starts this binary again as a child, which shuts itself in and then tries what must fail.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpStream, UdpSocket},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::Command,
};

use parlance_sandbox::{Hold, enter_signer, enter_worker};

/// Runs in the child only: `PROBE` names the profile and the folder.
#[test]
#[ignore = "started by the other tests"]
fn probe_child() {
    let Some(profile) = std::env::var_os("PROBE") else {
        return;
    };
    let folder = PathBuf::from(std::env::var_os("PROBE_DIR").expect("set by the parent"));
    let inside = folder.join("inside/file");
    let outside = folder.join("outside");
    let (mut near, mut far) = UnixStream::pair().expect("before the sandbox");
    let mut before = fs::File::open(&outside).expect("before the sandbox");

    let report = if profile == "signer" { enter_signer(&folder.join("inside")) } else { enter_worker(&[&inside]) }.expect("folder exists");

    let say = |what: &str, worked: bool| println!("PROBE {what} {worked}");
    say("syscalls_hold", report.syscalls == Hold::Full);
    say("files_hold", report.files == Hold::Full);
    say("read_inside", fs::read(&inside).is_ok());
    say("write_inside", fs::write(folder.join("inside/new"), "x").is_ok());
    say("read_outside", fs::read(&outside).is_ok());
    say("read_etc", fs::read("/etc/passwd").is_ok());
    say("read_environ", fs::read("/proc/self/environ").is_ok());
    say("tcp", TcpStream::connect("127.0.0.1:9").is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionRefused));
    say("udp", UdpSocket::bind("127.0.0.1:0").is_ok());
    say("unix", UnixStream::connect(folder.join("none")).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound));
    say("exec", Command::new("/bin/true").status().is_ok());
    say("thread", std::thread::Builder::new().spawn(|| 7).is_ok_and(|t| t.join().is_ok_and(|n| n == 7)));
    let mut byte = [0u8; 1];
    say("old_socket", near.write_all(b"a").is_ok() && far.read_exact(&mut byte).is_ok());
    say("old_file", before.read_exact(&mut byte).is_ok());
    say("time", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).is_ok());
}

fn probe(profile: &str) -> std::collections::BTreeMap<String, bool> {
    let dir = tempfile::tempdir().expect("tempdir");
    fs::create_dir(dir.path().join("inside")).expect("mkdir");
    fs::write(dir.path().join("inside/file"), "in").expect("write");
    fs::write(dir.path().join("outside"), "out").expect("write");
    let out = Command::new(std::env::current_exe().expect("own path"))
        .args(["--ignored", "--exact", "probe_child", "--nocapture", "--test-threads=1"])
        .env("PROBE", profile)
        .env("PROBE_DIR", dir.path())
        .output()
        .expect("child starts");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "the child failed: {text}{}", String::from_utf8_lossy(&out.stderr));
    let found: std::collections::BTreeMap<_, _> = text
        .lines()
        .filter_map(|l| l.split_once("PROBE "))
        .filter_map(|(_, l)| l.split_once(' '))
        .map(|(k, v)| (k.to_owned(), v == "true"))
        .collect();
    assert_eq!(found.len(), 15, "the child stopped early: {text}");
    found
}

/// What the kernel can't enforce is reported as such; what is reported as held must hold.
fn expect(found: &std::collections::BTreeMap<String, bool>, may: &[&str]) {
    let files = found["files_hold"];
    let calls = found["syscalls_hold"];
    assert!(calls, "seccomp is in every kernel that Debian ships");
    for (what, worked) in found {
        let permitted = may.contains(&what.as_str()) || what.ends_with("_hold");
        let held = if what.starts_with("read") || what.starts_with("write") { files } else { calls };
        if permitted {
            assert!(*worked || what == "files_hold", "{what} should work in the sandbox");
        } else if held {
            assert!(!worked, "{what} should fail in the sandbox");
        }
    }
}

#[test]
fn the_signer_keeps_its_folder_and_its_sockets_and_loses_the_rest() {
    expect(&probe("signer"), &["read_inside", "write_inside", "thread", "old_socket", "old_file", "time"]);
}

#[test]
fn the_worker_reads_its_model_and_writes_nothing() {
    expect(&probe("worker"), &["read_inside", "thread", "old_socket", "old_file", "time"]);
}

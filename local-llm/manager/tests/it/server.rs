//! A real HTTP server on this computer that follows a script: each connection is answered by the next entry.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How one connection is answered.
#[derive(Clone, Debug)]
pub enum Turn {
    /// Properly; a range where one is asked for and the version is the one named.
    Serve,
    /// Properly, but the connection drops after so many bytes of the body.
    Drop(usize),
    /// The whole file, whatever is asked for.
    IgnoreRange,
    /// Another part than asked for.
    WrongRange,
    /// As `Serve`, but without `ETag` and date, then dropping.
    Nameless(usize),
    /// From now on the file is another one.
    Change(Vec<u8>),
    /// A length that is not that of the body.
    Lie(u64),
    /// Without a length; the connection's end is the file's.
    Endless(usize),
    /// Only a status.
    Status(u16),
    /// Sends on to there.
    Redirect(String),
    /// A page.
    Page,
    /// Takes the connection and says nothing for long.
    Silence,
}

pub struct Server {
    pub url: String,
    /// The `Range` of each request.
    pub asked: Arc<Mutex<Vec<Option<String>>>>,
}

impl Server {
    pub async fn start(file: Vec<u8>, turns: impl IntoIterator<Item = Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/models/tiny-chat.gguf", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, mut turns) = (Arc::clone(&asked), turns.into_iter().collect::<VecDeque<_>>());
        tokio::spawn(async move {
            let mut file = file;
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let (range, condition) = headers(&mut stream).await;
                seen.lock().expect("no panic").push(range.clone());
                let mut turn = turns.pop_front().unwrap_or(Turn::Serve);
                if let Turn::Change(other) = turn {
                    file = other;
                    turn = Turn::Serve;
                }
                let file = file.clone();
                tokio::spawn(async move {
                    // A client that hangs up is none of its business.
                    answer(&mut stream, &file, turn, range, condition).await.ok();
                });
            }
        });
        Self { url, asked }
    }

    pub fn ranges(&self) -> Vec<Option<String>> {
        self.asked.lock().expect("no panic").clone()
    }
}

async fn headers(stream: &mut TcpStream) -> (Option<String>, Option<String>) {
    let mut lines = BufReader::new(stream).lines();
    let (mut range, mut condition) = (None, None);
    while let Ok(Some(line)) = lines.next_line().await {
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "range" => range = Some(value.to_owned()),
            "if-range" => condition = Some(value.to_owned()),
            _ => {}
        }
    }
    (range, condition)
}

async fn answer(stream: &mut TcpStream, file: &[u8], turn: Turn, range: Option<String>, condition: Option<String>) -> std::io::Result<()> {
    let tag = format!("\"{}\"", &blake3::hash(file).to_hex()[..16]);
    let wanted = range.as_deref().and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let start = wanted.filter(|_| condition.as_deref() == Some(&tag) && !matches!(turn, Turn::IgnoreRange));
    let whole = format!("HTTP/1.1 200 OK\r\nETag: {tag}\r\nConnection: close\r\n");
    let (head, body): (String, &[u8]) = match (&turn, start) {
        (Turn::Status(code), _) => (format!("HTTP/1.1 {code} X\r\nContent-Length: 0\r\nConnection: close\r\n"), &[]),
        (Turn::Redirect(to), _) => (format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n"), &[]),
        (Turn::Page, _) => ("HTTP/1.1 200 OK\r\nContent-Length: 27\r\nConnection: close\r\n".into(), b"<html>Please sign in</html>"),
        (Turn::Silence, _) => {
            tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
            return Ok(());
        }
        (Turn::Lie(length), _) => (format!("{whole}Content-Length: {length}\r\n"), file),
        (Turn::Endless(length), _) => (whole, file.get(..*length).unwrap_or(file)),
        (Turn::Nameless(_), _) => (format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n", file.len()), file),
        (Turn::WrongRange, Some(start)) => {
            let other = start / 2;
            let head = format!("HTTP/1.1 206 Partial\r\nETag: {tag}\r\nContent-Range: bytes {other}-{}/{}\r\n", file.len() - 1, file.len());
            (format!("{head}Content-Length: {}\r\nConnection: close\r\n", file.len() - other), &file[other..])
        }
        (_, Some(start)) if start >= file.len() => {
            (format!("HTTP/1.1 416 X\r\nContent-Range: bytes */{}\r\nContent-Length: 0\r\nConnection: close\r\n", file.len()), &[])
        }
        (_, Some(start)) => {
            let head = format!("HTTP/1.1 206 Partial\r\nETag: {tag}\r\nContent-Range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len());
            (format!("{head}Content-Length: {}\r\nConnection: close\r\n", file.len() - start), &file[start..])
        }
        (_, None) => (format!("{whole}Content-Length: {}\r\n", file.len()), file),
    };
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    let sent = match turn {
        Turn::Drop(n) | Turn::Nameless(n) => body.get(..n).unwrap_or(body),
        _ => body,
    };
    stream.write_all(sent).await?;
    stream.shutdown().await
}

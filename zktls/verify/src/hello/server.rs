//! The ServerHello, and the HelloRetryRequest before it.

use parlance_zktls_protocol::Suite;

use super::{COOKIE, Client, Extensions, KEY_SHARE, SUPPORTED_VERSIONS, extensions, find};
use crate::VerifyError;
use crate::transcript::Transcript;
use crate::wire::{Message, Reader, hex, take_message};

/// SHA-256 of "HelloRetryRequest": the random value that marks one.
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
const SERVER_HELLO: u8 = 2;

/// What both sides agreed on.
pub struct Agreed {
    /// The suite.
    pub suite: Suite,
    /// Whether there was a HelloRetryRequest.
    pub retried: bool,
    /// The messages up to the ServerHello.
    pub transcript: Transcript,
}

struct ServerHello<'a> {
    whole: &'a [u8],
    retry: bool,
    suite: Suite,
    extensions: Extensions<'a>,
}

/// Reads the server's hellos and checks them against the client's.
pub fn agree(mut hellos: &[u8], client: &Client<'_>) -> Result<Agreed, VerifyError> {
    let none = || VerifyError::message("ServerHello", "none", "a ServerHello");
    let mut server = ServerHello::read(take_message(&mut hellos).ok_or_else(none)?, client)?;
    let mut transcript = Transcript::of(&[client.first.whole]);
    let mut group = None;
    let retried = server.retry;
    if retried {
        let retry = server;
        let second = client.second.as_ref();
        let second = second.ok_or_else(|| VerifyError::message("second ClientHello", "none", "one after the HelloRetryRequest"))?;
        second.check_repeats(&client.first)?;
        group = check_retry(&retry, client)?;
        transcript = Transcript::after_retry(client.first.whole, retry.whole);
        transcript.add(second.whole);
        server = ServerHello::read(take_message(&mut hellos).ok_or_else(none)?, client)?;
        if server.retry || server.suite != retry.suite {
            return Err(VerifyError::message("ServerHello", "a second retry or another suite", "what the HelloRetryRequest announced"));
        }
    } else if client.second.is_some() {
        return Err(VerifyError::message("second ClientHello", "one without being asked", "none"));
    }
    if !hellos.is_empty() {
        return Err(VerifyError::message("ServerHello", format!("{} bytes after it", hellos.len()), "nothing unprotected"));
    }
    check_share(&server, client, group)?;
    transcript.add(server.whole);
    Ok(Agreed { suite: server.suite, retried, transcript })
}

impl<'a> ServerHello<'a> {
    fn read(message: Message<'a>, client: &Client<'_>) -> Result<Self, VerifyError> {
        const NAME: &str = "ServerHello";
        let wrong = |got: String, expected| VerifyError::message(NAME, got, expected);
        if message.kind != SERVER_HELLO {
            return Err(wrong(format!("handshake message {}", message.kind), "a ServerHello"));
        }
        let mut reader = Reader::new(NAME, message.body);
        let version = reader.u16()?;
        if version != 0x0303 {
            return Err(wrong(format!("version {version:04x}"), "0303"));
        }
        let retry = reader.bytes(32)? == RETRY_RANDOM;
        let echo = reader.vector(1)?;
        if echo != client.first.session_id {
            return Err(wrong(format!("session id {}", hex(echo)), "the client's"));
        }
        let number = reader.u16()?;
        if !client.first.suites.contains(&number) {
            return Err(wrong(format!("cipher suite {number:04x}"), "one that was offered"));
        }
        let suite = Suite::try_from(number)?;
        let compression = reader.u8()?;
        if compression != 0 {
            return Err(wrong(format!("compression {compression}"), "none"));
        }
        let allowed: &[u16] = if retry { &[SUPPORTED_VERSIONS, KEY_SHARE, COOKIE] } else { &[SUPPORTED_VERSIONS, KEY_SHARE] };
        let extensions = extensions(NAME, reader.vector(2)?, allowed)?;
        reader.end()?;
        let version = find(&extensions, SUPPORTED_VERSIONS).unwrap_or_default();
        if version != [3, 4] {
            return Err(wrong(format!("supported version {}", hex(version)), "0304"));
        }
        Ok(Self { whole: message.whole, retry, suite, extensions })
    }
}

/// A retry asks for another group, gives a cookie, or both; the second hello does what it asks for and no more.
fn check_retry(retry: &ServerHello<'_>, client: &Client<'_>) -> Result<Option<u16>, VerifyError> {
    let wrong = |got: &str, expected| VerifyError::message("HelloRetryRequest", got, expected);
    let cookie = find(&retry.extensions, COOKIE);
    if cookie != client.last().cookie {
        return Err(wrong("another cookie than the second ClientHello has", "the same"));
    }
    let Some(content) = find(&retry.extensions, KEY_SHARE) else {
        if cookie.is_none() {
            return Err(wrong("no request", "a group or a cookie"));
        }
        if client.last().shares != client.first.shares {
            return Err(wrong("no group, but other key shares followed", "the same key shares"));
        }
        return Ok(None);
    };
    let mut reader = Reader::new("HelloRetryRequest", content);
    let group = reader.u16()?;
    reader.end()?;
    if client.first.shares.contains(&group) || !client.first.groups.contains(&group) {
        return Err(wrong("a group that was shared before or not offered", "an offered group without a key share"));
    }
    if client.last().shares != [group] {
        return Err(wrong("another group than the second ClientHello shares", "the same"));
    }
    Ok(Some(group))
}

fn check_share(server: &ServerHello<'_>, client: &Client<'_>, asked: Option<u16>) -> Result<(), VerifyError> {
    let mut reader = Reader::new("ServerHello", find(&server.extensions, KEY_SHARE).unwrap_or_default());
    let (group, share) = (reader.u16()?, reader.vector(2)?);
    reader.end()?;
    let right = client.last().shares.contains(&group) && asked.is_none_or(|asked| asked == group) && !share.is_empty();
    if right {
        Ok(())
    } else {
        Err(VerifyError::message("ServerHello", format!("key share of group {group:04x}"), "a group of the client's"))
    }
}

//! The ClientHello, and the second one after a HelloRetryRequest.

use super::{
    ALPN, COOKIE, EC_POINT_FORMATS, EXTENDED_MASTER_SECRET, Extensions, HTTP_1_1, KEY_SHARE, PSK_KEY_EXCHANGE_MODES, SERVER_NAME,
    SIGNATURE_ALGORITHMS, STATUS_REQUEST, SUPPORTED_GROUPS, SUPPORTED_VERSIONS, extensions, find,
};
use crate::VerifyError;
use crate::wire::{Reader, hex, take_message};

const FIRST: [u16; 10] = [
    SERVER_NAME,
    STATUS_REQUEST,
    SUPPORTED_GROUPS,
    EC_POINT_FORMATS,
    SIGNATURE_ALGORITHMS,
    ALPN,
    EXTENDED_MASTER_SECRET,
    SUPPORTED_VERSIONS,
    PSK_KEY_EXCHANGE_MODES,
    KEY_SHARE,
];
const SECOND: [u16; 11] = [
    SERVER_NAME,
    STATUS_REQUEST,
    SUPPORTED_GROUPS,
    EC_POINT_FORMATS,
    SIGNATURE_ALGORITHMS,
    ALPN,
    EXTENDED_MASTER_SECRET,
    SUPPORTED_VERSIONS,
    PSK_KEY_EXCHANGE_MODES,
    KEY_SHARE,
    COOKIE,
];
/// Extensions with one allowed content.
const FIXED: [(u16, &[u8]); 6] = [
    (STATUS_REQUEST, &[1, 0, 0, 0, 0]),
    (EC_POINT_FORMATS, &[1, 0]),
    (ALPN, HTTP_1_1),
    (EXTENDED_MASTER_SECRET, &[]),
    (SUPPORTED_VERSIONS, &[2, 3, 4]),
    (PSK_KEY_EXCHANGE_MODES, &[1, 1]),
];
const REQUIRED: [u16; 6] = [SERVER_NAME, SUPPORTED_GROUPS, SIGNATURE_ALGORITHMS, ALPN, SUPPORTED_VERSIONS, KEY_SHARE];
const CLIENT_HELLO: u8 = 1;

/// The client's unprotected messages.
pub struct Client<'a> {
    /// The first ClientHello.
    pub first: ClientHello<'a>,
    /// The second, after a HelloRetryRequest.
    pub second: Option<ClientHello<'a>>,
}

/// What of a ClientHello matters later.
pub struct ClientHello<'a> {
    /// The message with its header.
    pub whole: &'a [u8],
    /// For the echo.
    pub session_id: &'a [u8],
    /// Offered suites.
    pub suites: Vec<u16>,
    /// Groups with a key share.
    pub shares: Vec<u16>,
    /// Offered groups.
    pub groups: Vec<u16>,
    /// Offered signature schemes.
    pub schemes: Vec<u16>,
    /// The cookie's extension, after a HelloRetryRequest.
    pub cookie: Option<&'a [u8]>,
    random: &'a [u8],
    extensions: Extensions<'a>,
}

impl<'a> Client<'a> {
    /// Reads and checks the client's hellos.
    pub fn read(mut hellos: &'a [u8], domain: &str) -> Result<Self, VerifyError> {
        let mut next = |message: &'static str, allowed: &[u16]| {
            let Some(hello) = take_message(&mut hellos) else { return Ok(None) };
            if hello.kind != CLIENT_HELLO {
                return Err(VerifyError::message(message, format!("handshake message {}", hello.kind), "a ClientHello"));
            }
            ClientHello::read(message, hello.whole, hello.body, allowed, domain).map(Some)
        };
        let first = next("ClientHello", &FIRST)?.ok_or_else(|| VerifyError::message("ClientHello", "none", "a ClientHello"))?;
        let second = next("second ClientHello", &SECOND)?;
        if !hellos.is_empty() {
            return Err(VerifyError::message("ClientHello", format!("{} bytes after it", hellos.len()), "nothing unprotected"));
        }
        Ok(Self { first, second })
    }

    /// The hello that the ServerHello answers.
    #[must_use]
    pub fn last(&self) -> &ClientHello<'a> {
        self.second.as_ref().unwrap_or(&self.first)
    }
}

impl<'a> ClientHello<'a> {
    fn read(message: &'static str, whole: &'a [u8], body: &'a [u8], allowed: &[u16], domain: &str) -> Result<Self, VerifyError> {
        let wrong = |got: String, expected| VerifyError::message(message, got, expected);
        let mut reader = Reader::new(message, body);
        let version = reader.u16()?;
        if version != 0x0303 {
            return Err(wrong(format!("version {version:04x}"), "0303"));
        }
        let random = reader.bytes(32)?;
        let session_id = reader.vector(1)?;
        if session_id.len() > 32 {
            return Err(wrong(format!("a session id of {} bytes", session_id.len()), "at most 32"));
        }
        let suites = numbers(message, reader.vector(2)?)?;
        if let Some(suite) = suites.iter().find(|suite| ![0x1301, 0x1303].contains(*suite)) {
            return Err(wrong(format!("cipher suite {suite:04x}"), "1301 and 1303 only"));
        }
        let compression = reader.vector(1)?;
        if compression != [0] {
            return Err(wrong(format!("compression {}", hex(compression)), "none"));
        }
        let extensions = extensions(message, reader.vector(2)?, allowed)?;
        reader.end()?;
        if let Some(missing) = REQUIRED.iter().find(|kind| find(&extensions, **kind).is_none()) {
            return Err(wrong(format!("no extension {missing}"), "server name, groups, schemes, ALPN, versions and key share"));
        }
        for (kind, fixed) in FIXED {
            if let Some(content) = find(&extensions, kind)
                && content != fixed
            {
                return Err(wrong(format!("extension {kind} with {}", hex(content)), "TLS 1.3, http/1.1, (EC)DHE and nothing else"));
            }
        }
        let content = |kind| find(&extensions, kind).unwrap_or_default();
        server_name(message, content(SERVER_NAME), domain)?;
        Ok(Self {
            whole,
            session_id,
            suites,
            shares: key_shares(message, content(KEY_SHARE))?,
            groups: list(message, content(SUPPORTED_GROUPS))?,
            schemes: list(message, content(SIGNATURE_ALGORITHMS))?,
            cookie: find(&extensions, COOKIE),
            random,
            extensions,
        })
    }

    /// RFC 8446, 4.1.2: only key share and cookie may differ from the first hello.
    pub(super) fn check_repeats(&self, first: &Self) -> Result<(), VerifyError> {
        let rest = |hello: &Self| -> Vec<(u16, Vec<u8>)> {
            let kept = hello.extensions.iter().filter(|(kind, _)| ![KEY_SHARE, COOKIE].contains(kind));
            let mut kept: Vec<_> = kept.map(|(kind, content)| (*kind, content.to_vec())).collect();
            kept.sort();
            kept
        };
        let same =
            self.random == first.random && self.session_id == first.session_id && self.suites == first.suites && rest(self) == rest(first);
        if same { Ok(()) } else { Err(VerifyError::message("second ClientHello", "other contents", "the first with key share and cookie")) }
    }
}

/// Exactly one name, of type host_name, the domain that the notary dialled.
fn server_name(message: &'static str, content: &[u8], domain: &str) -> Result<(), VerifyError> {
    let mut reader = Reader::new(message, content);
    let mut list = Reader::new(message, reader.vector(2)?);
    reader.end()?;
    let (kind, name) = (list.u8()?, list.vector(2)?);
    list.end()?;
    if kind == 0 && name == domain.as_bytes() {
        return Ok(());
    }
    let got = format!("server name {:?}", String::from_utf8_lossy(name));
    Err(VerifyError::message(message, got, "the domain that the notary dialled"))
}

fn numbers(message: &'static str, bytes: &[u8]) -> Result<Vec<u16>, VerifyError> {
    let mut reader = Reader::new(message, bytes);
    let mut numbers = Vec::new();
    while !reader.is_empty() {
        numbers.push(reader.u16()?);
    }
    if numbers.is_empty() {
        return Err(VerifyError::message(message, "an empty list", "at least one entry"));
    }
    Ok(numbers)
}

fn list(message: &'static str, content: &[u8]) -> Result<Vec<u16>, VerifyError> {
    let mut reader = Reader::new(message, content);
    let list = reader.vector(2)?;
    reader.end()?;
    numbers(message, list)
}

fn key_shares(message: &'static str, content: &[u8]) -> Result<Vec<u16>, VerifyError> {
    let mut reader = Reader::new(message, content);
    let mut list = Reader::new(message, reader.vector(2)?);
    reader.end()?;
    let mut groups = Vec::new();
    while !list.is_empty() {
        let (group, share) = (list.u16()?, list.vector(2)?);
        if share.is_empty() || groups.contains(&group) {
            return Err(VerifyError::message(message, format!("key share of group {group:04x} empty or twice"), "one share a group"));
        }
        groups.push(group);
    }
    Ok(groups)
}

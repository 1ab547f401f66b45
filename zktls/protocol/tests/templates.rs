//! The template files, their requests, and templates that must be refused.

use parlance_zktls_protocol::{Hole, Slot, Template};
use proptest::prelude::*;

const FILES: [(&str, &str, &[&str]); 5] = [
    ("demo", include_str!("../../templates/demo.toml"), &["test-data"]),
    ("starling", include_str!("../../templates/starling.toml"), &[]),
    ("wise", include_str!("../../templates/wise.toml"), &["id-guessable", "id-spelling"]),
    ("monzo", include_str!("../../templates/monzo.toml"), &["id-guessable", "id-spelling"]),
    ("mercury", include_str!("../../templates/mercury.toml"), &["id-guessable"]),
];
const ACCOUNT: &str = "7e57ed00-0000-4000-8000-0000000000af";

fn demo() -> Template {
    Template::from_toml(FILES[0].1).unwrap()
}

fn with(from: &str, to: &str) -> Result<Template, parlance_zktls_protocol::ProtocolError> {
    let text = FILES[0].1;
    assert!(text.contains(from), "{from}");
    Template::from_toml(&text.replacen(from, to, 1))
}

fn rules(template: &Template) -> Vec<&'static str> {
    template.lint().into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_files_have_the_findings_that_they_admit() {
    for (id, text, findings) in FILES {
        let template = Template::from_toml(text).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(template.id, id);
        assert_eq!(rules(&template), findings, "{id}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../templates");
    let files = std::fs::read_dir(folder).unwrap().filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().ends_with(".toml"));
    assert_eq!(files.count(), FILES.len(), "every template file is listed here");
}

#[test]
fn digests_are_pinned() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/templates.toml");
    let digests: String = FILES
        .iter()
        .map(|(id, text, _)| {
            let digest = Template::from_toml(text).unwrap().digest().unwrap();
            format!("{id} = \"{}\"\n", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        })
        .collect();
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(path, &digests).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), digests, "a changed template needs a new version and new digests");
}

#[test]
fn the_digest_holds_what_is_enforced_and_only_that() {
    let digest = |template: Template| template.digest().unwrap();
    let same = [with("Demo bank\"", "Another name\""), with("2026-11-28", "2026-11-29")];
    let other = [
        with("version = 1", "version = 2"),
        with("/balance\"", "/balances\""),
        with("Accept: application/json", "Accept: text/json"),
        with("api.demo-bank", "api2.demo-bank"),
        with("depth = 1", "depth = 2"),
        with("\"amount\"", "\"value\""),
        with("\"decimal\"", "\"minor\""),
        with("scale = 2", "scale = 3"),
        with("quoted = true", "quoted = false"),
        with("{ path = [\"balance\", \"currency\"] }", "{ fixed = \"EUR\" }"),
        with("current-account", "savings"),
        with("{ path = [\"id\"] }", "{ parameter = \"account\" }"),
        with("\"uuid\"", "\"token\""),
        with("id_bits = 122", "id_bits = 121"),
    ];
    for template in same {
        assert_eq!(digest(template.unwrap()), digest(demo()));
    }
    let all: std::collections::HashSet<[u8; 32]> =
        other.into_iter().map(|template| digest(template.unwrap())).chain([digest(demo())]).collect();
    assert_eq!(all.len(), 15);
}

#[test]
fn the_request_is_as_it_stands_in_the_file() {
    let filled = demo().fill(|name| Some(if name == "account" { ACCOUNT } else { "token.68~+/=" })).unwrap();
    let expected = format!(
        "GET /v1/accounts/{ACCOUNT}/balance HTTP/1.1\r\nHost: api.demo-bank.example\r\nAuthorization: Bearer token.68~+/=\r\n\
         Accept: application/json\r\nUser-Agent: parlance\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&filled.bytes), expected);
    assert_eq!(filled.holes, [hole("account", 36), hole("credential", 12)]);
}

fn hole(name: &str, length: u16) -> Hole {
    Hole { name: name.into(), length }
}

#[test]
fn a_posts_length_is_known_from_its_holes() {
    let post = FILES[0]
        .1
        .replace("\"GET\"", "\"POST\"")
        .replace("/accounts/{account}/balance\"", "/balance\"")
        .replace("User-Agent: parlance\"]", "Content-Type: application/json\"]\nbody = '{{\"account\":\"{account}\"}}'");
    let template = Template::from_toml(&post).unwrap();
    let filled = template.fill(|_| Some("abc_-1")).unwrap();
    assert!(filled.bytes.ends_with(b"Content-Length: 20\r\n\r\n{\"account\":\"abc_-1\"}"), "{}", String::from_utf8_lossy(&filled.bytes));
    let shape = template.shape(&filled.holes).unwrap();
    assert!(shape.slots.iter().zip(filled.bytes.iter()).all(|(slot, byte)| slot.admits(*byte)));
    assert_eq!(rules(&template), ["post", "test-data"]);
}

#[test]
fn an_id_in_the_path_has_one_spelling() {
    let template = Template::from_toml(FILES[1].1).unwrap();
    let fill = |account: &'static str| template.fill(move |name| Some(if name == "account" { account } else { "t" }));
    let filled = fill(ACCOUNT).unwrap();
    let shape = template.shape(&filled.holes).unwrap();
    let id = shape.id.unwrap();
    assert_eq!(&filled.bytes[id.clone()], ACCOUNT.as_bytes());
    assert_eq!(shape.slots[id.start + 8], Slot::Fixed(b'-'));
    assert_eq!(shape.slots[id.start], Slot::Hex);
    for wrong in ["7E57ED00-0000-4000-8000-0000000000AF", "7e57ed00-0-4000-8000-0000000000af", "7e57ed0000004000800000000000000000af", ""] {
        assert!(fill(wrong).is_err(), "{wrong}");
    }
    assert!(template.shape(&[hole("account", 35), hole("credential", 1)]).is_err());
}

#[test]
fn hole_values_stay_in_their_place() {
    let fill = |account: &'static str, credential: &'static str| {
        demo().fill(move |name| Some(if name == "account" { account } else { credential })).map(|_| ())
    };
    fill("a_B-9", "abc").unwrap();
    for account in ["", "..", "a/b", "a?b", "a%2fb", "a&b", "a=b", "a b", "é", "a\r\nb"] {
        assert!(fill(account, "abc").is_err(), "{account}");
    }
    for credential in ["", "a b", "a;b", "a,b", "a\"b", "a\\b", "a\tb", "a\r\nHost: x", "a\0", "é"] {
        let error = fill("a", credential).unwrap_err().to_string();
        assert!(credential.len() < 3 || !error.contains(credential), "errors hold no credential: {error}");
    }
    assert!(fill(Box::leak("a".repeat(65).into_boxed_str()), "abc").is_err());
    assert!(demo().fill(|_| None).is_err());
}

#[test]
fn holes_must_be_the_templates() {
    let shape = |holes: &[Hole]| demo().shape(holes).map(|_| ());
    shape(&[hole("account", 64), hole("credential", 4096)]).unwrap();
    for holes in [
        &[][..],
        &[hole("account", 1)],
        &[hole("credential", 1), hole("account", 1)],
        &[hole("account", 0), hole("credential", 1)],
        &[hole("account", 65), hole("credential", 1)],
        &[hole("account", 1), hole("credential", 4097)],
        &[hole("account", 1), hole("credential", 1), hole("more", 1)],
    ] {
        assert!(shape(holes).is_err(), "{holes:?}");
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    for (from, to) in [
        ("id = \"demo\"", "id = \"De mo\""),
        ("api.demo-bank.example", "demo"),
        ("GET", "PUT"),
        ("GET", "POST"),
        ("/v1/accounts/{account}", "v1/accounts/{account}"),
        ("/v1/accounts/{account}", "//v1/accounts/{account}"),
        ("/v1/accounts/{account}", "/v1 /accounts/{account}"),
        ("/v1/accounts/{account}", "/v1/accounts#/{account}"),
        ("/v1/accounts/{account}", "/v1/accounts/{account}{other}"),
        ("/v1/accounts/{account}", "/v1/accounts/x{account}"),
        ("/v1/accounts/{account}", "/v1/accounts/{account}x"),
        ("/v1/accounts/{account}", "/v1/{account}/{account}"),
        ("/v1/accounts/{account}", "/v1/{credential}"),
        ("/v1/accounts/{account}", "/v1/{account"),
        ("/v1/accounts/{account}", "/v1/account}"),
        ("Bearer {credential}", "Bearer x"),
        ("Bearer {credential}", "Bearer {credential}{more}"),
        ("Bearer {credential}", "Bearer {credential} x"),
        ("Bearer {credential}", "Bearer x{credential}"),
        ("Bearer {credential}", "Bearer {account}"),
        ("Accept: application/json", "Cookie: a={credential}"),
        ("Accept: application/json", "Host: other.example"),
        ("Accept: application/json", "accept-encoding: gzip"),
        ("Accept: application/json", "Transfer-Encoding: chunked"),
        ("Accept: application/json", "Content-Length: 3"),
        ("Accept: application/json", "Authorization: x"),
        ("Accept: application/json", "Accept:application/json"),
        ("Accept: application/json", "A: b\\r\\nC: d"),
        ("Accept: application/json", "A B: c"),
        ("Accept: application/json", "A: b "),
        ("depth = 1", "depth = 0"),
        ("depth = 1", "depth = 5"),
        ("depth = 1", "depth = 1\nmore = 1"),
        ("[\"balance\", \"amount\"]", "[]"),
        ("[\"balance\", \"amount\"]", "[\"a\", \"b\", \"c\"]"),
        ("[\"balance\", \"amount\"]", "[\"balance\"]"),
        ("[\"balance\", \"amount\"]", "[\"id\"]"),
        ("[\"balance\", \"amount\"]", "[\"bal\\\\\\\\ance\"]"),
        ("[\"balance\", \"amount\"]", "[\"bal\\\"ance\"]"),
        ("[\"balance\", \"amount\"]", "[\"a key of more than 24 bytes\"]"),
        ("[\"balance\", \"amount\"]", "[\"b\u{e4}lance\"]"),
        ("\"decimal\"", "\"float\""),
        ("scale = 2", "scale = 5"),
        ("{ path = [\"balance\", \"currency\"] }", "{ parameter = \"account\" }"),
        ("{ path = [\"balance\", \"currency\"] }", "{ fixed = \"eur\" }"),
        ("{ path = [\"balance\", \"currency\"] }", "{ }"),
        ("{ path = [\"balance\", \"currency\"] }", "{ path = [\"c\"], fixed = \"EUR\" }"),
        ("{ path = [\"id\"] }", "{ parameter = \"profile\" }"),
        ("{ path = [\"id\"] }", "{ fixed = \"x\" }"),
        ("current-account", ""),
        ("[audit]", "[audits]"),
    ] {
        assert!(with(from, to).is_err(), "{from} -> {to}");
    }
}

#[test]
fn what_should_not_be_trusted_is_found() {
    let kindless = "kind = { path = [\"type\"], is = \"current-account\" }\n";
    for (from, to, rule) in [
        ("\"amount\"", "\"availableAmount\"", "not-an-asset"),
        ("\"amount\"", "\"balanceWithOverdraft\"", "not-an-asset"),
        ("[\"balance\", \"amount\"]", "[\"creditLine\"]", "not-an-asset"),
        ("id_bits = 122", "id_bits = 99", "id-guessable"),
        ("id_bits = 122", "id_bits = 128", "id-bits"),
        ("Authorization: Bearer", "X-Echo: Bearer", "login-header"),
        ("Accept: application/json", "Range: bytes=0-10", "changes-meaning"),
        ("Accept: application/json", "X-HTTP-Method-Override: PUT", "changes-meaning"),
        ("/v1/accounts", "/v1/../accounts", "path"),
        ("/v1/accounts", "/v1/%61ccounts", "path"),
        ("/v1/accounts", "/mock/accounts", "test-data"),
        ("https://", "http://", "audit-source"),
        ("2026-11-28", "28.11.2026", "audit-date"),
        ("{ path = [\"balance\", \"currency\"] }", "{ fixed = \"EUR\" }", "audit-currency"),
    ] {
        let found = rules(&with(from, to).unwrap());
        assert!(found.contains(&rule), "{from} -> {to}: {found:?}");
    }
    let text = FILES[0].1.replace(kindless, "").replace("\"amount\"", "\"currentBalance\"");
    assert!(rules(&Template::from_toml(&text).unwrap()).contains(&"kind-missing"));
}

proptest! {
    /// A filled request always fits its shape, byte for byte.
    #[test]
    fn requests_fit_their_shape(account in "[A-Za-z0-9_-]{1,64}", credential in "[!#-+./-:<-\\[\\]-~-]{1,300}") {
        let filled = demo().fill(|name| Some(if name == "account" { account.as_str() } else { credential.as_str() })).unwrap();
        let shape = demo().shape(&filled.holes).unwrap();
        prop_assert_eq!(shape.slots.len(), filled.bytes.len());
        prop_assert!(shape.slots.iter().zip(filled.bytes.iter()).all(|(slot, byte)| slot.admits(*byte)));
        // One request: the only empty line is the last.
        let text = String::from_utf8_lossy(&filled.bytes).into_owned();
        prop_assert_eq!(text.find("\r\n\r\n"), Some(text.len() - 4));
    }

    #[test]
    fn random_templates_never_panic(text in "\\PC{0,200}") {
        let _ = Template::from_toml(&text);
    }

    #[test]
    fn random_paths_never_panic(path in "/[a-z/{}=&?.]{0,30}") {
        let _ = with("/v1/accounts/{account}/balance", &path).map(|template| template.digest());
    }
}

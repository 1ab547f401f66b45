use std::sync::{Arc, Mutex};
use std::time::Duration;

use parlance_models::{Entry, Fetch, Hashes, ModelsError, Progress, Source, Store};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::sample::Sample;
use crate::server::{Server, Turn};

struct Case {
    _dir: TempDir,
    store: Store,
    file: Vec<u8>,
    sha256: String,
}

impl Case {
    fn new() -> Self {
        let dir = TempDir::new().expect("a folder");
        let file = Sample::default().bytes();
        let path = dir.path().join("original");
        std::fs::write(&path, &file).expect("written");
        let sha256 = Hashes::of(&path, &CancellationToken::new(), |_| {}).expect("hashes").sha256;
        let store = Store::of(&dir.path().join("data"));
        Self { _dir: dir, store, file, sha256 }
    }

    fn fetch(&self, server: &Server) -> Fetch {
        let mut fetch = Fetch::new(&server.url, &self.store).expect("an address");
        fetch.pause = Duration::from_millis(1);
        fetch
    }

    async fn run(&self, server: &Server) -> Result<Entry, ModelsError> {
        self.fetch(server).run(&self.store, Some(&self.sha256), &CancellationToken::new(), |_| {}).await
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.store.folder()).expect("the folder");
        let mut names: Vec<String> = names.map(|f| f.expect("read").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn whole(&self, entry: &Entry) {
        assert_eq!(std::fs::read(&entry.path).expect("there"), self.file);
        assert_eq!(self.files(), ["tiny-chat.gguf", "tiny-chat.json"]);
    }
}

#[tokio::test]
async fn a_download_becomes_a_model() {
    let case = Case::new();
    let server = Server::start(case.file.clone(), []).await;
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let hear = Arc::clone(&told);
    let url = format!("{}?token=secret", server.url);
    let fetch = Fetch::new(&url, &case.store).expect("an address");
    let entry = fetch
        .run(&case.store, Some(&case.sha256), &CancellationToken::new(), move |p| hear.lock().expect("no panic").push(p))
        .await
        .expect("a model");
    case.whole(&entry);
    assert_eq!(entry.record.source, Source::Url(server.url.clone()), "without what is secret in the address");
    let told = told.lock().expect("no panic");
    let size = case.file.len() as u64;
    assert_eq!(told.last(), Some(&Progress { done: size, total: Some(size) }));
    assert!(told.is_sorted_by_key(|p| p.done));
}

#[tokio::test]
async fn broken_connections_are_resumed_where_they_broke() {
    let case = Case::new();
    let server =
        Server::start(case.file.clone(), [Turn::Drop(10_000), Turn::Status(503), Turn::Drop(7), Turn::Drop(20_000), Turn::Serve]).await;
    case.whole(&case.run(&server).await.expect("a model"));
    let ranges = server.ranges();
    assert_eq!(ranges[0], None);
    assert!(ranges[1..].iter().all(Option::is_some), "{ranges:?}");
    let starts: Vec<usize> = ranges[1..].iter().flatten().map(|r| r[6..r.len() - 1].parse().expect("a number")).collect();
    assert!(starts.is_sorted() && *starts.last().expect("some") > 10_000, "{starts:?}");
}

#[tokio::test]
async fn a_second_try_goes_on_where_the_first_was_stopped() {
    let case = Case::new();
    let server = Server::start(case.file.clone(), [Turn::Drop(30_000)]).await;
    let stop = CancellationToken::new();
    let (fetch, halt) = (case.fetch(&server), stop.clone());
    let first = fetch.run(&case.store, Some(&case.sha256), &stop, move |p| {
        if p.done >= 30_000 {
            halt.cancel();
        }
    });
    assert!(matches!(first.await, Err(ModelsError::Stopped)));
    assert!(case.store.list().expect("a list").is_empty(), "a part is no model");
    case.whole(&case.run(&server).await.expect("a model"));
    let range = server.ranges().pop().flatten().expect("the rest was asked for");
    assert_ne!(range, "bytes=0-");
}

#[tokio::test]
async fn a_silent_server_can_be_stopped_at() {
    let case = Case::new();
    let server = Server::start(case.file.clone(), [Turn::Silence]).await;
    let stop = CancellationToken::new();
    let halt = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        halt.cancel();
    });
    let fetch = case.fetch(&server);
    assert!(matches!(fetch.run(&case.store, None, &stop, |_| {}).await, Err(ModelsError::Stopped)));
}

#[tokio::test]
async fn a_file_that_changes_is_begun_anew_and_never_mixed() {
    let case = Case::new();
    let old = Sample { seed: 9, ..Sample::default() }.bytes();
    let server = Server::start(old, [Turn::Drop(40_000), Turn::Change(case.file.clone())]).await;
    case.whole(&case.run(&server).await.expect("the new file"));
    assert!(server.ranges()[1].is_some(), "it asked for the rest, on condition");
}

#[tokio::test]
async fn servers_that_know_no_ranges_or_the_wrong_ones_do_no_harm() {
    for turn in [Turn::IgnoreRange, Turn::WrongRange] {
        let case = Case::new();
        let server = Server::start(case.file.clone(), [Turn::Drop(5000), turn]).await;
        case.whole(&case.run(&server).await.expect("a model"));
    }
    // Without a version nothing is resumed.
    let case = Case::new();
    let server = Server::start(case.file.clone(), [Turn::Nameless(5000)]).await;
    case.whole(&case.run(&server).await.expect("a model"));
    assert_eq!(server.ranges(), [None, None]);
}

#[tokio::test]
async fn lies_about_the_length_are_found_out() {
    let case = Case::new();
    let size = case.file.len() as u64;
    // Too long: the connection ends early, again and again. Too short: the rest never comes.
    for length in [size + 1000, size - 1000] {
        let server = Server::start(case.file.clone(), std::iter::repeat_n(Turn::Lie(length), 20)).await;
        let error = case.run(&server).await.expect_err("no model");
        assert!(matches!(error, ModelsError::Lost { .. } | ModelsError::Truncated { .. } | ModelsError::Refused { .. }), "{error}");
        assert!(case.store.list().expect("a list").is_empty());
    }
    // Without a length, what came is what there is: the file itself says that it is cut off.
    let server = Server::start(case.file.clone(), [Turn::Endless(9000)]).await;
    let fetch = case.fetch(&server);
    let error = fetch.run(&case.store, None, &CancellationToken::new(), |_| {}).await.expect_err("cut off");
    assert!(matches!(error, ModelsError::Truncated { .. }), "{error}");
}

#[tokio::test]
async fn too_much_is_refused() {
    let case = Case::new();
    for turn in [Turn::Serve, Turn::Endless(usize::MAX)] {
        let server = Server::start(case.file.clone(), [turn]).await;
        let mut fetch = case.fetch(&server);
        fetch.most = 5000;
        let error = fetch.run(&case.store, None, &CancellationToken::new(), |_| {}).await.expect_err("too much");
        assert!(matches!(error, ModelsError::TooMuch { most: 5000 }), "{error}");
        assert!(case.files().iter().all(|f| !f.ends_with(".gguf")), "{:?}", case.files());
    }
}

#[tokio::test]
async fn the_wrong_file_never_becomes_a_model() {
    let case = Case::new();
    let other = Sample { seed: 3, ..Sample::default() }.bytes();
    let server = Server::start(other, []).await;
    let error = case.run(&server).await.expect_err("another hash");
    assert!(matches!(error, ModelsError::WrongHash { .. }), "{error}");
    assert!(case.files().is_empty(), "{:?}", case.files());
    let server = Server::start(b"x".to_vec(), [Turn::Page]).await;
    let error = case.run(&server).await.expect_err("a page");
    assert!(error.to_string().contains("web page"), "{error}");
    for code in [401, 404, 410] {
        let server = Server::start(Vec::new(), [Turn::Status(code)]).await;
        assert!(matches!(case.run(&server).await, Err(ModelsError::Refused { .. })));
    }
    assert!(case.files().is_empty(), "{:?}", case.files());
}

#[tokio::test]
async fn a_server_that_is_gone_is_given_up_on() {
    let case = Case::new();
    let server = Server::start(case.file.clone(), std::iter::repeat_n(Turn::Status(500), 50)).await;
    let error = case.run(&server).await.expect_err("no model");
    assert!(matches!(error, ModelsError::Lost { times: 6, .. }), "{error}");
    assert_eq!(server.ranges().len(), 6);
}

#[tokio::test]
async fn only_https_leaves_this_computer() {
    let case = Case::new();
    for url in ["http://models.example/a.gguf", "ftp://models.example/a", "file:///etc/passwd", "a.gguf", "https://", ""] {
        assert!(matches!(Fetch::new(url, &case.store), Err(ModelsError::Url { .. })), "{url}");
    }
    assert!(Fetch::new("https://models.example/a.gguf", &case.store).is_ok());
    // Nor by way of another address.
    let server = Server::start(Vec::new(), [Turn::Redirect("http://models.example/a.gguf".into())]).await;
    let error = case.run(&server).await.expect_err("not followed");
    assert!(matches!(error, ModelsError::Refused { .. }), "{error}");
    let target = Server::start(case.file.clone(), []).await;
    let server = Server::start(Vec::new(), [Turn::Redirect(target.url.clone())]).await;
    case.whole(&case.run(&server).await.expect("followed on this computer"));
}

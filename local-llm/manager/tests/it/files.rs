use std::io::Cursor;
use std::path::{Path, PathBuf};

use parlance_models::{Gguf, Kind, ModelsError, Need, check_fit};
use proptest::prelude::*;

use crate::sample::{Sample, Writer};

pub fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models").join(name)
}

fn read(bytes: &[u8]) -> Result<Gguf, ModelsError> {
    Gguf::read(Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn the_shipped_models_are_read() {
    let model = Gguf::open(&shipped("parlance-small.gguf")).expect("the shipped model");
    assert_eq!((model.kind, model.architecture.as_str(), model.quantization.as_str()), (Kind::Parlance, "llama", "Q8_0"));
    assert_eq!((model.layers, model.width, model.heads, model.feed_forward, model.vocabulary), (6, 192, 6, 512, 2048));
    assert_eq!(model.cache_row, 2 * 192);
    assert_eq!(model.licence.as_deref(), Some("MIT OR Apache-2.0"));
    assert!(model.weights <= model.bytes && model.bytes - model.weights < 200_000, "{model:?}");
    assert!(model.outside > 2048 * 192 && model.outside < model.weights);
    let need = check_fit(&model, None).expect("it needs no more than is there");
    assert!((20 << 20..200 << 20).contains(&need.total()), "{need:?}");
}

#[test]
fn a_chat_model_is_known_by_its_template() {
    let model = read(&Sample::default().bytes()).expect("a whole file");
    assert_eq!((model.kind, model.name.as_deref(), model.licence.as_deref()), (Kind::Chat, Some("sample"), Some("CC0-1.0")));
    assert_eq!((model.layers, model.width, model.context, model.cache_row), (2, 32, 8192, 2 * 2 * 8));
    assert_eq!(model.quantization, "F32");
    let bare = read(&Sample { template: None, ..Sample::default() }.bytes()).expect("a whole file");
    assert_eq!(bare.kind, Kind::Neither);
    assert!(matches!(check_fit(&bare, None), Err(ModelsError::NoTemplate { .. })));
    // More layers, and a wider one, need more.
    let total = |sample: Sample| Need::of(&read(&sample.bytes()).expect("a whole file")).total();
    let small = total(Sample::default());
    assert!(total(Sample { layers: 4, ..Sample::default() }) > small);
    assert!(total(Sample { width: 64, ..Sample::default() }) > small);
}

#[test]
fn what_is_no_model_is_said() {
    for (bytes, says) in [
        (&b"<html>not found</html>"[..], "expected a GGUF model"),
        (b"GG", "cut off"),
        (b"", "cut off"),
        (b"GGUF\x01\0\0\0", "its version is 1"),
        (b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", "the number of tensors"),
        (b"GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f", "the length of a key"),
    ] {
        let error = read(bytes).expect_err("no model");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.remedy().is_empty());
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(Gguf::open(folder.path()), Err(ModelsError::NotGguf { .. })));
    assert!(matches!(Gguf::open(&folder.path().join("none.gguf")), Err(ModelsError::File { .. })));
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    let with = |key: &str, n: u32| {
        let mut file = Writer::default();
        file.text("general.architecture", "llama");
        for (known, value) in [("llama.block_count", 2), ("llama.context_length", 4096), ("llama.embedding_length", 32)] {
            file.number(known, if known == key { n } else { value });
        }
        if key == "general.alignment" {
            file.number(key, n);
        }
        file.tensor("token_embd.weight".into(), &[32, 4], vec![0.0; 128]);
        read(&file.finish())
    };
    assert!(with("", 0).is_ok());
    for (key, n) in [
        ("llama.block_count", 0),
        ("llama.block_count", 1 << 30),
        ("llama.embedding_length", u32::MAX),
        ("general.alignment", 0),
        ("general.alignment", 24),
    ] {
        let error = with(key, n).expect_err(key);
        assert!(matches!(error, ModelsError::Corrupt { .. }) && error.to_string().contains(key), "{error}");
    }
}

#[test]
fn every_cut_is_noticed() {
    let whole = Sample::default().bytes();
    read(&whole).expect("whole");
    // All of the header, and some of the weights.
    for cut in (0..whole.len() - 32).step_by(7).chain([whole.len() - 33]) {
        let error = read(&whole[..cut]).expect_err("cut off");
        assert!(matches!(error, ModelsError::Truncated { .. }), "{cut} of {}: {error}", whole.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// A damaged header is an error or another model; never a panic, and never more memory than the file is long.
    #[test]
    fn damage_never_panics(changes in proptest::collection::vec((0_usize..6000, any::<u8>()), 1..6), cut in 0_usize..20_000) {
        static WHOLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut bytes = WHOLE.get_or_init(|| Sample::default().bytes()).clone();
        for (at, byte) in changes {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        let cut = bytes.len().saturating_sub(cut);
        for file in [&bytes[..], &bytes[..cut]] {
            if let Ok(model) = read(file) {
                prop_assert!(model.weights <= file.len() as u64);
                let _ = (Need::of(&model).total(), check_fit(&model, None));
            }
        }
    }

    #[test]
    fn noise_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes).is_err());
        bytes.splice(0..0, *b"GGUF\x03\0\0\0");
        let _ = read(&bytes);
    }
}

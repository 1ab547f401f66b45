//! Whether a model fits, before it is loaded: an estimate from the file's own numbers against what is free.
//!
//! The estimate is meant to be a little too high: a refusal says what to do, and a computer that runs out of memory does not.

use std::path::Path;

use parlance_understand::wire;

use crate::{Gguf, Kind, ModelsError};

pub use parlance_understand::wire::Device;

/// What the system and the wallet itself keep: never counted as free.
const KEPT: u64 = 128 << 20;
/// The worker without a model: program, grammar, tokens of a message.
const PROGRAM: u64 = 32 << 20;
/// Bytes of one number in the cache (f16).
const CACHED: u64 = 2;

/// Bytes that a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its weights.
    pub weights: u64,
    /// Keys and values of the tokens that it looks back on.
    pub cache: u64,
    /// Room for computing one batch, the tokens' own tables, and the program.
    pub compute: u64,
}

impl Need {
    /// For this model with the context that the worker gives it.
    #[must_use]
    pub fn of(model: &Gguf) -> Self {
        let (context, batch) = match model.kind {
            Kind::Parlance => (wire::CONTEXT, wire::CONTEXT),
            Kind::Chat | Kind::Neither => (wire::CHAT_CONTEXT, wire::CHAT_BATCH),
        };
        let (context, batch) = (context as u64, batch as u64);
        // Scores of every token of the batch against the context, a few activations, and the logits that llama.cpp reserves.
        let row = (model.heads.saturating_mul(context))
            .saturating_add(model.width.saturating_mul(6))
            .saturating_add(model.feed_forward.saturating_mul(3))
            .saturating_add(model.vocabulary);
        // Tokens as text, with their index: about 160 bytes each; their scores once more when one is chosen.
        let tables = model.vocabulary.saturating_mul(192);
        Self {
            weights: model.weights,
            cache: context.saturating_mul(model.layers).saturating_mul(model.cache_row).saturating_mul(CACHED),
            compute: row.saturating_mul(4).saturating_mul(batch).saturating_add(tables).saturating_add(PROGRAM),
        }
    }

    /// In all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.weights.saturating_add(self.cache).saturating_add(self.compute)
    }
}

impl Need {
    /// The limit that the worker is given: address space is asked for more freely than it is used, and the encoder has its own.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.total().saturating_mul(2).saturating_add(256 << 20)
    }
}

/// How much memory may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes.
    pub free: u64,
}

impl Memory {
    /// What this computer, or the control group that this process runs in, has free now; `None` where it does not say.
    #[must_use]
    pub fn now() -> Option<Self> {
        let available = meminfo(&std::fs::read_to_string("/proc/meminfo").ok()?)?;
        let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let limit = group_limit(&groups, Path::new("/sys/fs/cgroup"));
        Some(Self { free: limit.map_or(available, |limit| limit.min(available)) })
    }
}

/// `MemAvailable` in bytes.
fn meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The least that any control group above this process leaves; `None` where none limits it.
fn group_limit(groups: &str, root: &Path) -> Option<u64> {
    let read = |path: &Path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let mut least = None;
    let mut narrow = |limit: Option<u64>, used: Option<u64>| {
        if let (Some(limit), Some(used)) = (limit, used) {
            let left = limit.saturating_sub(used);
            least = Some(least.map_or(left, |l: u64| l.min(left)));
        }
    };
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (_, Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let (base, names) = match controllers {
            "" => (root.to_owned(), ["memory.max", "memory.current"]),
            c if c.split(',').any(|c| c == "memory") => (root.join("memory"), ["memory.limit_in_bytes", "memory.usage_in_bytes"]),
            _ => continue,
        };
        let inside = base.join(path.trim_start_matches('/'));
        for folder in inside.ancestors().take_while(|f| f.starts_with(&base)) {
            let [limit, used] = names.map(|name| read(&folder.join(name)));
            narrow(limit, used);
        }
    }
    least
}

/// That a model fits in what is free, beside what is kept for the rest.
///
/// # Errors
/// [`ModelsError::TooLarge`] with the numbers; [`ModelsError::ShortContext`]; [`ModelsError::NoTemplate`].
pub fn check_fit(model: &Gguf, memory: Option<Memory>) -> Result<Need, ModelsError> {
    let needed = match model.kind {
        Kind::Neither => {
            let name = model.name.clone().unwrap_or_else(|| "This file".to_owned());
            return Err(ModelsError::NoTemplate { name });
        }
        Kind::Parlance => wire::CONTEXT as u64,
        Kind::Chat => wire::CHAT_CONTEXT as u64,
    };
    if model.context < needed {
        return Err(ModelsError::ShortContext { got: model.context, needed });
    }
    let need = Need::of(model);
    match memory {
        Some(Memory { free }) if need.total() > free.saturating_sub(KEPT) => {
            Err(ModelsError::TooLarge { needed: need.total(), weights: need.weights, cache: need.cache, compute: need.compute, free })
        }
        _ => Ok(need),
    }
}

/// How many layers are computed on the graphics card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layers {
    /// As many as fit.
    #[default]
    Auto,
    /// That many, or all where there are fewer.
    Exactly(u32),
}

/// The number of layers for the devices that the worker found: 0 where there are none.
#[must_use]
pub fn gpu_layers(model: &Gguf, wanted: Layers, devices: &[Device]) -> u32 {
    // The output counts as one more layer in llama.cpp.
    let all = u32::try_from(model.layers).unwrap_or(u32::MAX).saturating_add(1);
    let Some(free) = devices.iter().map(|d| d.free).max() else { return 0 };
    match wanted {
        Layers::Exactly(n) => n.min(all),
        Layers::Auto => {
            let need = Need::of(model);
            // Computing takes room on the card whatever stands there; a tenth stays free for the screen.
            let room = free.saturating_sub(free / 10).saturating_sub(need.compute);
            let layer = (need.weights.saturating_sub(model.outside).saturating_add(need.cache)) / model.layers.max(1);
            let fit = u32::try_from(room / layer.max(1)).unwrap_or(u32::MAX);
            if u64::from(fit) < model.layers {
                fit
            } else if room >= need.weights.saturating_add(need.cache) {
                all
            } else {
                all.saturating_sub(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_numbers_are_read() {
        assert_eq!(meminfo("MemTotal:  9 kB\nMemAvailable:    2048 kB\nSwap: 1 kB\n"), Some(2048 * 1024));
        assert_eq!(meminfo("MemTotal: 9 kB\n"), None);
        assert!(Memory::now().is_some_and(|m| m.free > 1 << 20));
    }

    #[test]
    fn the_narrowest_control_group_counts() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("memory.max", "max");
        write("user/memory.max", "1000\n");
        write("user/memory.current", "300\n");
        write("user/app/memory.max", "5000\n");
        write("user/app/memory.current", "100\n");
        assert_eq!(group_limit("0::/user/app\n", root.path()), Some(700));
        assert_eq!(group_limit("0::/elsewhere\n", root.path()), None);
        write("memory/box/memory.limit_in_bytes", "900");
        write("memory/box/memory.usage_in_bytes", "1000");
        assert_eq!(group_limit("5:cpu:/x\n4:memory,hugetlb:/box\n", root.path()), Some(0));
    }

    #[test]
    fn only_what_fits_goes_to_the_card() {
        let gib = 1_u64 << 30;
        let model = Gguf {
            architecture: "llama".into(),
            name: None,
            licence: None,
            kind: Kind::Chat,
            layers: 32,
            context: 8192,
            width: 4096,
            feed_forward: 14336,
            heads: 32,
            cache_row: 2048,
            vocabulary: 128_256,
            quantization: "Q4_K".into(),
            weights: 5 * gib,
            outside: gib,
            bytes: 5 * gib,
        };
        let card = |free| [Device { name: "card".into(), total: 24 * gib, free }];
        assert_eq!(gpu_layers(&model, Layers::Auto, &[]), 0);
        assert_eq!(gpu_layers(&model, Layers::Exactly(9), &[]), 0);
        assert_eq!(gpu_layers(&model, Layers::Exactly(99), &card(gib)), 33);
        assert_eq!(gpu_layers(&model, Layers::Auto, &card(24 * gib)), 33);
        assert_eq!(gpu_layers(&model, Layers::Auto, &card(gib / 2)), 0);
        let some = gpu_layers(&model, Layers::Auto, &card(4 * gib));
        assert!((8..32).contains(&some), "{some}");
        // More free memory never means fewer layers.
        let counts: Vec<u32> = (0..64).map(|n| gpu_layers(&model, Layers::Auto, &card(n * gib / 4))).collect();
        assert!(counts.is_sorted(), "{counts:?}");
        let need = Need::of(&model);
        assert!(check_fit(&model, Some(Memory { free: 8 * gib })).is_ok(), "{need:?}");
        let error = check_fit(&model, Some(Memory { free: 5 * gib })).expect_err("too large");
        assert!(error.to_string().contains("5.4 GB weights") && error.to_string().contains("5.4 GB is free"), "{error}");
        assert!(matches!(check_fit(&Gguf { context: 2048, ..model.clone() }, None), Err(ModelsError::ShortContext { .. })));
        assert!(matches!(check_fit(&Gguf { kind: Kind::Neither, ..model }, None), Err(ModelsError::NoTemplate { .. })));
    }
}

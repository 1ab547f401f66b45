//! Memory for secrets: whole pages of their own, locked against swapping where the limits allow, left out of core
//! dumps, and wiped when dropped.

use rustix::mm::Advice;
use zeroize::Zeroize;

/// A fixed-length buffer on pages that nothing else shares.
///
/// Locking is best effort: `RLIMIT_MEMLOCK` is 8 MiB for ordinary users, and some containers allow nothing.
/// [`LockedBuffer::is_locked`] says what holds. Wiping on drop does not depend on it.
pub struct LockedBuffer {
    memory: Box<[u8]>,
    start: usize,
    len: usize,
    locked: bool,
}

impl LockedBuffer {
    /// `len` zero bytes.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        let page = rustix::param::page_size();
        let span = len.max(1).div_ceil(page) * page;
        // One page more than needed, so that an aligned span lies inside.
        let memory = vec![0u8; span + page].into_boxed_slice();
        let start = memory.as_ptr().align_offset(page);
        let mut buffer = Self { memory, start, len, locked: false };
        buffer.locked = buffer.advise(true);
        buffer
    }

    /// A copy of `bytes`; the caller wipes the original.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut buffer = Self::zeroed(bytes.len());
        buffer.as_mut_slice().copy_from_slice(bytes);
        buffer
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.memory.get(self.start..self.start + self.len).unwrap_or_default()
    }

    /// The bytes, writable.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        self.memory.get_mut(self.start..self.start + self.len).unwrap_or_default()
    }

    /// Keeps the first `len` bytes and wipes the rest.
    pub(crate) fn truncate(&mut self, len: usize) {
        if let Some(rest) = self.as_mut_slice().get_mut(len..) {
            rest.zeroize();
            self.len = len;
        }
    }

    /// True where the kernel promised to keep these pages out of swap.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    fn span(&self) -> usize {
        let page = rustix::param::page_size();
        self.len.max(1).div_ceil(page) * page
    }

    /// Locks (or unlocks) the pages and takes them out of (or back into) core dumps. Returns whether they are locked.
    #[allow(
        unsafe_code,
        reason = "mlock and madvise take raw ranges; this one lies inside `memory`, which outlives the call, and none of these calls changes its content"
    )]
    fn advise(&mut self, lock: bool) -> bool {
        let span = self.span();
        let Some(pages) = self.memory.get_mut(self.start..self.start + span) else {
            return false;
        };
        let address = pages.as_mut_ptr().cast();
        // SAFETY: `address..address + span` is one live allocation that this value owns. Locking, unlocking and the
        // two core-dump advices leave the bytes as they are. The advice is best effort by its nature: a kernel that
        // refuses it loses a precaution, not correctness.
        unsafe {
            if lock {
                let _advice = rustix::mm::madvise(address, span, Advice::LinuxDontDump);
                rustix::mm::mlock(address, span).is_ok()
            } else {
                let _advice = rustix::mm::madvise(address, span, Advice::LinuxDoDump);
                rustix::mm::munlock(address, span).is_err()
            }
        }
    }
}

impl Drop for LockedBuffer {
    fn drop(&mut self) {
        // The whole allocation, not only the first `len` bytes.
        self.memory.zeroize();
        if self.locked {
            self.locked = self.advise(false);
        }
    }
}

impl std::fmt::Debug for LockedBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LockedBuffer({} bytes)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_start_on_a_page_of_their_own() {
        let page = rustix::param::page_size();
        for len in [0, 1, 32, page - 1, page, page + 1, 5 * page] {
            let first = LockedBuffer::zeroed(len);
            let second = LockedBuffer::zeroed(len);
            assert_eq!(first.as_slice().len(), len);
            assert_eq!(first.as_slice().as_ptr() as usize % page, 0);
            let distance = (first.as_slice().as_ptr() as usize).abs_diff(second.as_slice().as_ptr() as usize);
            assert!(distance >= page, "two secrets on one page");
        }
    }

    /// What the kernel says of the mapping that the buffer lies in: `lo` is locked, `dd` is left out of core dumps.
    #[test]
    fn the_kernel_agrees() {
        let buffer = LockedBuffer::zeroed(64);
        let address = buffer.as_slice().as_ptr() as u64;
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        let flags = maps.lines().find(|line| {
            if let Some((from, to)) = line.split(' ').next().and_then(|range| range.split_once('-'))
                && let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16))
            {
                inside = (from..to).contains(&address);
            }
            inside && line.starts_with("VmFlags:")
        });
        let flags: Vec<&str> = flags.unwrap().split(' ').collect();
        assert_eq!(flags.contains(&"lo"), buffer.is_locked(), "{flags:?}");
        assert!(flags.contains(&"dd"), "{flags:?}");
    }

    #[test]
    fn truncation_wipes_the_rest() {
        let mut buffer = LockedBuffer::copy_of(b"correct horse battery staple");
        buffer.truncate(7);
        assert_eq!(buffer.as_slice(), b"correct");
        assert!(buffer.memory[buffer.start + 7..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn nothing_is_printed() {
        let printed = format!("{:?}", LockedBuffer::copy_of(b"hunter2"));
        assert_eq!(printed, "LockedBuffer(7 bytes)");
    }
}

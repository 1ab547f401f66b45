//! Files and sockets that whoever started the launcher left open. Those that it starts find `/dev/null` in their places.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    os::fd::RawFd,
};

use command_fds::FdMapping;

/// `O_CLOEXEC` on Linux.
const CLOSED_ON_EXEC: u32 = 0o2_000_000;

/// Put `/dev/null` under each number that would be handed down and that `mappings` leaves alone.
pub fn hide(mappings: &mut Vec<FdMapping>) -> io::Result<()> {
    for number in handed_down()? {
        if mappings.iter().all(|m| m.child_fd != number) {
            mappings.push(FdMapping { parent_fd: File::open("/dev/null")?.into(), child_fd: number });
        }
    }
    Ok(())
}

/// Numbers beyond the standard streams that stay open in programs that are started.
fn handed_down() -> io::Result<Vec<RawFd>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir("/proc/self/fdinfo")? {
        let entry = entry?;
        let Some(number) = entry.file_name().to_str().and_then(|n| n.parse::<RawFd>().ok()) else { continue };
        match fs::read_to_string(entry.path()) {
            Ok(about) if number > 2 && stays_open(&about) => numbers.push(number),
            Ok(_) => {}
            // Closed meanwhile, as the listing itself is.
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    Ok(numbers)
}

/// From a file of `fdinfo`; what can't be read counts as open.
fn stays_open(about: &str) -> bool {
    let flags = about.lines().find_map(|l| l.strip_prefix("flags:")).and_then(|f| u32::from_str_radix(f.trim(), 8).ok());
    flags.is_none_or(|f| f & CLOSED_ON_EXEC == 0)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn flags_tell_what_stays_open() {
        assert!(stays_open("pos:\t0\nflags:\t0100002\nmnt_id:\t15\n"));
        assert!(!stays_open("pos:\t0\nflags:\t02100002\nmnt_id:\t15\n"));
        assert!(stays_open("nonsense"));
    }

    #[test]
    fn what_is_closed_anyway_is_left_alone() {
        let file = File::open("/dev/null").unwrap();
        assert!(!handed_down().unwrap().contains(&file.as_raw_fd()), "std opens files so");
    }
}

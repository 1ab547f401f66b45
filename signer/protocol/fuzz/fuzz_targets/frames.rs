//! Any bytes as frames of a client: read without a panic, and what is read is written and read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_signer_protocol::{Envelope, read_frame, write_frame};

fuzz_target!(|bytes: &[u8]| {
    let mut input = bytes;
    while let Ok(envelope) = read_frame::<Envelope>(&mut input) {
        let mut written = Vec::new();
        if write_frame(&mut written, &envelope).is_ok() {
            let again: Envelope = read_frame(&mut written.as_slice()).expect("what was written can be read");
            assert_eq!(words_of(&again), words_of(&envelope));
        }
    }
});

fn words_of(envelope: &Envelope) -> String {
    format!("{envelope:?}")
}

//! Any sentence is scrubbed, and a value that it quotes does not come out.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sendry_sdk::validation::fuzzing;

const MARK: &str = "Zq7Zq";

fuzz_target!(|text: &str| {
    let whole = fuzzing::sentence(text, "paint.colour", &[text.to_owned()]);
    assert!(whole.chars().count() <= 2_048);
    let value = format!("{MARK}{text}{MARK}");
    for quote in ['"', '\'', '`'] {
        let sentence = format!("the colour {quote}{value}{quote} is not known");
        let scrubbed = fuzzing::sentence(&sentence, "paint.colour", &[]);
        assert!(!scrubbed.contains(MARK), "{sentence}: {scrubbed}");
    }
});

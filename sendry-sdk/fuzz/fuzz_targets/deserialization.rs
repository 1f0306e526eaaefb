//! Any text of a deserializer is read; a string that serde quotes in it does not come out.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sendry_sdk::validation::{FieldError, Location};

const MARK: &str = "Zq7Zq";

fuzz_target!(|text: &str| {
    let value = format!("{MARK}{text}{MARK}");
    for error in [
        text.to_owned(),
        format!("items[0].name: invalid type: string {value:?}, expected u32 at line 1 column 9"),
        format!("unknown variant `{value}`, expected `a` or `b`"),
        format!("{value}: unknown field `{value}`, there are no fields"),
    ] {
        let read = FieldError::from_deserialization(Location::Body, &error);
        assert!(!read.message().contains(MARK) || text.contains(MARK), "{error}: {read:?}");
        assert!(!read.field().contains(MARK) || text.contains(MARK), "{error}: {read:?}");
    }
});

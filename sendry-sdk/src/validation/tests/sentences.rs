//! What is cut out of sentences and paths, and what is kept.

use crate::validation::{FieldError, Location, field_path, scrub};

#[test]
fn what_stands_in_quotes_is_cut_from_the_first_to_the_last() {
    let cases = [
        ("\"mauve\" is not a colour", "\"…\" is not a colour"),
        ("'mau've' is no colour", "'…' is no colour"),
        ("`mauve` and `pink` are none", "`…` are none"),
        ("“mauve” is none", "“…” is none"),
        ("it begins \"mauve and never ends", "it begins \"…"),
        ("isn't set, doesn't match", "isn't set, doesn't match"),
        ("users' names aren't 'mauve'", "users' names aren't '…'"),
        ("\"colour\" is not \"mauve\"", "colour is not \"…\""),
        ("\"colour\" is required", "colour is required"),
    ];
    for (text, expected) in cases {
        assert_eq!(scrub::sentence(text, "paint.colour", &[]), expected, "{text}");
    }
}

#[test]
fn what_looks_like_data_is_cut_and_limits_are_kept() {
    let cases = [
        ("bob@example.com is taken", "… is taken"),
        ("see https://example.com/bob", "see …"),
        ("4111 1111 1111 1111 is no card", "… … … … is no card"),
        ("must have at most 2048 characters", "must have at most 2048 characters"),
        ("must be greater than 1000000.", "must be greater than 1000000."),
        ("must be at least 3", "must be at least 3"),
        ("expected a number, got mauve here", "expected a number, got …"),
        ("expected number, received string", "expected number, received string"),
        ("two\nlines\tand\u{7} a bell", "two lines and a bell"),
    ];
    for (text, expected) in cases {
        assert_eq!(scrub::sentence(text, "", &[]), expected, "{text}");
    }
}

#[test]
fn a_declared_value_is_cut_wherever_it_stands() {
    let values = ["mauve".to_owned(), "a".to_owned()];
    assert_eq!(scrub::sentence("mauve is not a colour, bemauved", "", &values), "… is not a colour, be…d");
}

#[test]
fn paths_of_every_dialect_have_one_form() {
    let cases = [
        ("items[3].name", "items.*.name"),
        ("items.3.name", "items.*.name"),
        ("/items/3/name", "items.*.name"),
        ("#/items/3/name", "items.*.name"),
        ("$.items[3]['name']", "items.*.name"),
        ("items[][name]", "items.name"),
        ("[0]", "*"),
        (".", ""),
        ("", ""),
        ("größe", "größe"),
        ("iso8601_date", "iso8601_date"),
        ("x-request-id", "x-request-id"),
        ("users.5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11.name", "users.*.name"),
        ("users.bob smith.name", "users.*.name"),
        ("user.?.name", "user.*.name"),
    ];
    for (path, expected) in cases {
        assert_eq!(field_path::normalise(path), expected, "{path}");
    }
}

#[test]
fn long_texts_are_cut_to_their_limits() {
    let error = FieldError::new(Location::Form, "ä".repeat(50) + &".name".repeat(100), "ö ".repeat(4_000))
        .with_code("c".repeat(500));
    assert!(error.field().chars().count() <= 256);
    assert_eq!(error.message().chars().count(), 2_048);
    assert_eq!(error.code().len(), 128);
}

#[test]
fn a_handlers_own_errors_pass_the_scrubber_too() {
    let error = FieldError::new(Location::Query, "tags[2]", "'mauve' is not known").with_code("known tag!");
    assert_eq!(error.location(), Location::Query);
    assert_eq!((error.field(), error.message()), ("tags.*", "'…' is not known"));
    assert_eq!(error.code(), "knowntag");
}

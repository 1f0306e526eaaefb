//! What fuzz targets need and nobody else: not a part of the public API.

use super::mask::{self, EVERYWHERE, FIELDS, Names};

/// Masks a JSON body by the default list.
pub fn mask_json(text: &str) -> Option<String> {
    mask::mask_json(text, &names())
}

/// Masks a form by the default list.
pub fn mask_query(text: &str) -> String {
    mask::mask_query(text, &names()).into_owned()
}

fn names() -> Names {
    Names::new(EVERYWHERE.iter().chain(FIELDS).copied())
}

//! What fuzz targets need and nobody else: not a part of the public API.

/// Any text in the place of a router's `Debug` form is understood or not, and never worse.
///
/// # Panics
///
/// When it is read wrongly.
pub fn check_router_debug(data: &[u8]) {
    let Ok(form) = std::str::from_utf8(data) else { return };
    if let Some(found) = crate::routes::read(form) {
        // Each path stands in the text, with nine methods at the most.
        assert!(found.routes.len() <= 9 * form.len());
    }
}

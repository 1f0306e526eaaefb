//! What fuzz targets need and nobody else: not a part of the public API.

/// Reads the `Debug` form of a router; how many routes it names, where it is understood.
pub fn router_debug(form: &str) -> Option<usize> {
    crate::routes::read(form).map(|found| found.routes.len())
}

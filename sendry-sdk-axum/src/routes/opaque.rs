//! Services nested as they are (`nest_service`): axum names no route for what they answer, so they are counted by where they stand.

/// A path prefix under which an unknown service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opaque {
    template: String,
}

impl Opaque {
    /// `prefix` ends with a slash, and may have parameters.
    pub(crate) fn new(prefix: &str) -> Self {
        Self { template: format!("{prefix}{{*rest}}") }
    }

    /// What its requests are counted under: `/assets/{*rest}`.
    pub(crate) fn template(&self) -> &str {
        &self.template
    }

    /// Whether `path` stands below the prefix. A parameter covers one segment.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        let prefix = self.template.trim_end_matches("{*rest}").trim_end_matches('/');
        prefix.split('/').all(|expected| {
            segments.next().is_some_and(|segment| {
                segment == expected || (expected.starts_with('{') && !segment.is_empty())
            })
        }) && segments.next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_what_is_below_it_segment_by_segment() {
        let opaque = Opaque::new("/api/{version}/assets/");
        assert_eq!(opaque.template(), "/api/{version}/assets/{*rest}");
        assert!(opaque.covers("/api/v1/assets/a/b.css"));
        assert!(!opaque.covers("/api/v1/assetsx/a"));
        assert!(!opaque.covers("/api//assets/a"));
        assert!(!opaque.covers("/api/v1/assets"));
        assert!(Opaque::new("/").covers("/anything/at/all"));
    }
}

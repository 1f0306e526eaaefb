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

    /// Whether `path` stands below the prefix. A parameter covers one segment, or what text beside it leaves of one.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        let prefix = self.template.trim_end_matches("{*rest}").trim_end_matches('/');
        let fits = |expected: &str| segments.next().is_some_and(|segment| matches(expected, segment));
        prefix.split('/').all(fits) && segments.next().is_some()
    }
}

/// Whether a segment of a path fits one of a template: text, in which `{{` and `}}` stand for braces, and at most one parameter.
fn matches(expected: &str, segment: &str) -> bool {
    let plain = |text: &str| text.replace("{{", "{").replace("}}", "}");
    let parameter = expected.match_indices('{').map(|(at, _)| at).find(|at| {
        let braces = |text: &str| text.bytes().take_while(|byte| *byte == b'{').count();
        let before = expected[..*at].bytes().rev().take_while(|byte| *byte == b'{').count();
        before % 2 == 0 && braces(&expected[*at..]) % 2 == 1
    });
    let Some(start) = parameter else { return segment == plain(expected) };
    let end = expected[start..].find('}').map_or(expected.len(), |end| start + end + 1);
    let (before, after) = (plain(&expected[..start]), plain(&expected[end..]));
    let rest = segment.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
    rest.is_some_and(|value| !value.is_empty())
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

    #[test]
    fn braces_that_are_text_are_no_parameter_and_a_parameter_may_have_text_beside_it() {
        assert!(Opaque::new("/a{{b}}/").covers("/a{b}/x"));
        assert!(!Opaque::new("/{{b}}/").covers("/other/x"));
        assert!(Opaque::new("/v{major}/").covers("/v2/x") && !Opaque::new("/v{major}/").covers("/v/x"));
        assert!(
            Opaque::new("/{file}.zip/").covers("/a.zip/x") && !Opaque::new("/{file}.zip/").covers("/a.tar/x")
        );
    }
}

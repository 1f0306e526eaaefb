//! The reference of the settings: `docs/configuration.md`, generated from [`SETTINGS`].

use std::fmt::Write;

use super::SETTINGS;

const HEAD: &str = "# Configuration

*Generated from `hub/src/config/settings.rs` by `sendry-hub config reference`; a test compares the two.*

The hub reads three sources, each over the one before: its defaults, the file `sendry-hub.toml` in its working directory (or the
one named with `--config`), and the environment. A key `section.key` is written in the file as

```toml
[section]
key = \"value\"
```

and in the environment as `SENDRY_SECTION__KEY`; a few have a short name as well. Unknown keys are errors, and so
are misspelt short names.
`sendry-hub config check` tells what is wrong, `sendry-hub config print` what each value is and where it came from.
";

/// Returns the reference as Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut section = "";
    for setting in SETTINGS {
        let (own_section, _) = setting.key.split_once('.').unwrap_or((setting.key, ""));
        if own_section != section {
            section = own_section;
            let _ = write!(page, "\n## {section}\n");
        }
        let short = setting.short_name.map_or_else(String::new, |name| format!(" or `{name}`"));
        let default = setting.default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        let _ = write!(
            page,
            "\n### `{}`\n\n{}\n\n- Environment: `{}`{short}\n- Allowed: {}\n- Default: {default}\n",
            setting.key,
            setting.description,
            setting.variable(),
            setting.allowed,
        );
    }
    page
}

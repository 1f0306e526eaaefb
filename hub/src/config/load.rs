//! Reads the three sources, one over the other, and remembers for each value where it came from.

use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::{Config, ConfigError, SETTINGS, Setting, value::Values};

/// The file that is read when none is named, if it is there.
const FILE: &str = "sendry-hub.toml";

/// Where configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file that was named; none: `sendry-hub.toml` in the working directory, if it is there.
    pub file: Option<PathBuf>,
    /// The environment: pairs of name and value.
    pub variables: Vec<(String, String)>,
}

impl Sources {
    /// The process's own: its environment, and the file that was named on its command line.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let variables = std::env::vars_os();
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { file, variables: variables.filter_map(text).collect() }
    }
}

/// A checked configuration and where each of its values came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    /// Setting, value as text, and origin, in the order of [`SETTINGS`].
    pub values: Vec<(&'static Setting, Option<String>, String)>,
}

/// Reads and checks the configuration.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut figment = Figment::new().merge(Defaults);
    if let Some(path) = file(sources)? {
        figment = figment.merge(FileValues::read(&path)?);
    }
    for (name, value) in &sources.variables {
        if let Some(setting) = setting_of_variable(name)? {
            figment = figment.merge(Variable { name: name.clone(), setting, value: value.clone() });
        }
    }
    reject_unknown(&figment)?;
    let values = Values::new(&figment);
    let config = values.config()?;
    Ok(Loaded { config, values: values.describe() })
}

fn file(sources: &Sources) -> Result<Option<PathBuf>, ConfigError> {
    if let Some(path) = &sources.file {
        return Ok(Some(path.clone()));
    }
    Ok(Some(PathBuf::from(FILE)).filter(|path| path.exists()))
}

/// Short names that belong to the SDK.
const OF_THE_SDK: [&str; 4] = ["SENDRY_APP_VERSION", "SENDRY_ENV", "SENDRY_HUB_URL", "SENDRY_WRITE_KEY"];

/// How many letters of a short name may be wrong for it to be taken for a misspelt one.
const LETTERS_WRONG: usize = 2;

/// The setting that a variable sets; none when it is not one of ours. A short name that is unknown may belong to anything, to the SDK or
/// to Kubernetes for example, unless it looks like a misspelt one of ours.
fn setting_of_variable(name: &str) -> Result<Option<&'static Setting>, ConfigError> {
    if let Some(setting) = SETTINGS.iter().find(|s| s.short_name == Some(name) || s.variable() == name) {
        return Ok(Some(setting));
    }
    let has_section = name.strip_prefix("SENDRY_").is_some_and(|rest| rest.contains("__"));
    let looks_like = |short: &str| strsim::osa_distance(short, name) <= LETTERS_WRONG;
    let is_misspelt =
        !OF_THE_SDK.contains(&name) && SETTINGS.iter().filter_map(|s| s.short_name).any(looks_like);
    if has_section || is_misspelt { Err(unknown(name, "environment")) } else { Ok(None) }
}

fn reject_unknown(figment: &Figment) -> Result<(), ConfigError> {
    let data = figment.data().unwrap_or_default();
    for (section, values) in data.into_values().flatten() {
        let origin =
            figment.find_metadata(&section).map_or_else(String::new, |metadata| metadata.name.to_string());
        let Value::Dict(_, values) = values else { return Err(unknown(&section, &origin)) };
        for key in values.keys().map(|key| format!("{section}.{key}")) {
            if Setting::find(&key).is_none() {
                let origin =
                    figment.find_metadata(&key).map_or(origin.clone(), |metadata| metadata.name.to_string());
                return Err(unknown(&key, &origin));
            }
        }
    }
    Ok(())
}

fn unknown(name: &str, origin: &str) -> ConfigError {
    let suggestion = match nearest(name) {
        Some(setting) => format!("; did you mean {} ({})?", setting.key, setting.variable()),
        None => "; `sendry-hub config print` lists all there are".to_owned(),
    };
    ConfigError::Unknown { name: name.to_owned(), origin: origin.to_owned(), suggestion }
}

/// From how alike on two names may be the same, of 1.
const ALIKE: f64 = 0.7;

/// The setting whose key, variable or short name is most like `name`.
fn nearest(name: &str) -> Option<&'static Setting> {
    let alike = |setting: &Setting| {
        // In a file a section may be missing.
        let last = setting.key.rsplit('.').next().filter(|_| !name.contains(['.', '_']));
        let names = [Some(setting.key), setting.short_name, last].into_iter().flatten().map(str::to_owned);
        let alike = |known: String| strsim::normalized_damerau_levenshtein(&known, name);
        names.chain([setting.variable()]).map(alike).fold(0.0, f64::max)
    };
    let nearest = SETTINGS.iter().map(|setting| (alike(setting), setting)).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.filter(|(alike, _)| *alike >= ALIKE).map(|(_, setting)| setting)
}

/// The defaults of [`SETTINGS`].
struct Defaults;

impl Provider for Defaults {
    fn metadata(&self) -> Metadata {
        Metadata::named("default")
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let text: Vec<_> =
            SETTINGS.iter().filter_map(|s| Some(format!("{} = {}", s.key, s.default?))).collect();
        Toml::string(&text.join("\n")).data()
    }
}

/// A file, read once so that every error can name it.
struct FileValues {
    path: PathBuf,
    text: String,
}

impl FileValues {
    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), problem: error.to_string() })?;
        let file = Self { path: path.to_owned(), text };
        match file.data() {
            Ok(_) => Ok(file),
            Err(error) => Err(ConfigError::File { path: file.path, problem: error.to_string() }),
        }
    }
}

impl Provider for FileValues {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("file {}", self.path.display()))
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Toml::string(&self.text).data()
    }
}

/// One variable of the environment.
struct Variable {
    name: String,
    setting: &'static Setting,
    value: String,
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("environment variable {}", self.name))
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let dict = figment::util::nest(self.setting.key, Value::from(self.value.clone())).into_dict();
        Ok(Profile::Default.collect(dict.unwrap_or_default()))
    }
}

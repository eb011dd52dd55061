//! What settings are made from. One function here reads the process.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
};

/// Everything that settings are made from, so that
/// [`Settings::load`](crate::Settings::load) depends on nothing else but the
/// files named in it.
#[derive(Clone, Default)]
pub struct Sources {
    /// The environment, names in upper case as they stand there.
    pub env: BTreeMap<String, String>,
    /// Names of environment variables whose value is not UTF-8.
    pub not_unicode: Vec<String>,
    /// A file of `NAME=value` lines, weaker than the environment. `None`, or a
    /// path where nothing is: no such file.
    pub dotenv: Option<PathBuf>,
    /// Names that mean nothing in the environment and in the file.
    pub left_out: BTreeSet<String>,
    /// The strongest layer: the command line, or the `dev` mode. Names in
    /// upper or lower case; an unknown one is an error.
    pub overrides: BTreeMap<String, String>,
    /// Id of the process, for the default of `INSTANCE_NAME`.
    pub pid: u32,
}

impl Sources {
    /// The environment of this process, and `.env` in its working directory
    /// (never in a parent directory).
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment; everything else gets it passed"
    )]
    pub fn of_this_process() -> Self {
        let mut sources = Self {
            dotenv: Some(PathBuf::from(".env")),
            pid: std::process::id(),
            ..Self::default()
        };
        // Not `vars`: it panics when any variable, even one of others, is not UTF-8.
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(sources.env.insert(name, value)),
                Err(_) => sources.not_unicode.push(name),
            }
        }
        sources
    }

    /// An environment of just these variables, and no file: for tests.
    pub fn of<N: Into<String>, V: Into<String>>(env: impl IntoIterator<Item = (N, V)>) -> Self {
        let env = env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { env, ..Self::default() }
    }

    /// Adds an override.
    #[must_use]
    pub fn with_override(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.insert(name.into(), value.into());
        self
    }

    /// Takes these for unset, and does not even look at what is wrong with them,
    /// whether written directly or as `…_FILE`; an override of one counts.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.left_out
            .extend(names.iter().flat_map(|name| [(*name).to_owned(), format!("{name}_FILE")]));
        self
    }
}

/// Shows names only: values may be secret.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("env", &self.env.keys())
            .field("not_unicode", &self.not_unicode)
            .field("dotenv", &self.dotenv)
            .field("left_out", &self.left_out)
            .field("overrides", &self.overrides.keys())
            .field("pid", &self.pid)
            .finish()
    }
}

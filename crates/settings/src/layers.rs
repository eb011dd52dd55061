//! Where values come from, and which one counts.
//!
//! figment stacks the layers. It is fed texts only: figment's own reader of
//! the environment guesses types and trims blanks, and then the passwords
//! `0123`, `true` and `1.10` are no strings any more.

use crate::{
    errors::SettingError,
    found::Found,
    near_miss,
    parse::dotenv,
    secret_file,
    sources::Sources,
    variables::{ALL, Variable},
};
use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use std::{cmp::Ordering, collections::BTreeMap, io, path::Path};

/// The manual, and the weakest layer.
pub(crate) const DEFAULTS: &str = include_str!("../defaults.toml");

/// Names of the layers, as they are shown to the user.
pub(crate) mod origin {
    pub(crate) const DEFAULT: &str = "default";
    pub(crate) const DOTENV: &str = ".env";
    pub(crate) const ENVIRONMENT: &str = "environment";
    pub(crate) const OVERRIDE: &str = "override";

    /// The weakest first.
    pub(super) const ALL: [&str; 4] = [DEFAULT, DOTENV, ENVIRONMENT, OVERRIDE];
}

/// Texts by variable name.
pub(crate) type Texts = BTreeMap<String, String>;

/// All layers, stacked.
pub(crate) struct Layers {
    defaults: Texts,
    stack: Figment,
    /// What counts, by key: the stack works it out anew for every question.
    counting: BTreeMap<String, Found>,
    /// Secrets whose file is of no use. Told only when they are asked for.
    unusable: BTreeMap<&'static str, SettingError>,
    /// Names that are none of ours, seen in `.env` or the environment.
    pub(crate) foreign: Vec<String>,
}

impl Layers {
    /// Reads `sources`; what is wrong with them as such goes to `errors`.
    pub(crate) fn open(sources: &Sources, errors: &mut Vec<SettingError>) -> Self {
        let defaults = embedded_defaults();
        let file = sources.dotenv.as_deref().map(|path| read_dotenv(path, sources, errors));
        let file = file.unwrap_or_default();
        let env = heard(&sources.env, sources);
        errors.extend(not_text(sources));
        let overrides = known_overrides(&sources.overrides, errors);
        let foreign = file.keys().chain(env.keys()).filter(|name| !is_ours(name));
        let foreign = foreign.cloned().collect();
        let stack = Figment::from(Layer { name: origin::DEFAULT, texts: &defaults })
            .merge(Layer { name: origin::DOTENV, texts: &given(&file) })
            .merge(Layer { name: origin::ENVIRONMENT, texts: &given(&env) })
            .merge(Layer { name: origin::OVERRIDE, texts: &given(&overrides) });
        let counting = counting(&stack);
        let mut layers = Self { defaults, stack, counting, unusable: BTreeMap::new(), foreign };
        layers.open_files();
        layers
    }

    /// What counts for `variable`.
    pub(crate) fn find(&self, variable: Variable) -> Found {
        self.look_up(variable.name).expect("every variable has an entry")
    }

    /// The path of the file that `variable` is taken from, if it is.
    pub(crate) fn file_of(&self, variable: Variable) -> Option<Found> {
        let name = variable.file_name.filter(|name| self.find(variable).origin == *name)?;
        self.look_up(name)
    }

    /// Why `variable` has no value although a file is named for it.
    pub(crate) fn unusable(&self, variable: Variable) -> Option<&SettingError> {
        self.unusable.get(variable.name)
    }

    /// Whether someone has set `variable`.
    pub(crate) fn is_given(&self, variable: Variable) -> bool {
        self.find(variable).origin != origin::DEFAULT
    }

    /// What counts for `variable` when nobody says anything.
    pub(crate) fn default_of(&self, variable: Variable) -> &str {
        self.defaults.get(&variable.key()).map_or("", String::as_str)
    }

    /// Puts `texts` above all the others.
    pub(crate) fn put(&mut self, name: &'static str, texts: &Texts) {
        self.cover(Layer { name, texts: &given(texts) });
    }

    fn cover(&mut self, layer: Layer) {
        self.stack = std::mem::take(&mut self.stack).merge(layer);
        self.counting = counting(&self.stack);
    }

    fn look_up(&self, name: &str) -> Option<Found> {
        self.counting.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Lets the content of a named file count as if it stood where the file is
    /// named: a stronger layer wins, whichever of both ways it says a secret.
    fn open_files(&mut self) {
        for variable in ALL {
            let Some((name, file)) =
                variable.file_name.and_then(|name| Some((name, self.look_up(name)?)))
            else {
                continue;
            };
            let direct = self.find(*variable);
            let content = match rank(&file).cmp(&rank(&direct)) {
                Ordering::Less => continue,
                Ordering::Equal => Err(SettingError::both_ways(*variable, &direct)),
                Ordering::Greater => secret_file::read(&file.text)
                    .map_err(|problem| SettingError::in_secret_file(name, &file, problem)),
            };
            // Empty, so that nobody takes a weaker layer for the user's word.
            let text = content.unwrap_or_else(|error| {
                self.unusable.insert(variable.name, error);
                String::new()
            });
            self.cover(Layer { name, texts: &Texts::from([(variable.key(), text)]) });
        }
    }
}

fn counting(stack: &Figment) -> BTreeMap<String, Found> {
    let values: Dict = stack.extract().expect("all layers are texts by name");
    let found = |value: Value| {
        let layer = stack.get_metadata(value.tag());
        let origin = layer.map(|layer| layer.name.to_string()).unwrap_or_default();
        Found { text: value.into_string().unwrap_or_default(), origin }
    };
    values.into_iter().map(|(key, value)| (key, found(value))).collect()
}

/// The stronger, the greater.
fn rank(found: &Found) -> Option<usize> {
    origin::ALL.iter().position(|name| *name == found.origin)
}

/// The defaults by their name in the manual.
pub(crate) fn embedded_defaults() -> Texts {
    Toml::from_str(DEFAULTS).expect("the embedded manual is TOML with texts only")
}

struct Layer<'a> {
    name: &'static str,
    texts: &'a Texts,
}

impl Provider for Layer<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let text = |(name, text): (&String, &String)| (name.to_lowercase(), Value::from(&**text));
        Ok(Profile::Default.collect(self.texts.iter().map(text).collect::<Dict>()))
    }
}

fn is_ours(name: &str) -> bool {
    Variable::names().any(|ours| ours == name)
}

/// Ours, without those that are empty: empty counts as unset.
fn given(texts: &Texts) -> Texts {
    let ours = texts.iter().filter(|(name, text)| is_ours(name) && !text.is_empty());
    ours.map(|(name, text)| (name.clone(), text.clone())).collect()
}

/// Without what the caller has no use for.
fn heard(texts: &Texts, sources: &Sources) -> Texts {
    let heard = texts.iter().filter(|(name, _)| !sources.left_out.contains(*name));
    heard.map(|(name, text)| (name.clone(), text.clone())).collect()
}

fn read_dotenv(path: &Path, sources: &Sources, errors: &mut Vec<SettingError>) -> Texts {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Texts::new(),
        Err(error) => {
            errors.push(SettingError::in_file(path, None, &unreadable(&error)));
            return Texts::new();
        }
    };
    let mut file = dotenv::parse(&text);
    file.entries.retain(|entry| !sources.left_out.contains(&entry.name));
    let doubts = file.entries.iter().filter(|entry| is_ours(&entry.name));
    let doubts = doubts.filter_map(|entry| entry.doubt.map(|doubt| (entry.line, doubt)));
    let problems = file.problems.iter().copied().chain(doubts);
    errors.extend(problems.map(|(line, problem)| SettingError::in_file(path, Some(line), problem)));
    file.entries.into_iter().map(|entry| (entry.name, entry.value)).collect()
}

/// The editors and shells of some systems write UTF-16 where nobody asked.
fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidData => {
            "must be UTF-8 text; save it as that (not as UTF-16)".to_owned()
        }
        _ => format!("cannot be read: {error}"),
    }
}

fn not_text(sources: &Sources) -> impl Iterator<Item = SettingError> {
    let ours = sources.not_unicode.iter();
    let ours = ours.filter(|name| is_ours(name) && !sources.left_out.contains(*name));
    ours.map(|name| SettingError::about(name, origin::ENVIRONMENT, "must be UTF-8 text"))
}

/// Overrides come from someone who means us: an unknown name is a mistake.
fn known_overrides(overrides: &Texts, errors: &mut Vec<SettingError>) -> Texts {
    let mut known = Texts::new();
    for (name, text) in overrides {
        let name = name.to_ascii_uppercase();
        if is_ours(&name) {
            known.insert(name, text.clone());
            continue;
        }
        let hint = near_miss::closest(&name).map(|ours| format!("; did you mean {ours}?"));
        let problem = format!("is no setting{}", hint.unwrap_or_default());
        errors.push(SettingError::about(&name, origin::OVERRIDE, &problem));
    }
    known
}

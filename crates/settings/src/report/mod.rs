//! What became of every variable, for `config check`.

mod text;
mod value;

use crate::{
    errors::SettingsErrors, layers::Layers, manual, notice::Notice, notices, reader::Readout,
    settings::Settings, variables::Variable,
};

/// Every variable with its effective value and where that comes from, what an
/// operator should know, and what is wrong. `Display` tells people all but the
/// errors. No secret is in any of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// All variables, in the order of the manual.
    pub entries: Vec<EffectiveSetting>,
    /// What an operator should know; while anything is wrong, only misspelled
    /// names.
    pub notices: Vec<Notice>,
    /// All that is wrong.
    pub verdict: Result<(), SettingsErrors>,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// Its name.
    pub name: &'static str,
    /// Title of the part of the manual that it stands in.
    pub section: &'static str,
    /// What counts, without anything secret; `None`: unset.
    pub value: Option<String>,
    /// Whether `value` stands for something that must not be shown.
    pub secret: bool,
    /// Where it comes from: `default`, `.env`, `environment`, `override`, the
    /// URL that it is a part of, or the file that a `…_FILE` names.
    pub source: String,
    /// Someone said something else than the default; with a secret, anything.
    pub changed: bool,
    /// An error is about it.
    pub wrong: bool,
    /// It makes a difference, given the other settings.
    pub has_effect: bool,
}

impl Report {
    pub(crate) fn of(settings: &Settings, readout: Readout) -> Self {
        let sections = manual::sections();
        let variables = sections.iter().flat_map(|section| {
            section.entries.iter().map(|entry| (section.title, Variable::of_key(entry.key)))
        });
        let entry = |(title, variable)| EffectiveSetting::of(title, variable, &readout);
        let entries = variables.map(entry).collect();
        let Readout { layers, errors, .. } = readout;
        let is_right = errors.is_empty();
        Self {
            entries,
            notices: if is_right {
                notices::of(settings, &layers)
            } else {
                notices::misspelled(&layers).collect()
            },
            verdict: if is_right { Ok(()) } else { Err(SettingsErrors::new(errors)) },
        }
    }
}

impl EffectiveSetting {
    fn of(section: &'static str, variable: Variable, readout: &Readout) -> Self {
        let Readout { layers, wrong, asked_for, .. } = readout;
        let text = layers.find(variable).text;
        let differs = variable.secret || text != layers.default_of(variable);
        let file_is_wrong = layers.unusable(variable).is_some();
        Self {
            name: variable.name,
            section,
            value: value::shown(variable, &text),
            secret: variable.secret,
            source: source(layers, variable),
            changed: differs && layers.is_given(variable),
            wrong: wrong.contains(variable.name) || file_is_wrong,
            has_effect: asked_for.contains(variable.name),
        }
    }
}

fn source(layers: &Layers, variable: Variable) -> String {
    let found = layers.find(variable);
    match (layers.file_of(variable), layers.unusable(variable)) {
        (Some(file), None) => format!("{} ({}={})", file.origin, found.origin, file.text),
        (Some(file), Some(_)) => format!("{} ({})", file.origin, found.origin),
        (None, _) => found.origin,
    }
}

//! Reads variable by variable and collects every mistake on the way.

use crate::{
    errors::SettingError,
    layers::{Layers, Texts, origin},
    parse::Parsed,
    sources::Sources,
    variables::{ALL, Group, Variable},
};
use std::collections::BTreeSet;

/// Hands out values. A wrong one is noted and replaced by its default, so that
/// reading goes on; the settings built that way are thrown away in the end.
pub(crate) struct Reader {
    layers: Layers,
    errors: Vec<SettingError>,
    wrong: BTreeSet<&'static str>,
    asked_for: BTreeSet<&'static str>,
}

/// What a reader knows when all is read.
pub(crate) struct Readout {
    pub(crate) layers: Layers,
    pub(crate) errors: Vec<SettingError>,
    /// Names of the variables that the errors are about.
    pub(crate) wrong: BTreeSet<&'static str>,
    /// Names of the variables that anyone wanted to know. The others have no
    /// effect on these settings.
    pub(crate) asked_for: BTreeSet<&'static str>,
}

impl Reader {
    pub(crate) fn open(sources: &Sources) -> Self {
        let mut errors = Vec::new();
        let layers = Layers::open(sources, &mut errors);
        Self { layers, errors, wrong: BTreeSet::new(), asked_for: BTreeSet::new() }
    }

    /// The value of a variable that has a default.
    pub(crate) fn required<T>(
        &mut self,
        variable: Variable,
        parse: impl Fn(&str) -> Parsed<T>,
    ) -> T {
        let value = self.text_of(variable).and_then(|text| {
            parse(&text).map_err(|problem| self.refuse(&[variable], problem)).ok()
        });
        value.unwrap_or_else(|| {
            parse(self.layers.default_of(variable)).expect("embedded defaults are valid: tested")
        })
    }

    /// The value of a variable that may be unset.
    pub(crate) fn optional<T>(
        &mut self,
        variable: Variable,
        parse: impl FnOnce(&str) -> Parsed<T>,
    ) -> Option<T> {
        let text = self.text_of(variable).filter(|text| !text.is_empty())?;
        parse(&text).map_err(|problem| self.refuse(&[variable], problem)).ok()
    }

    /// The text that counts, unless it stands in a file that is of no use.
    fn text_of(&mut self, variable: Variable) -> Option<String> {
        self.asked_for.insert(variable.name);
        let Some(error) = self.layers.unusable(variable) else {
            return Some(self.layers.find(variable).text);
        };
        self.errors.push(error.clone());
        self.wrong.insert(variable.name);
        None
    }

    /// Unless `right`, notes what is wrong with these variables together. Says
    /// nothing when one of them is wrong by itself: its value is not the user's.
    pub(crate) fn check(
        &mut self,
        variables: &[Variable],
        right: bool,
        problem: impl FnOnce() -> String,
    ) {
        if !right && !variables.iter().any(|variable| self.wrong.contains(variable.name)) {
            self.refuse(variables, problem());
        }
    }

    /// Lets the parts of the URL in `url` count instead of the single
    /// variables. One that was set to something else is a contradiction, except
    /// that an override replaces what weaker layers say.
    pub(crate) fn replace_by_parts_of(&mut self, url: Variable, parts: &[(Variable, String)]) {
        for (part, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            // A file that is of no use is told as such.
            let readable = self.layers.unusable(*part).is_none();
            let differs = readable && self.layers.find(*part).text != *text;
            if differs && self.stands_beside(url, *part) {
                let problem = format!(
                    "{} says otherwise than {}; leave one of them out",
                    url.name, part.name
                );
                self.refuse(&[url, *part], problem);
            }
        }
        let texts: Texts =
            parts.iter().map(|(part, text)| (part.name.to_owned(), text.clone())).collect();
        self.layers.put(url.name, &texts);
    }

    /// Notes what is wrong with those of `variables` that were set beside the
    /// URL in `url`, together.
    pub(crate) fn leaves_no_room_for(
        &mut self,
        url: Variable,
        variables: &[Variable],
        problem: impl FnOnce() -> String,
    ) {
        let beside = variables.iter().filter(|variable| self.stands_beside(url, **variable));
        let subjects: Vec<_> = [url].into_iter().chain(beside.copied()).collect();
        if subjects.len() > 1 {
            self.refuse(&subjects, problem());
        }
    }

    /// Whether `variable` was set, and by someone whose word counts beside that
    /// of whoever set `url`.
    fn stands_beside(&self, url: Variable, variable: Variable) -> bool {
        let url_overrides = self.layers.find(url).origin == origin::OVERRIDE;
        let origin = self.layers.find(variable).origin;
        origin != origin::DEFAULT && (!url_overrides || origin == origin::OVERRIDE)
    }

    /// Names of the variables of `group` that someone has set.
    pub(crate) fn given_in(&self, group: Group) -> Vec<&'static str> {
        let members = ALL.iter().filter(|variable| variable.group == group);
        members
            .filter(|variable| self.layers.is_given(**variable))
            .map(|variable| variable.name)
            .collect()
    }

    fn refuse(&mut self, variables: &[Variable], problem: String) {
        let subjects: Vec<_> = variables.iter().map(|v| (*v, self.layers.find(*v))).collect();
        self.errors.push(SettingError::of(&subjects, problem));
        self.wrong.extend(variables.iter().map(|variable| variable.name));
    }

    pub(crate) fn finish(self) -> Readout {
        let Self { layers, errors, wrong, asked_for } = self;
        Readout { layers, errors, wrong, asked_for }
    }
}

//! A guard, and how it is taken out of the code.

use anyhow::{Context, bail, ensure};

/// Where a guard stands, which decides who must notice that it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Place {
    Domain,
    App,
    Memory,
    Sqlite,
    Postgres,
}

impl Place {
    pub(crate) const ALL: [Self; 5] =
        [Self::Domain, Self::App, Self::Memory, Self::Sqlite, Self::Postgres];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::App => "app",
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Domain => "crates/domain/src/",
            Self::App => "crates/app/src/",
            Self::Memory => "crates/adapters/memory/src/",
            Self::Sqlite => "crates/adapters/sqlite/src/",
            Self::Postgres => "crates/adapters/postgres/src/",
        }
    }

    /// Whether its guards are Rust expressions, so that one build has a switch for each. Those of the
    /// databases stand in texts that no program can branch in: a build for each.
    pub(crate) fn is_woven(self) -> bool {
        matches!(self, Self::Domain | Self::App | Self::Memory)
    }
}

/// Something that says no, and what stands there when it is taken out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    file: &'static str,
    /// A text that occurs once in its file; the guard stands between `«` and `»`.
    within: &'static str,
    instead: &'static str,
    /// The other guard that says no in its place, so that no test can see this one.
    pub(crate) masked_by: Option<&'static str>,
    /// The tests that must notice, where the ordinary ones cannot: `--test`, and a filter.
    pub(crate) judged_by: Option<(&'static str, &'static str)>,
    /// Whether it is also removed together with each other one.
    pub(crate) is_paired: bool,
}

impl Guard {
    pub(crate) const fn new(
        place: Place,
        name: &'static str,
        file: &'static str,
        within: &'static str,
        instead: &'static str,
    ) -> Self {
        let (masked_by, judged_by, is_paired) = (None, None, false);
        Self { name, place, file, within, instead, masked_by, judged_by, is_paired }
    }

    pub(crate) const fn paired(self) -> Self {
        Self { is_paired: true, ..self }
    }

    pub(crate) const fn masked_by(self, other: &'static str) -> Self {
        Self { masked_by: Some(other), ..self }
    }

    pub(crate) const fn judged_by(self, test: &'static str, filter: &'static str) -> Self {
        Self { judged_by: Some((test, filter)), ..self }
    }

    /// Its file, from the root of the repository.
    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.place.folder(), self.file)
    }

    /// `text` of its file without it.
    pub(crate) fn removed_from(&self, text: &str) -> anyhow::Result<String> {
        Ok(replace(text, vec![(self.find(text)?, self.instead.to_owned())]))
    }

    /// Where it stands in `text`.
    fn find(&self, text: &str) -> anyhow::Result<std::ops::Range<usize>> {
        let parts: Vec<&str> = self.within.split(['«', '»']).collect();
        let [before, guard, after] = parts[..] else {
            bail!("guard {}: no `«…»` in its text", self.name)
        };
        let whole = format!("{before}{guard}{after}");
        let mut places = text.match_indices(&whole).map(|(at, _)| at + before.len());
        let path = self.path();
        let start = places.next().with_context(|| {
            format!("guard {}: its text is not in {path} any more:\n{whole}", self.name)
        })?;
        ensure!(
            places.next().is_none(),
            "guard {}: its text is in {path} more than once:\n{whole}",
            self.name
        );
        Ok(start..start + guard.len())
    }
}

/// `text` of one file, with a switch for each of these guards, which all stand in it.
pub(crate) fn weave(text: &str, guards: &[&Guard]) -> anyhow::Result<String> {
    let woven = guards.iter().map(|guard| {
        let range = guard.find(text)?;
        let (it, instead, name) = (&text[range.clone()], guard.instead, guard.name);
        let home = if guard.place == Place::Domain { "crate" } else { "dispatcher_domain" };
        let choice = format!("if {home}::removed({name:?}) {{ {instead} }} else {{ {it} }}");
        // A statement stands by itself; an expression must not run into its neighbours.
        let is_statement = it.trim_end().ends_with([';', '}']);
        Ok((range, if is_statement { choice } else { format!("({choice})") }))
    });
    let mut woven = woven.collect::<anyhow::Result<Vec<_>>>()?;
    woven.sort_by_key(|(range, _)| range.start);
    let apart = woven.windows(2).all(|two| two[0].0.end <= two[1].0.start);
    ensure!(apart, "two guards of {} share a text", guards[0].path());
    Ok(replace(text, woven))
}

/// What each switch asks, for the end of the crate at the bottom.
pub(crate) const SWITCH: &str = r#"
#[doc(hidden)]
#[must_use]
pub fn removed(name: &str) -> bool {
    static REMOVED: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| std::env::var("GUARDS_REMOVED").unwrap_or_default());
    REMOVED.split(',').any(|it| it == name)
}
"#;

/// `places` in the order of the text.
fn replace(text: &str, places: Vec<(std::ops::Range<usize>, String)>) -> String {
    let mut text = text.to_owned();
    for (range, instead) in places.into_iter().rev() {
        text.replace_range(range, &instead);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: Guard = Guard::new(Place::Domain, "it", "a.rs", "x && «y» && z", "true");

    #[test]
    fn a_guard_is_taken_out_or_gets_a_switch() {
        assert_eq!(GUARD.removed_from("if x && y && z {").unwrap(), "if x && true && z {");
        let woven = weave("x && y && z", &[&GUARD]).unwrap();
        assert_eq!(woven, "x && (if crate::removed(\"it\") { true } else { y }) && z");
    }

    #[test]
    fn a_text_that_is_gone_or_there_twice_is_an_error() {
        assert!(GUARD.removed_from("x && z").is_err());
        assert!(GUARD.removed_from("x && y && z; x && y && z").is_err());
    }
}

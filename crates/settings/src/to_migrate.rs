//! Settings for a program that does nothing but migrate.

use crate::{
    errors::{SettingError, SettingsErrors},
    notices,
    reader::Reader,
    settings::Settings,
    sources::Sources,
    variables::{Group, Variable},
};

impl Settings {
    /// As [`Settings::load`], but only what says where the queue is kept, what
    /// is logged and how a Go service is taken over has to be right, and is
    /// warned about: the provider's token may not be there yet. All the others
    /// mean nothing.
    ///
    /// # Errors
    /// All mistakes in those; none repeats a secret.
    pub fn load_to_migrate(sources: Sources) -> Result<Self, SettingsErrors> {
        let mut reader = Reader::open(&sources);
        let mut settings = Self::read(&mut reader, &sources);
        reader.forgive(|error| !concerns_us(error));
        let layers = reader.finish().map_err(SettingsErrors::new)?;
        settings.notices = notices::to_migrate(&settings, &layers);
        Ok(settings)
    }
}

/// One that is about no variable is about a file, in which ours may stand.
fn concerns_us(error: &SettingError) -> bool {
    let ours =
        |variable: Variable| matches!(variable.group, Group::Database | Group::Log | Group::Legacy);
    let names = error.variables();
    names.is_empty() || names.iter().any(|name| Variable::named(name).is_none_or(ours))
}

//! Settings for a program that does nothing but migrate.

use crate::{
    errors::{SettingError, SettingsErrors},
    notices,
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
        let (mut settings, readout) = Self::read_all(&sources);
        let errors: Vec<_> = readout.errors.into_iter().filter(concerns_us).collect();
        if !errors.is_empty() {
            return Err(SettingsErrors::new(errors));
        }
        settings.notices = notices::to_migrate(&settings, &readout.layers);
        Ok(settings)
    }
}

/// One that is about no variable is about a file, in which ours may stand.
fn concerns_us(error: &SettingError) -> bool {
    let names = error.variables();
    names.is_empty() || names.iter().any(|name| is_ours(name))
}

fn is_ours(name: &str) -> bool {
    let of_file = || name.strip_suffix("_FILE").and_then(Variable::named);
    Variable::named(name).or_else(of_file).is_none_or(|variable| {
        matches!(variable.group, Group::Database | Group::Log | Group::Legacy)
    })
}

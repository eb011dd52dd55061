//! From settings to the SQLite adapter.

use dispatcher_settings::SqliteSettings;
use dispatcher_sqlite::SqliteConfig;

/// What the SQLite adapter has to know.
#[must_use]
pub fn sqlite_config(settings: &SqliteSettings) -> SqliteConfig {
    // Taken apart, so that a new setting cannot be forgotten here.
    let SqliteSettings { path, timeout } = settings;
    SqliteConfig { timeout: *timeout, ..SqliteConfig::new(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher_settings::{Settings, Sources};
    use std::{path::Path, time::Duration};

    #[test]
    fn every_setting_reaches_the_adapter() {
        let env = [("DATABASE_URL", "sqlite:///var/queue.db"), ("DB_TIMEOUT", "7s")];
        let settings = Settings::load(Sources::of(env)).unwrap();
        let config = sqlite_config(settings.database.sqlite().unwrap());
        assert_eq!(
            (config.path.as_path(), config.timeout),
            (Path::new("/var/queue.db"), Duration::from_secs(7))
        );
    }
}

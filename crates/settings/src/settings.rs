//! All settings together.

use crate::{
    errors::SettingsErrors,
    groups::{
        database::{self, DatabaseSettings},
        dispatch::{self, DispatchSettings},
        http::{self, HttpSettings},
        legacy::{self, LegacySettings},
        log::{self, LogSettings},
        provider::{self, ProviderSettings},
        redis::{self, RedisSettings},
    },
    notice::Notice,
    notices,
    reader::{Reader, Readout},
    report::Report,
    sources::Sources,
};
use dispatcher_domain::InstanceName;

/// Every setting, parsed and checked. `Debug` shows no secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Name of this process in attempts and logs.
    pub instance: InstanceName,
    /// Where the queue is kept.
    pub database: DatabaseSettings,
    /// Redis.
    pub redis: RedisSettings,
    /// The API.
    pub http: HttpSettings,
    /// Logs.
    pub log: LogSettings,
    /// The SMS provider.
    pub provider: ProviderSettings,
    /// Sending.
    pub dispatch: DispatchSettings,
    /// Taking over from the Go service.
    pub legacy: LegacySettings,
    pub(crate) notices: Vec<Notice>,
}

impl Settings {
    /// Reads and checks everything. Depends on `sources` alone, and on the
    /// files that are named there.
    ///
    /// # Errors
    /// All mistakes, not just the first; none repeats a secret.
    pub fn load(sources: Sources) -> Result<Self, SettingsErrors> {
        let (mut settings, readout) = Self::read_all(&sources);
        if !readout.errors.is_empty() {
            return Err(SettingsErrors::new(readout.errors));
        }
        settings.notices = notices::of(&settings, &readout.layers);
        Ok(settings)
    }

    /// The same, and tells what became of every variable.
    #[must_use]
    pub fn inspect(sources: &Sources) -> Report {
        let (settings, readout) = Self::read_all(sources);
        Report::of(&settings, readout)
    }

    pub(crate) fn read_all(sources: &Sources) -> (Self, Readout) {
        let mut reader = Reader::open(sources);
        let settings = Self::read(&mut reader, sources);
        (settings, reader.finish())
    }

    fn read(reader: &mut Reader, sources: &Sources) -> Self {
        let provider = provider::read(reader);
        Self {
            instance: log::read_instance(reader, sources),
            database: database::read(reader),
            redis: redis::read(reader),
            http: http::read(reader, &provider.url),
            log: log::read(reader),
            dispatch: dispatch::read(reader, &provider),
            provider,
            legacy: legacy::read(reader),
            notices: Vec::new(),
        }
    }

    /// Whether the delivery cache is Redis. On a SQLite file it is only if
    /// someone has said so: nobody but this process would read what is cached,
    /// and its memory does as well.
    #[must_use]
    pub fn wants_redis(&self) -> bool {
        self.redis.explicit || self.database.postgres().is_some()
    }

    /// What an operator should know about these settings: log each at start.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.notices.clone()
    }
}

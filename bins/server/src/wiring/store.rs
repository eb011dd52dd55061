//! The message store: the same ports, over a server or over a file.

use super::{NamedPool, schema::Schema};
use crate::Failure;
use anyhow::{Context, anyhow};
use dispatcher_domain::ports::{
    Clock, DispatchControl, DoubtfulMessages, MessageArchive, MessageControl, MessageRepo,
    QueueStats,
};
use dispatcher_postgres::{
    PgDispatchControl, PgDoubtfulMessages, PgMessageArchive, PgMessageControl, PgMessageRepo,
    PgQueueStats,
};
use dispatcher_settings::{DatabaseSettings, PostgresSettings, SqliteSettings};
use dispatcher_sqlite::{
    SqliteDispatchControl, SqliteDoubtfulMessages, SqliteMessageArchive, SqliteMessageControl,
    SqliteMessageRepo, SqliteQueueStats,
};
use dispatcher_wiring::{pg_config, sqlite_config};
use std::sync::Arc;

/// One store, port by port.
pub(super) struct Store {
    pub(super) messages: Arc<dyn MessageRepo>,
    pub(super) control: Arc<dyn DispatchControl>,
    pub(super) operators: Arc<dyn MessageControl>,
    pub(super) archive: Arc<dyn MessageArchive>,
    pub(super) doubts: Arc<dyn DoubtfulMessages>,
    pub(super) stats: Arc<dyn QueueStats>,
    pub(super) pool: Option<NamedPool>,
    pub(super) schema: Schema,
}

impl Store {
    /// Opens the file, or gets ready to connect to the server.
    pub(super) fn open(
        settings: &DatabaseSettings,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        match settings {
            DatabaseSettings::Postgres(settings) => Self::postgres(settings),
            DatabaseSettings::Sqlite(settings) => Self::sqlite(settings, clock),
        }
    }

    fn postgres(settings: &PostgresSettings) -> Result<Self, Failure> {
        let db = dispatcher_postgres::Db::connect_lazily(&pg_config(settings))
            .context("the settings of the database cannot work")
            .map_err(Failure::usage)?;
        Ok(Self {
            messages: Arc::new(PgMessageRepo::new(db.clone())),
            control: Arc::new(PgDispatchControl::new(db.clone())),
            operators: Arc::new(PgMessageControl::new(db.clone())),
            archive: Arc::new(PgMessageArchive::new(db.clone())),
            doubts: Arc::new(PgDoubtfulMessages::new(db.clone())),
            stats: Arc::new(PgQueueStats::new(db.clone())),
            pool: Some(("database", Arc::new(db.clone()))),
            schema: Schema::Postgres(db),
        })
    }

    fn sqlite(settings: &SqliteSettings, clock: &Arc<dyn Clock>) -> Result<Self, Failure> {
        let clock = Arc::clone(clock);
        let config = sqlite_config(settings);
        let db = dispatcher_sqlite::Db::open_to_send(&config, move || clock.wall())
            .map_err(Failure::unavailable)?;
        Ok(Self {
            messages: Arc::new(SqliteMessageRepo::new(db.clone())),
            control: Arc::new(SqliteDispatchControl::new(db.clone())),
            operators: Arc::new(SqliteMessageControl::new(db.clone())),
            archive: Arc::new(SqliteMessageArchive::new(db.clone())),
            doubts: Arc::new(SqliteDoubtfulMessages::new(db.clone())),
            stats: Arc::new(SqliteQueueStats::new(db.clone())),
            pool: None,
            schema: Schema::Sqlite(db),
        })
    }
}

/// Makes the SQLite file of these settings, or brings it up to date; tells
/// whether it is new.
pub(crate) async fn prepare_file(settings: &DatabaseSettings) -> Result<bool, Failure> {
    let Some(settings) = settings.sqlite() else {
        return Err(Failure::internal(anyhow!("only a file is prepared here")));
    };
    let config = sqlite_config(settings);
    let is_new = !config.path.exists();
    dispatcher_sqlite::migrations::migrate(&config, config.timeout)
        .await
        .map_err(Failure::unavailable)?;
    Ok(is_new)
}

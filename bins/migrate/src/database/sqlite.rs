//! SQLite.

use super::{Limits, UpFailed};
use crate::answer::{Failure, Kind, Place, Plan, Status, Up};
use dispatcher_sqlite::{
    FileError, SqliteConfig,
    migrations::{self, MigrateError, Report, nothing},
};

pub(crate) struct Sqlite {
    config: SqliteConfig,
    limits: Limits,
}

impl Sqlite {
    pub(super) fn new(config: SqliteConfig, limits: Limits) -> Self {
        Self { config, limits }
    }

    pub(super) fn place(&self) -> Place {
        Place::Sqlite { path: self.config.path.display().to_string() }
    }

    pub(super) async fn up(&self) -> Result<Up, UpFailed> {
        match migrations::migrate(&self.config, self.limits.wait).await {
            Ok(Report { applied, version }) => {
                Ok(Up { applied, version: Some(version), adopted: None })
            }
            // All of it is one transaction: nothing was done before.
            Err(error) => Err((Up::default(), error.into())),
        }
    }

    pub(super) async fn status(&self) -> Result<Status, Failure> {
        let schema = migrations::status(&self.config, self.limits.wait).await?;
        let exists = schema.is_some();
        Ok(Status { schema: schema.unwrap_or_else(nothing), exists, first_run: None })
    }

    pub(super) async fn plan(&self) -> Result<Plan, Failure> {
        let migrations::Plan { schema, has_file, sql } =
            migrations::plan(&self.config, self.limits.wait).await?;
        Ok(Plan { status: Status { schema, exists: has_file, first_run: None }, sql })
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        let kind = match &error {
            MigrateError::Conflict(conflict) => return Self::from(conflict),
            MigrateError::ForeignTable { .. } => Kind::InTheWay,
            MigrateError::Failed { .. } => Kind::Statement,
            // Not a missing permission: nobody gives it while we wait.
            MigrateError::File(FileError::Busy { .. } | FileError::Full { .. }) => {
                Kind::Unavailable
            }
            MigrateError::Open(error) if error.is_transient() => Kind::Unavailable,
            MigrateError::Open(_) | MigrateError::File(_) => Kind::Other,
        };
        let statement = error.statement().cloned();
        // Down to the first cause.
        let message = format!("{:#}", anyhow::Error::new(error));
        Self { statement, ..Self::new(kind, message) }
    }
}

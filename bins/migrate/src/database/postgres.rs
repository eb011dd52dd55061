//! PostgreSQL.

use super::{Limits, UpFailed};
use crate::answer::{Adopted, Failure, FirstRun, Kind, Place, Plan, Status, Table, Up};
use dispatcher_postgres::{
    PgConfig,
    migrations::{self, Adoption, FoundTable, MigrateError, MigrateOptions, Preflight, Report},
};

pub(crate) struct Postgres {
    config: PgConfig,
    options: MigrateOptions,
}

impl Postgres {
    pub(super) fn new(config: PgConfig, limits: Limits, legacy_timezone: String) -> Self {
        let Limits { wait, lock_timeout } = limits;
        Self { config, options: MigrateOptions { wait, lock_timeout, legacy_timezone } }
    }

    pub(super) fn place(&self) -> Place {
        let PgConfig { servers, name, user, .. } = self.config.clone();
        Place::Postgres { servers, name, user }
    }

    pub(super) async fn up(&self) -> Result<Up, UpFailed> {
        match migrations::migrate_with(&self.config, &self.options).await {
            Ok(Report { applied, version, adopted }) => {
                let adopted = adopted.as_ref().map(Adopted::from);
                Ok(Up { applied, version: Some(version), adopted })
            }
            Err(error) => {
                let applied = error.applied().to_vec();
                Err((Up { applied, ..Up::default() }, error.into()))
            }
        }
    }

    pub(super) async fn status(&self) -> Result<Status, Failure> {
        let schema = migrations::status(&self.config, self.options.wait).await?;
        let first_run = match schema.is_new() {
            true => migrations::inspect(&self.config, &self.options).await?.map(FirstRun::from),
            false => None,
        };
        Ok(Status { schema, exists: true, first_run })
    }

    pub(super) async fn plan(&self) -> Result<Plan, Failure> {
        let migrations::Plan { schema, preflight, sql } =
            migrations::plan(&self.config, &self.options).await?;
        let first_run = preflight.map(FirstRun::from);
        Ok(Plan { status: Status { schema, exists: true, first_run }, sql })
    }
}

impl From<&Adoption> for Adopted {
    fn from(adoption: &Adoption) -> Self {
        let Adoption { queued, sent, rejected, locked_for, first_send_at } = *adoption;
        Self { rows: adoption.rows(), queued, sent, rejected, locked_for, first_send_at }
    }
}

impl From<Preflight> for FirstRun {
    fn from(Preflight { problems, warnings, table }: Preflight) -> Self {
        let in_the_way = problems.iter().map(ToString::to_string).collect();
        Self { table: table.map(Table::from), warnings, in_the_way }
    }
}

impl From<FoundTable> for Table {
    fn from(table: FoundTable) -> Self {
        let FoundTable { rows, bytes } = table;
        Self { rows, bytes, bytes_needed: table.bytes_needed() }
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        if let MigrateError::Conflict(conflict) = &error {
            return Self::from(conflict);
        }
        let in_the_way = match &error {
            MigrateError::Refused { problems } => {
                problems.iter().map(ToString::to_string).collect()
            }
            MigrateError::InUse { by, .. } => by.clone(),
            _ => vec![],
        };
        let (kind, statement) = (kind(&error), error.statement().cloned());
        // Down to the first cause.
        let message = format!("{:#}", anyhow::Error::new(error));
        Self { in_the_way, statement, ..Self::new(kind, message) }
    }
}

fn kind(error: &MigrateError) -> Kind {
    match error {
        MigrateError::Config(_) | MigrateError::Pooled => Kind::Settings,
        // The login may be right later, in the opinion of whoever starts us.
        MigrateError::Database(_)
        | MigrateError::NoAnswer { .. }
        | MigrateError::Locked { .. }
        | MigrateError::InUse { .. } => Kind::Unavailable,
        MigrateError::Refused { .. } => Kind::InTheWay,
        MigrateError::Undone { .. } | MigrateError::Failed { .. } if error.is_transient() => {
            Kind::Unavailable
        }
        MigrateError::Undone { .. } | MigrateError::Failed { .. } => Kind::Statement,
        MigrateError::Conflict(_) | MigrateError::Unreadable => Kind::Other,
    }
}

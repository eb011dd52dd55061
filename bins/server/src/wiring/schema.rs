//! Whether the store can be used, and what an operator has to do where not.

use anyhow::anyhow;
use dispatcher_domain::ports::StoreError;
use dispatcher_postgres::{Trouble, migrations::Fit};
use dispatcher_sqlite::FileError;
use std::error::Error;

/// Who knows whether the tables are there.
#[derive(Clone)]
pub(super) enum Schema {
    Postgres(dispatcher_postgres::Db),
    Sqlite(dispatcher_sqlite::Db),
}

/// The store cannot be used.
pub enum NotReady {
    /// It may be well later without anyone's help.
    Yet(anyhow::Error),
    /// An operator has to mend it.
    EverByItself(anyhow::Error),
}

impl Schema {
    pub(super) async fn check(&self) -> Result<(), NotReady> {
        match self {
            Self::Postgres(db) => check_postgres(db).await,
            Self::Sqlite(db) => check_sqlite(db).await,
        }
    }

    /// Why the store did not do at a start what it was asked for.
    pub(super) fn explain(&self, error: StoreError) -> NotReady {
        match self {
            Self::Postgres(_) => explain_postgres(Trouble::of(&error), error.is_transient(), error),
            Self::Sqlite(_) if may_mend_itself(&error) => NotReady::Yet(error.into()),
            Self::Sqlite(_) => NotReady::EverByItself(error.into()),
        }
    }
}

async fn check_postgres(db: &dispatcher_postgres::Db) -> Result<(), NotReady> {
    use dispatcher_postgres::migrations::{SchemaError, check};
    let error = match check(db).await {
        Ok(fit) => {
            notice(fit);
            return Ok(());
        }
        Err(error) => error,
    };
    let transient = error.is_transient();
    match error {
        SchemaError::Store(error) => {
            Err(explain_postgres(Trouble::of(&error), transient, SchemaError::Store(error)))
        }
        error => Err(NotReady::EverByItself(error.into())),
    }
}

fn explain_postgres(
    trouble: Option<Trouble>,
    transient: bool,
    error: impl Error + Send + Sync + 'static,
) -> NotReady {
    let error = anyhow!(error);
    let told = match trouble {
        Some(trouble) if transient => error.context(what_to_check(trouble)),
        // It may be we who refuse.
        Some(trouble @ (Trouble::Tls | Trouble::Address)) => {
            error.context(format!("the database cannot be used: {}", what_to_check(trouble)))
        }
        Some(trouble) => {
            error.context(format!("the database refuses us: {}", what_to_check(trouble)))
        }
        None => error,
    };
    if transient { NotReady::Yet(told) } else { NotReady::EverByItself(told) }
}

fn what_to_check(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Address => {
            "check that PostgreSQL is up, and that DB_HOST and DB_PORT (or DATABASE_URL) lead to it"
        }
        Trouble::Tls => {
            "check the TLS of the server and its certificate, DB_SSLMODE and DB_SSLROOTCERT"
        }
        Trouble::Login => "check DB_USER and DB_PASSWORD (or DATABASE_URL), and that it may log in",
        Trouble::Database => "make that database, or check DB_NAME (or DATABASE_URL)",
        Trouble::Permission => {
            "GRANT its user (DB_USER) SELECT, INSERT, UPDATE and DELETE on all our tables"
        }
        Trouble::ReadOnly => {
            "this is a standby: DB_HOST (or DATABASE_URL) must lead to the primary, or name all servers"
        }
        Trouble::Room => {
            "the server has no room for us: lower DB_POOL_SIZE, or raise its max_connections"
        }
    }
}

async fn check_sqlite(db: &dispatcher_sqlite::Db) -> Result<(), NotReady> {
    use dispatcher_sqlite::migrations::{SchemaError, check};
    check(db).await.map(notice).map_err(|error| match &error {
        SchemaError::Store(store) if may_mend_itself(store) => NotReady::Yet(error.into()),
        _ => NotReady::EverByItself(error.into()),
    })
}

/// Tells once, at the start, that a newer version has been here.
fn notice(fit: Fit) {
    if let Fit::AddedTo { found, known } = fit {
        tracing::info!(
            found,
            known,
            "the database is of a newer version, which lets this one stay: replace it when you can"
        );
    }
}

/// Others may end their transaction or make room; nobody gives permission
/// unasked, so at a start its lack is told at once.
fn may_mend_itself(error: &StoreError) -> bool {
    let file = error.source().and_then(|source| source.downcast_ref::<FileError>());
    let closed = |file| matches!(file, &FileError::ReadOnly { .. } | &FileError::CannotOpen { .. });
    error.is_transient() && !file.is_some_and(closed)
}

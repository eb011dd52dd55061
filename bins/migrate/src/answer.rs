//! What a command has to tell, whatever the database, and whoever reads it.

use dispatcher_postgres::PgServer;
use dispatcher_schema::{FailedStatement, Schema};
use dispatcher_wiring::exit;
use jiff::Timestamp;
use std::{fmt, time::Duration};

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Postgres { servers: Vec<PgServer>, name: String, user: String },
    Sqlite { path: String },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres { servers, name, user } => {
                let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
                write!(f, "database {name} at {}, user {user}", servers.join(" or "))
            }
            Self::Sqlite { path } => write!(f, "database file {path}"),
        }
    }
}

/// What a command tells. A command that fails may have something to tell, too.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its word on the command line.
    pub(crate) command: &'static str,
    /// None: the settings do not tell.
    pub(crate) place: Option<Place>,
    pub(crate) told: Told,
    pub(crate) failure: Option<Failure>,
}

impl Answer {
    pub(crate) fn exit_code(&self) -> u8 {
        self.failure.as_ref().map_or(0, |failure| failure.kind.exit_code())
    }
}

#[derive(Debug)]
pub(crate) enum Told {
    Nothing,
    Up(Up),
    Status(Status),
    Plan(Plan),
    /// `verify` tells the same as `status`, and judges.
    Verify(Status),
}

/// What a run did.
#[derive(Debug, Default)]
pub(crate) struct Up {
    pub(crate) applied: Vec<String>,
    /// Of the schema now; none where the run failed.
    pub(crate) version: Option<i32>,
    pub(crate) adopted: Option<Adopted>,
}

/// The Go service's table was taken over.
#[derive(Debug)]
pub(crate) struct Adopted {
    pub(crate) rows: u64,
    pub(crate) queued: u64,
    pub(crate) sent: u64,
    pub(crate) rejected: u64,
    pub(crate) locked_for: Duration,
    pub(crate) first_send_at: Option<Timestamp>,
}

/// What a database has.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) schema: Schema,
    /// Whether there is a file; a server always has its database.
    pub(crate) exists: bool,
    pub(crate) first_run: Option<FirstRun>,
}

/// What a run would do.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) status: Status,
    /// None: nothing.
    pub(crate) sql: Option<String>,
}

/// What a first run would meet.
#[derive(Debug)]
pub(crate) struct FirstRun {
    pub(crate) table: Option<Table>,
    pub(crate) warnings: Vec<String>,
    pub(crate) in_the_way: Vec<String>,
}

/// The Go service's table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) bytes_needed: u64,
}

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// All of it, for people: several lines, and no secret.
    pub(crate) message: String,
    /// Things to mend, one by one.
    pub(crate) in_the_way: Vec<String>,
    /// The statement that failed.
    pub(crate) statement: Option<FailedStatement>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), in_the_way: vec![], statement: None }
    }
}

/// What a script may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The settings.
    Settings,
    /// Not there, not for us, or in use.
    Unavailable,
    /// Something in the database is in the way of a first run.
    InTheWay,
    /// The database is newer than this program.
    Newer,
    /// The history differs from what this program knows.
    Differs,
    /// `verify`: there is something to apply.
    Pending,
    /// A statement failed.
    Statement,
    /// Anything else.
    Other,
}

impl Kind {
    /// Its word in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Unavailable => "unavailable",
            Self::InTheWay => "in_the_way",
            Self::Newer => "newer",
            Self::Differs => "differs",
            Self::Pending => "pending",
            Self::Statement => "statement",
            Self::Other => "other",
        }
    }

    fn exit_code(self) -> u8 {
        /// The database needs somebody to look at it.
        const FAILED: u8 = 1;
        match self {
            Self::Settings => exit::USAGE,
            Self::Unavailable => exit::UNAVAILABLE,
            _ => FAILED,
        }
    }
}

//! What the help says beyond the options.

/// Wider terminals get no wider text. The texts here are no wider themselves.
pub(crate) const COLUMNS: usize = 100;

pub(crate) const SHORT: &str = "\
Examples:
  message-dispatcher-migrate
  message-dispatcher-migrate status

--help tells more: settings, exit codes, the meaning of each command.";

pub(crate) const LONG: &str = "\
Examples:
  Before the new servers start; waits for a database that is still coming up:
    message-dispatcher-migrate --wait 5m
  Look before you leap: what would it do, and what stands in the way?
    message-dispatcher-migrate status
    message-dispatcher-migrate plan > plan.sql
  In a script: is this database the one that these programs need?
    message-dispatcher-migrate verify --json | jq .error
  Another database:
    DATABASE_URL=postgres://me@db/messages_db DB_PASSWORD=… message-dispatcher-migrate
    DATABASE_URL=sqlite:///var/lib/dispatcher/messages.db message-dispatcher-migrate

Settings:
  The database is found by the variables of the server, in the environment or in .env of the
  working directory. The others may be wrong or missing.
  DATABASE_URL     postgres://… or, for a file of one machine, sqlite:///path
  DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD, DB_SSLMODE, DB_SSLROOTCERT   instead of it
  LEGACY_TIMEZONE  the time zone that the times of a Go service are in (UTC)
  LOG_LEVEL        debug, info, warn or error; with LOG_FORMAT json, text or auto

PostgreSQL:
  The user must be allowed to create tables, and own the table of a Go service. Connect to the
  server itself, not to a pooler such as PgBouncer in transaction mode: the lock that keeps two
  migrations apart belongs to a session.

SQLite:
  The file is made where there is none, for its owner only. Its directory must be there.

Exit codes:
   0  the database is up to date (up, verify), or what was asked for was printed (status, plan)
   1  something in the database stands in the way, all of it listed; a migration failed; the
      database is newer than this program, or not what it made; the file cannot be opened or
      written; verify: migrations are pending
  64  the command line or a setting is wrong; all wrong settings are listed
  69  the database cannot be reached, refuses the login, or is in use by others: try again

docs/migrations.md has the fields of --json.";

pub(crate) const STATUS: &str = "\
Prints a line for each migration: applied, pending, altered (applied with another text than this
program has), missing (a later one is applied) or unknown (this program does not have it). On a
new or a Go service's database it also looks for what would stand in the way of a first run.
Exit code 1: `up` would refuse this database.";

pub(crate) const PLAN: &str = "\
Prints what `up` would run now on this database, in order, as a script with comments; a comment,
where there is nothing to do. The script refuses to run on another schema than it was made for:
  message-dispatcher-migrate plan > plan.sql
  psql -v ON_ERROR_STOP=1 -f plan.sql          or: sqlite3 -bail messages.db < plan.sql";

pub(crate) const VERIFY: &str = "\
Exit code 0 says that the database has all migrations of this program, word for word (by their
checksums), and no others. Anything else is 1, pending migrations too, and is told line by line.";

//! What a new database must offer as well.

use super::{MigrateError, Problem};
use tokio_postgres::{Client, Transaction, error::SqlState, types::Type};

/// `gen_random_uuid` is built in from there on.
const OLDEST: i32 = 130_000;

/// The server knows other zones than this program might.
pub(super) async fn zone_problem(
    client: &Client,
    timezone: &str,
) -> Result<Option<Problem>, MigrateError> {
    let sql = "SELECT now() AT TIME ZONE $1";
    match client.query_typed(sql, &[(&timezone, Type::TEXT)]).await {
        Ok(_) => Ok(None),
        Err(error) if error.code() == Some(&SqlState::INVALID_PARAMETER_VALUE) => {
            Ok(Some(Problem::new(
                format!("the server knows no time zone {timezone}"),
                "set LEGACY_TIMEZONE to a name such as UTC or Europe/Istanbul",
            )))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn problems(tx: &Transaction<'_>) -> Result<Vec<Problem>, MigrateError> {
    let sql = "SELECT current_setting('server_version_num')::integer, getdatabaseencoding()::text, \
                      current_user::text, current_schema()::text, \
                      has_schema_privilege(current_schema(), 'CREATE')";
    let Some(row) = tx.query_typed(sql, &[]).await?.pop() else { return Ok(vec![]) };
    let (version, encoding, user) =
        (row.get::<_, i32>(0), row.get::<_, &str>(1), row.get::<_, &str>(2));
    let schema: Option<&str> = row.get(3);
    let may_create: Option<bool> = row.get(4);
    let mut problems = vec![];
    if version < OLDEST {
        problems.push(Problem::new("the server is too old", "use PostgreSQL 13 or newer"));
    }
    if encoding != "UTF8" {
        problems.push(Problem::new(
            format!("the database is encoded in {encoding}"),
            "dump it and restore it into one made with ENCODING 'UTF8'",
        ));
    }
    match schema {
        None => problems.push(Problem::new(
            format!("no schema of the search_path of user {user} exists"),
            "create one, or set another search_path",
        )),
        Some(schema) if may_create != Some(true) => problems.push(Problem::new(
            format!("user {user} may not create tables in schema {schema}"),
            format!("GRANT CREATE ON SCHEMA {schema} TO {user}, or migrate as another user"),
        )),
        Some(_) => {}
    }
    Ok(problems)
}

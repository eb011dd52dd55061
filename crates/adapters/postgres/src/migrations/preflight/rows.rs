//! The rows: what of them cannot be kept as it is.

use super::{FoundTable, MigrateError, Problem};
use tokio_postgres::{Row, Transaction, types::Type};

pub(super) struct Rows {
    pub(super) table: FoundTable,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

/// Years that every program can read. A day of room on both ends: no time zone
/// shifts a time by more.
const EARLIEST: &str = "0001-01-02";
const LATEST: &str = "9999-12-30";

pub(super) async fn look(
    tx: &Transaction<'_>,
    table: u32,
    timezone: &str,
) -> Result<Rows, MigrateError> {
    let checks = [
        ("phone_number IS NULL", "no phone_number"),
        ("content IS NULL", "no content"),
        ("length(phone_number) > 20", "a phone_number of more than 20 characters"),
    ];
    let dates = format!("(created_at < '{EARLIEST}' OR created_at >= '{LATEST}')");
    let checks = checks
        .into_iter()
        .chain([(dates.as_str(), "a created_at before the year 1 or after the year 9999")]);
    let mut problems = vec![];
    let counts: Vec<_> = checks.collect();
    let columns: String =
        counts.iter().map(|(sql, _)| format!(", count(*) FILTER (WHERE {sql})")).collect();
    let sql = format!(
        "SELECT count(*), pg_total_relation_size($1::oid::regclass){columns} FROM messages"
    );
    let Some(row) = tx.query_typed(&sql, &[(&table, Type::OID)]).await?.pop() else {
        return Ok(Rows { table: FoundTable { rows: 0, bytes: 0 }, problems, warnings: vec![] });
    };
    for (at, (sql, what)) in counts.iter().enumerate() {
        let found: i64 = row.get(2 + at);
        if found > 0 {
            problems.push(Problem::new(
                format!("{found} rows of messages have {what}"),
                format!("mend or delete those WHERE {sql}"),
            ));
        }
    }
    let found = FoundTable { rows: unsigned(row.get(0)), bytes: unsigned(row.get(1)) };
    let warnings = if found.rows == 0 { vec![] } else { zone_warning(tx, table, timezone).await? };
    Ok(Rows { table: found, problems, warnings })
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

/// DEFAULT NOW() wrote the time of the database's zone, unless the writers set
/// another one.
async fn zone_warning(
    tx: &Transaction<'_>,
    table: u32,
    timezone: &str,
) -> Result<Vec<String>, MigrateError> {
    let sql = "SELECT current_setting('TimeZone') FROM pg_attribute \
               WHERE attrelid = $1 AND attname = 'created_at' AND atttypid = 'timestamp'::regtype \
                 AND now() AT TIME ZONE current_setting('TimeZone') <> now() AT TIME ZONE $2";
    let rows = tx.query_typed(sql, &[(&table, Type::OID), (&timezone, Type::TEXT)]).await?;
    let warning = |row: &Row| {
        format!(
            "the times in messages are read in {timezone} (LEGACY_TIMEZONE), but the time zone of \
             this database is {}: if its own clock wrote them, they are shifted",
            row.get::<_, &str>(0)
        )
    };
    Ok(rows.iter().map(warning).collect())
}

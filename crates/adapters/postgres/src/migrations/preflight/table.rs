//! The thing called `messages`: what it is, and whose.

use super::{MigrateError, Problem};
use tokio_postgres::Transaction;

pub(super) struct Found {
    pub(super) oid: u32,
    /// An ordinary table, whose columns are worth a look.
    pub(super) is_plain: bool,
    /// We may read and change it.
    pub(super) is_ours: bool,
    pub(super) problems: Vec<Problem>,
}

/// Looks for what the name `messages` means to us.
pub(super) async fn find(tx: &Transaction<'_>) -> Result<Option<Found>, MigrateError> {
    let sql = "\
        SELECT c.oid, c.relkind = 'r' AS is_table, \
               CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' \
                   WHEN 'p' THEN 'a partitioned table' WHEN 'f' THEN 'a foreign table' \
                   ELSE 'no table' END AS kind, \
               c.relpersistence <> 'p' AS is_volatile, \
               c.reloftype <> 0 OR EXISTS (SELECT FROM pg_inherits \
                   WHERE inhrelid = c.oid OR inhparent = c.oid) AS is_related, \
               pg_has_role(c.relowner, 'USAGE') AS is_ours, \
               pg_get_userbyid(c.relowner)::text AS owner, current_user::text AS me, \
               c.relnamespace::regnamespace::text AS schema, current_schema()::text AS new_tables, \
               n.nspname = current_schema() AS is_here \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.oid = to_regclass('messages')";
    let Some(row) = tx.query_typed(sql, &[]).await?.pop() else { return Ok(None) };
    let text = |name: &str| row.get::<_, Option<&str>>(name).unwrap_or_default();
    let mut problems = vec![];
    let mut no = |what: String, way_out: &str| problems.push(Problem::new(what, way_out));
    if row.get("is_table") {
        if row.get("is_volatile") {
            no(
                "the table messages is temporary or unlogged: a crash would empty it".to_owned(),
                "ALTER TABLE messages SET LOGGED",
            );
        }
        if row.get("is_related") {
            no(
                "the table messages has a parent, children or a type of its own".to_owned(),
                "copy its rows into a plain table of that name",
            );
        }
    } else {
        no(
            format!("messages is {}", text("kind")),
            "use another database, or copy its rows into a plain table of that name",
        );
    }
    if !row.get::<_, Option<bool>>("is_here").unwrap_or_default() {
        no(
            format!(
                "the table messages is in schema {}, and new tables would go to {}",
                text("schema"),
                text("new_tables")
            ),
            "set the search_path of the user so that its schema comes first",
        );
    }
    let is_ours: bool = row.get("is_ours");
    if !is_ours {
        let way_out = format!("migrate as {}, or make {} its owner", text("owner"), text("me"));
        no(format!("the table messages belongs to {}", text("owner")), &way_out);
    }
    Ok(Some(Found { oid: row.get("oid"), is_plain: row.get("is_table"), is_ours, problems }))
}

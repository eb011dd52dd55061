//! Names that our migrations will need.

use super::{MigrateError, Problem};
use crate::migrations::known;
use std::collections::BTreeSet;
use tokio_postgres::{
    Row, Transaction,
    types::{ToSql, Type},
};

/// What the migrations make, as their own text has it: a list of its own would
/// be forgotten with the next one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) relations: BTreeSet<String>,
    pub(super) functions: BTreeSet<String>,
    pub(super) columns: BTreeSet<String>,
}

impl Names {
    pub(super) fn ours() -> Self {
        let mut names = Self::default();
        for migration in known() {
            names.read(&migration.sql);
        }
        names
    }

    fn read(&mut self, sql: &str) {
        let code = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        let words: Vec<&str> = code.flat_map(str::split_whitespace).collect();
        for window in words.windows(3) {
            let into = match window {
                // With IF NOT EXISTS it may be there, and is no clash.
                [_, _, "IF"] => continue,
                ["CREATE", "TABLE" | "INDEX", _] | ["UNIQUE", "INDEX", _] => &mut self.relations,
                ["CREATE", "FUNCTION", _] => &mut self.functions,
                ["ADD", "COLUMN", _] => &mut self.columns,
                _ => continue,
            };
            let name = window[2].split('(').next().unwrap_or_default();
            into.insert(name.to_owned());
        }
    }
}

/// The predecessor's indexes: they may be there, on its table.
const PREDECESSORS: [&str; 3] =
    ["idx_messages_sent_created", "idx_messages_phone", "idx_messages_sent"];

pub(super) async fn problems(tx: &Transaction<'_>) -> Result<Vec<Problem>, MigrateError> {
    let names = Names::ours();
    let relations: Vec<&String> = names.relations.iter().collect();
    let functions: Vec<&String> = names.functions.iter().collect();
    let sql = "\
        SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' \
                   WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index' ELSE 'table' END, oid::regclass::text \
        FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) \
            AND (relname = ANY ($1) OR relname = ANY ($3) AND NOT EXISTS ( \
                SELECT FROM pg_index WHERE indexrelid = pg_class.oid \
                    AND indrelid = to_regclass('messages'))) \
        UNION ALL SELECT 'function', oid::regprocedure::text FROM pg_proc \
        WHERE pronamespace = to_regnamespace(quote_ident(current_schema())) AND proname = ANY ($2) \
        ORDER BY 1, 2";
    let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
        (&relations, Type::TEXT_ARRAY),
        (&functions, Type::TEXT_ARRAY),
        (&&PREDECESSORS[..], Type::TEXT_ARRAY),
    ];
    let rows = tx.query_typed(sql, &parameters).await?;
    let problem = |row: &Row| {
        let (kind, name): (&str, &str) = (row.get(0), row.get(1));
        Problem::new(
            format!("the {kind} {name} has a name that this program needs"),
            "rename it, or use another database",
        )
    };
    Ok(rows.iter().map(problem).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_text_and_not_from_comments() {
        let mut names = Names::default();
        names.read(
            "-- CREATE TABLE nothing (\nCREATE TABLE parcels (id int); CREATE UNIQUE INDEX one\n\
             ON parcels (id); CREATE INDEX IF NOT EXISTS two ON parcels (id);\n\
             CREATE FUNCTION ship() RETURNS int; ALTER TABLE parcels\n ADD COLUMN weight int;",
        );
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        assert_eq!(names.relations, set(&["parcels", "one"]));
        assert_eq!(names.functions, set(&["ship"]));
        assert_eq!(names.columns, set(&["weight"]));
    }

    #[test]
    fn our_migrations_make_what_they_are_known_to_make() {
        let names = Names::ours();
        for relation in ["attempts", "dispatch_control", "messages_due", "messages_uuid"] {
            assert!(names.relations.contains(relation), "{relation}");
        }
        assert!(names.functions.contains("dispatch_now"));
        assert!(names.columns.contains("status") && names.columns.contains("uuid"));
        assert!(!names.relations.contains("messages"), "it may be there");
    }
}

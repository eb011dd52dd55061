//! The five columns of the predecessor, its key and its sequence.

use super::{MigrateError, Problem, names::Names};
use std::collections::BTreeMap;
use tokio_postgres::{Transaction, types::Type};

pub(super) struct Columns {
    pub(super) problems: Vec<Problem>,
    /// All five are there, so that the rows can be looked at.
    pub(super) are_readable: bool,
    /// Those whose type will be set.
    pub(super) changing: Vec<String>,
}

struct Expected {
    name: &'static str,
    /// What it will be.
    becomes: &'static str,
    /// Types that can become that.
    right: &'static [&'static str],
}

const TEXTS: &[&str] = &["character varying", "text"];
const EXPECTED: [Expected; 5] = [
    Expected { name: "id", becomes: "bigint", right: &["integer", "bigint"] },
    Expected { name: "phone_number", becomes: "character varying(20)", right: TEXTS },
    Expected { name: "content", becomes: "text", right: TEXTS },
    Expected { name: "sent", becomes: "boolean", right: &["boolean"] },
    Expected {
        name: "created_at",
        becomes: "timestamp with time zone",
        right: &["timestamp without time zone", "timestamp with time zone"],
    },
];

pub(super) async fn look(tx: &Transaction<'_>, table: u32) -> Result<Columns, MigrateError> {
    let there = types(tx, table).await?;
    let mut columns = Columns { problems: vec![], are_readable: true, changing: vec![] };
    for expected in EXPECTED {
        let problem = match there.get(expected.name) {
            None => format!("the table messages has no column {}", expected.name),
            // Left alone. The others are changed in any case, be it to what they are.
            Some((full, _)) if full == expected.becomes && expected.name == "phone_number" => {
                continue;
            }
            Some((_, plain)) if expected.right.contains(&plain.as_str()) => {
                columns.changing.push(expected.name.to_owned());
                continue;
            }
            Some((full, _)) => format!("the column {} is of type {full}", expected.name),
        };
        columns.are_readable = false;
        let right = expected.right.join(" or ");
        columns.problems.push(Problem::new(
            problem,
            format!("the predecessor's has {} {right}: is this another table?", expected.name),
        ));
    }
    for taken in Names::ours().columns.iter().filter(|name| there.contains_key(*name)) {
        columns.problems.push(Problem::new(
            format!("the table messages has a column {taken}, a name that this program needs"),
            "rename that column",
        ));
    }
    if columns.are_readable {
        columns.problems.extend(key_and_sequence(tx, table).await?);
    }
    Ok(columns)
}

type Types = BTreeMap<String, (String, String)>;

/// Each column's type, with its length and without.
async fn types(tx: &Transaction<'_>, table: u32) -> Result<Types, MigrateError> {
    let sql = "SELECT attname::text, format_type(atttypid, atttypmod), format_type(atttypid, NULL) \
               FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped";
    let rows = tx.query_typed(sql, &[(&table, Type::OID)]).await?;
    Ok(rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect())
}

async fn key_and_sequence(tx: &Transaction<'_>, table: u32) -> Result<Vec<Problem>, MigrateError> {
    let sql = "\
        WITH id AS (SELECT attrelid, attnum FROM pg_attribute WHERE attrelid = $1 AND attname = 'id'), \
        sequences AS ( \
            SELECT uses.refobjid AS oid FROM id \
            JOIN pg_attrdef def ON def.adrelid = id.attrelid AND def.adnum = id.attnum \
            JOIN pg_depend uses ON uses.classid = 'pg_attrdef'::regclass AND uses.objid = def.oid \
                AND uses.refclassid = 'pg_class'::regclass \
            UNION SELECT ident.objid FROM id \
            JOIN pg_depend ident ON ident.refobjid = id.attrelid AND ident.refobjsubid = id.attnum \
                AND ident.classid = 'pg_class'::regclass AND ident.deptype = 'i') \
        SELECT EXISTS (SELECT FROM pg_index, id WHERE indrelid = id.attrelid AND indisprimary \
                   AND indnkeyatts = 1 AND indkey[0] = id.attnum) AS is_key, \
               count(c.oid) AS sequences, \
               min(c.oid::regclass::text) FILTER (WHERE NOT pg_has_role(c.relowner, 'USAGE')) AS foreign_one \
        FROM pg_class c JOIN sequences USING (oid) WHERE c.relkind = 'S'";
    let mut problems = vec![];
    let row = tx.query_typed(sql, &[(&table, Type::OID)]).await?.pop();
    let Some(row) = row else { return Ok(problems) };
    if !row.get::<_, bool>("is_key") {
        problems.push(Problem::new(
            "the column id is not the primary key of messages",
            "ALTER TABLE messages ADD PRIMARY KEY (id)",
        ));
    }
    if row.get::<_, i64>("sequences") != 1 {
        problems.push(Problem::new(
            "the column id takes its values from no sequence that can be found",
            "give it the default nextval('…'::regclass)",
        ));
    }
    if let Some(name) = row.get::<_, Option<&str>>("foreign_one") {
        problems.push(Problem::new(
            format!("the sequence {name} of the column id belongs to somebody else"),
            "make the user that migrates its owner",
        ));
    }
    Ok(problems)
}

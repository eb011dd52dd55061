//! What hangs on the columns that change, so that PostgreSQL would refuse to
//! change them, or that could not live with what follows.

use super::{MigrateError, Problem};
use tokio_postgres::{Row, Transaction, types::Type};

pub(super) async fn problems(
    tx: &Transaction<'_>,
    table: u32,
    changing: &[String],
) -> Result<Vec<Problem>, MigrateError> {
    let mut problems = vec![];
    for row in
        tx.query_typed(BLOCKING, &[(&table, Type::OID), (&changing, Type::TEXT_ARRAY)]).await?
    {
        problems.push(on_columns(&row));
    }
    for row in tx.query_typed(CHECKS, &[(&table, Type::OID)]).await? {
        problems.push(Problem::new(
            format!("the constraint {} judges the column sent", row.get::<_, &str>(0)),
            "drop it: sent is NULL while a message is neither queued nor sent",
        ));
    }
    for row in tx.query_typed(ROW_TYPE, &[(&table, Type::OID)]).await? {
        problems.push(Problem::new(
            format!("the column {} is of the row type of messages", row.get::<_, &str>(0)),
            "drop it, or store the columns one by one",
        ));
    }
    for row in tx.query_typed(REFERENCES, &[(&table, Type::OID)]).await? {
        problems.push(Problem::new(
            format!("the table {} of another user has a foreign key to it", row.get::<_, &str>(0)),
            "drop that key, or migrate as a user who owns both",
        ));
    }
    Ok(problems)
}

fn on_columns(row: &Row) -> Problem {
    let (what, columns): (&str, &str) = (row.get(0), row.get(1));
    Problem::new(
        format!("{what} uses {columns}, whose type must change"),
        "drop it, and make it anew afterwards",
    )
}

/// Constraints and indexes on those columns are made anew by the change itself.
const BLOCKING: &str = "\
    SELECT CASE WHEN view.relkind IN ('v', 'm') \
               THEN CASE view.relkind WHEN 'v' THEN 'the view ' ELSE 'the materialized view ' END \
                    || view.oid::regclass \
               WHEN d.classid IN ('pg_attrdef'::regclass, 'pg_class'::regclass) \
               THEN 'the generated column ' || generated.attname \
               ELSE 'the ' || pg_describe_object(d.classid, d.objid, d.objsubid) END AS what, \
           string_agg(DISTINCT used.attname, ', ') AS columns \
    FROM pg_depend d \
    JOIN pg_attribute used ON used.attrelid = d.refobjid AND used.attnum = d.refobjsubid \
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid \
    LEFT JOIN pg_class view ON view.oid = r.ev_class \
    LEFT JOIN pg_attrdef def ON d.classid = 'pg_attrdef'::regclass AND def.oid = d.objid \
    LEFT JOIN pg_attribute generated ON generated.attrelid = d.refobjid \
        AND generated.attgenerated <> '' AND generated.attnum = CASE \
            WHEN d.classid = 'pg_class'::regclass AND d.objid = d.refobjid THEN d.objsubid \
            ELSE def.adnum END \
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND used.attname = ANY ($2) \
      AND (d.classid IN (to_regclass('pg_rewrite'), to_regclass('pg_trigger'), \
                         to_regclass('pg_policy'), to_regclass('pg_proc'), \
                         to_regclass('pg_publication_rel')) \
           OR generated.attnum IS NOT NULL) \
    GROUP BY 1 ORDER BY 1";

const CHECKS: &str = "\
    SELECT conname::text FROM pg_constraint c JOIN pg_attribute a \
        ON a.attrelid = c.conrelid AND a.attname = 'sent' AND a.attnum = ANY (c.conkey) \
    WHERE c.conrelid = $1 AND c.contype = 'c' ORDER BY 1";

const ROW_TYPE: &str = "\
    SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a \
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm') \
    JOIN pg_class messages ON messages.oid = $1 \
    JOIN pg_type row ON row.oid = messages.reltype \
    WHERE a.atttypid IN (row.oid, row.typarray) AND a.attnum > 0 ORDER BY 1";

const REFERENCES: &str = "\
    SELECT DISTINCT c.oid::regclass::text FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid \
    WHERE f.confrelid = $1 AND f.contype = 'f' AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1";

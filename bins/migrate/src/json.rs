//! Answers for programs. The fields are described in `docs/migrations.md`, and
//! scripts rely on them: add to them, and change none.

use crate::{
    answer::{Adopted, Answer, Failure, FirstRun, Place, Status, Told},
    text::word,
};
use dispatcher_schema::{FailedStatement, MigrationStatus, Schema};
use serde_json::{Map, Value, json};

/// One object, on one line.
pub(crate) fn of(answer: &Answer) -> String {
    let mut object = Map::new();
    object.insert("command".to_owned(), json!(answer.command));
    object.insert("exit_code".to_owned(), json!(answer.exit_code()));
    object.insert("database".to_owned(), answer.place.as_ref().map_or(Value::Null, place));
    object.extend(told(&answer.told));
    object.insert("error".to_owned(), answer.failure.as_ref().map_or(Value::Null, failure));
    format!("{}\n", Value::Object(object))
}

fn place(place: &Place) -> Value {
    match place {
        Place::Postgres { servers, name, user } => {
            let first = servers.first();
            let (host, port) = (first.map(|it| &it.host), first.map(|it| it.port));
            let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
            json!({
                "kind": "postgres", "host": host, "port": port, "servers": servers,
                "name": name, "user": user,
            })
        }
        Place::Sqlite { path } => json!({ "kind": "sqlite", "path": path }),
    }
}

fn told(told: &Told) -> Map<String, Value> {
    let fields = match told {
        Told::Nothing => json!({}),
        Told::Up(up) => json!({
            "applied": up.applied,
            "version": up.version,
            "adopted": up.adopted.as_ref().map(adopted),
        }),
        Told::Status(status) | Told::Verify(status) => self::status(status),
        Told::Plan(plan) => {
            let mut fields = status(&plan.status);
            fields["sql"] = json!(plan.sql);
            fields
        }
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn adopted(adopted: &Adopted) -> Value {
    let Adopted { rows, queued, sent, rejected, locked_for, first_send_at } = adopted;
    json!({
        "rows": rows,
        "queued": queued,
        "sent": sent,
        "rejected": rejected,
        "locked_seconds": locked_for.as_secs_f64(),
        "first_send_at": first_send_at.map(|at| at.to_string()),
    })
}

fn status(status: &Status) -> Value {
    let Status { schema, exists, first_run } = status;
    json!({
        "schema": versions(schema),
        "migrations": schema.migrations().iter().map(migration).collect::<Vec<_>>(),
        "pending": schema.pending().count(),
        "exists": exists,
        "first_run": first_run.as_ref().map(self::first_run),
    })
}

fn versions(schema: &Schema) -> Value {
    json!({ "found": schema.found(), "needed": schema.needed() })
}

fn migration(MigrationStatus { version, name, state }: &MigrationStatus) -> Value {
    json!({ "version": version, "name": name, "state": word(*state) })
}

fn first_run(FirstRun { table, warnings, in_the_way }: &FirstRun) -> Value {
    let table = table.as_ref().map(|table| {
        json!({
            "rows": table.rows,
            "bytes": table.bytes,
            "bytes_needed": table.bytes_needed,
        })
    });
    json!({ "table": table, "warnings": warnings, "in_the_way": in_the_way })
}

fn failure(failure: &Failure) -> Value {
    let Failure { kind, message, in_the_way, statement } = failure;
    json!({
        "kind": kind.word(),
        "message": message,
        "in_the_way": in_the_way,
        "statement": statement.as_ref().map(self::statement),
    })
}

fn statement(statement: &FailedStatement) -> Value {
    let FailedStatement { migration, line, statement, code, message, detail, hint } = statement;
    json!({
        "migration": migration,
        "line": line,
        "sql": statement,
        "code": code,
        "message": message,
        "detail": detail,
        "hint": hint,
    })
}

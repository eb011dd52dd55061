//! What only a real PostgreSQL server can show: migrations, many replicas at
//! once, programs that write by SQL, broken connections, plans.

#[path = "../support/mod.rs"]
mod support;

mod adoption;
mod concurrency;
mod doubt;
mod example;
mod failures;
mod foreign_writers;
mod migrations;
mod own_writes;
mod plans;
mod pooler;
mod reused_ids;
mod rollback;
mod scheduled;
mod schema_check;
mod steps;

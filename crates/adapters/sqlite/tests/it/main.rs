//! What only a real file can show: migrations, programs that write by SQL,
//! kills, files that are wrong, plans.

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod beside_readers;
mod clocks;
#[cfg(unix)]
mod crashes;
mod deadlines;
mod doubt;
mod foreign_texts;
mod foreign_writers;
mod migrations;
mod one_sender;
mod opening;
mod operators;
mod own_writes;
mod plans;
mod queue_stats;
mod restarts;
mod reused_ids;
mod scheduled;
mod schema_check;
mod steps;

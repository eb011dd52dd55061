//! The program, as a process, on real databases.

mod adoption;
mod failing;
mod helpers;
mod json;
mod judging;
mod locks;
mod pooler;
mod sqlite;
mod telling;
mod tls;
mod up;
mod waiting;

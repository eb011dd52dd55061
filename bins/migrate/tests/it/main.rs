//! The program, as a process, on real databases.

mod adoption;
mod failing;
mod helpers;
mod pooler;
mod telling;
mod tls;
mod up;
mod waiting;

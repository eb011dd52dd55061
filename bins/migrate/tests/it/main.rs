//! The program, as a process, on real databases.

mod adoption;
mod failing;
mod helpers;
mod telling;
mod up;
mod waiting;

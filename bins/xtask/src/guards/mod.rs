//! `cargo xtask guards`: does somebody notice when something that says no is taken out of the code?
//!
//! Each guard alone: a test of its place must turn red, or the table names what else says no, so that
//! nobody can see it. Each pair: the simulation must see a promise broken, or a step that nobody may take;
//! if it does not, a test must. All of it on a copy under `target/guards`; it takes long: not in CI.

mod bill;
mod copy;
mod guard;
mod judge;
mod pairs;
mod singles;
mod table;

use anyhow::ensure;
use bill::Bill;
use copy::Copy;
use guard::{Guard, Place};

/// What is removed, and who looks how closely.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Removes the guards of this place only.
    #[arg(long, value_enum)]
    store: Option<Place>,
    /// Removes two at a time, of those that the simulation meets.
    #[arg(long)]
    pairs: bool,
    /// Removes this guard only, or the pairs that it is one of; may be said several times.
    #[arg(long)]
    only: Vec<String>,
    /// How many schedules the simulation plays at most for each pair.
    #[arg(long, default_value_t = 6_000)]
    count: u64,
    /// From which seed on.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Options {
    fn wants(&self, guard: &Guard) -> bool {
        self.store.is_none_or(|store| store == guard.place) && self.names(guard)
    }

    fn names(&self, guard: &Guard) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == guard.name)
    }
}

/// Removes what `options` choose, and fails if something escaped.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let copy = Copy::new()?;
    let mut bill = Bill::default();
    if options.pairs {
        pairs::run(options, &copy, &mut bill)?;
    } else {
        singles::run(options, &copy, &mut bill)?;
    }
    ensure!(bill.removals > 0, "no guard is chosen");
    bill.verdict()
}

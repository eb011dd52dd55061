//! One guard at a time.

use anyhow::{bail, ensure};

use super::Options;
use super::bill::Bill;
use super::copy::Copy;
use super::guard::{Guard, Place};
use super::judge::{Judge, Verdict};
use super::table;
use crate::services;

pub(crate) fn run(options: &Options, copy: &Copy, bill: &mut Bill) -> anyhow::Result<()> {
    for place in Place::ALL {
        let guards: Vec<&Guard> =
            table::all().filter(|it| it.place == place && options.wants(it)).collect();
        if guards.is_empty() {
            continue;
        }
        let postgres = if place == Place::Postgres { Some(services::prepare()?) } else { None };
        let url = postgres.as_ref().and_then(services::Postgres::url);
        let round = Round { copy, url: url.as_deref() };
        if place.is_woven() {
            round.with_one_build(&guards, bill)?;
        } else {
            round.with_a_build_each(&guards, bill)?;
        }
    }
    Ok(())
}

struct Round<'a> {
    copy: &'a Copy,
    url: Option<&'a str>,
}

impl Round<'_> {
    fn with_one_build(&self, guards: &[&Guard], bill: &mut Bill) -> anyhow::Result<()> {
        // All of them, whatever is wanted: the same build serves every choice.
        let woven: Vec<&Guard> = table::all().filter(|guard| guard.place.is_woven()).collect();
        self.copy.with_switches(&woven)?;
        let judges = Judge::of(guards[0], self.copy, self.url)?;
        must_be_silent(&judges)?;
        bill.begin(COLUMNS);
        guards.iter().try_for_each(|guard| self.judge(guard, &judges, bill))
    }

    fn with_a_build_each(&self, guards: &[&Guard], bill: &mut Bill) -> anyhow::Result<()> {
        bill.begin(COLUMNS);
        for (at, guard) in guards.iter().enumerate() {
            let before = &guards[..at];
            if !before.iter().any(|other| other.judged_by == guard.judged_by) {
                self.copy.whole()?;
                must_be_silent(&Judge::of(guard, self.copy, self.url)?)?;
            }
            self.copy.without(guard)?;
            let judges = Judge::of(guard, self.copy, self.url)?;
            self.judge(guard, &judges, bill)?;
        }
        self.copy.whole()
    }

    fn judge(&self, guard: &Guard, judges: &[Judge], bill: &mut Bill) -> anyhow::Result<()> {
        let start = format!("{} | {}", guard.name, guard.place.word());
        for judge in judges {
            match (judge.look_for(guard)?, guard.masked_by) {
                (Verdict::Silent, _) => {}
                (Verdict::Caught(by), None) => {
                    bill.note(&format!("{start} | {} | {by}", judge.name));
                    return Ok(());
                }
                (Verdict::Caught(by), Some(other)) => {
                    bail!("{} is not masked by {other}: {by} notices", guard.name)
                }
            }
        }
        match guard.masked_by {
            Some(other) => bill.note(&format!("{start} | nobody | masked: {other}")),
            None => bill.escaped(&format!("{start} | nobody | ESCAPED")),
        }
        Ok(())
    }
}

const COLUMNS: &str = "guard | place | judged by | noticed by";

/// A judge that is red already would notice everything.
pub(crate) fn must_be_silent(judges: &[Judge]) -> anyhow::Result<()> {
    for judge in judges {
        let verdict = judge.look(&[])?;
        ensure!(
            verdict == Verdict::Silent,
            "nothing is removed yet, and {} says {verdict:?}",
            judge.name
        );
    }
    Ok(())
}

//! The bill of a campaign.

use dispatcher_stage::{audit::Audit, doubt::Doubts};
use std::time::Duration;

/// The bill of one part of a campaign: one provider, say, or one store.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    /// Of what.
    pub(crate) part: String,
    /// How often something was done to the service.
    pub(crate) trials: u64,
    /// Messages sent.
    pub(crate) sent: usize,
    /// Messages lost.
    pub(crate) lost: usize,
    /// SMS more than promised.
    pub(crate) duplicated: usize,
    /// Messages in doubt.
    pub(crate) parked: usize,
    /// Those of them for which it is known what left them so.
    pub(crate) explained: usize,
    /// What is wrong, each in a sentence.
    pub(crate) violations: Vec<String>,
}

impl Bill {
    /// An empty one.
    pub(crate) fn of(part: impl Into<String>) -> Self {
        Self { part: part.into(), ..Self::default() }
    }

    /// Adds what the books said of a run.
    pub(crate) fn add(&mut self, audit: Audit) {
        self.sent += audit.sent;
        self.lost += audit.lost;
        self.duplicated += audit.duplicated;
        self.parked += audit.parked;
        self.violations.extend(audit.violations);
    }

    /// Adds what was in doubt, and why.
    pub(crate) fn add_doubts(&mut self, doubts: Doubts) {
        self.explained += doubts.explained;
        self.violations.extend(doubts.violations);
    }

    /// Notes that something is wrong, unless it `holds`.
    pub(crate) fn demand(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(otherwise());
        }
    }
}

/// The bills of a campaign.
#[derive(Debug)]
pub(crate) struct Report {
    bills: Vec<Bill>,
    figures: Vec<String>,
}

/// More than so many sentences help nobody.
const SENTENCES: usize = 20;

impl Report {
    pub(crate) fn of(bills: Vec<Bill>) -> Self {
        Self { bills, figures: Vec::new() }
    }

    /// The same, with a line of figures below the table.
    pub(crate) fn with(mut self, figures: impl Into<String>) -> Self {
        self.figures.push(figures.into());
        self
    }

    /// How many violations there are.
    pub(crate) fn violations(&self) -> usize {
        self.bills.iter().map(|bill| bill.violations.len()).sum()
    }

    /// Writes the table, and what is wrong.
    pub(crate) fn print(&self, took: Duration) {
        let columns = ["trials", "sent", "lost", "duplicated", "parked", "explained", "violations"];
        let width = self.bills.iter().map(|bill| bill.part.chars().count()).max().unwrap_or(0);
        println!("| {:width$} | {} |", "part", columns.join(" | "));
        println!("|-{}-|{}", "-".repeat(width), columns.map(rule).join("|") + "|");
        for bill in &self.bills {
            let values = [
                bill.trials,
                number(bill.sent),
                number(bill.lost),
                number(bill.duplicated),
                number(bill.parked),
                number(bill.explained),
                number(bill.violations.len()),
            ];
            let cells: Vec<_> = values
                .iter()
                .zip(columns)
                .map(|(value, column)| format!("{value:>width$}", width = column.len()))
                .collect();
            println!("| {:width$} | {} |", bill.part, cells.join(" | "));
        }
        println!("{:.0} s", took.as_secs_f64());
        self.figures.iter().for_each(|figures| println!("{figures}"));
        for bill in &self.bills {
            for violation in bill.violations.iter().take(SENTENCES) {
                println!("  {}: {violation}", bill.part);
            }
            if let Some(more @ 1..) = bill.violations.len().checked_sub(SENTENCES) {
                println!("  {}: and {more} more", bill.part);
            }
        }
    }
}

fn rule(column: &str) -> String {
    format!("-{}:", "-".repeat(column.len()))
}

fn number(count: usize) -> u64 {
    count as u64
}

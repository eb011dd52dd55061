//! What came of each removal.

use anyhow::ensure;

/// The lines so far.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    pub(crate) removals: usize,
    escaped: Vec<String>,
}

impl Bill {
    pub(crate) fn begin(&self, columns: &str) {
        println!("\n| {columns} |\n|{}", "---|".repeat(columns.split('|').count()));
    }

    /// It was noticed; or nobody can notice it, and the table says why.
    pub(crate) fn note(&mut self, line: &str) {
        self.removals += 1;
        println!("| {line} |");
    }

    /// Nobody noticed.
    pub(crate) fn escaped(&mut self, line: &str) {
        self.note(line);
        self.escaped.push(line.to_owned());
    }

    /// The end: an error when something escaped.
    pub(crate) fn verdict(self) -> anyhow::Result<()> {
        let (escaped, of) = (self.escaped.len(), self.removals);
        println!("\n{of} removals, {} noticed or masked, {escaped} escaped", of - escaped);
        ensure!(escaped == 0, "nobody noticed:\n{}", self.escaped.join("\n"));
        Ok(())
    }
}

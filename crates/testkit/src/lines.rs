//! The output of a child program, line by line, as something that can be waited for.
//!
//! A reader thread per stream empties the pipe until its end, so a child never blocks on a full pipe and
//! waiting is a matter of being woken: nothing here looks again and again.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where a line was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Lines seen so far, shared between the reader threads and those who wait.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    shared: Arc<Shared>,
}

/// Why waiting ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This line matched.
    Line(String),
    /// All streams ended without a match: the program has ended.
    Ended,
    /// The time was over first.
    TooLate,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<(Stream, String)>,
    open: usize,
}

impl Lines {
    /// Starts to collect what comes from `source`.
    pub(crate) fn follow(&self, stream: Stream, source: impl Read + Send + 'static) {
        self.state().open += 1;
        let lines = self.clone();
        std::thread::spawn(move || {
            // A broken pipe reads as an error: for us that is the end, too.
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                lines.push(stream, &line);
            }
            lines.state().open -= 1;
            lines.shared.changed.notify_all();
        });
    }

    /// Waits for a line, including those already there, that satisfies `wanted`.
    pub(crate) fn wait_for(&self, limit: Duration, wanted: impl Fn(&str) -> bool) -> Found {
        let search = |state: &State| state.lines.iter().find(|(_, line)| wanted(line)).cloned();
        let undecided = |state: &mut State| state.open > 0 && search(state).is_none();
        let waited = self.shared.changed.wait_timeout_while(self.state(), limit, undecided);
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        match search(&state) {
            Some((_, line)) => Found::Line(line),
            None if timeout.timed_out() => Found::TooLate,
            None => Found::Ended,
        }
    }

    /// Waits until every stream has ended; false when the time was over first.
    pub(crate) fn wait_for_end(&self, limit: Duration) -> bool {
        self.wait_for(limit, |_| false) == Found::Ended
    }

    pub(crate) fn of(&self, wanted: Stream) -> Vec<String> {
        let state = self.state();
        let lines = state.lines.iter().filter(|(stream, _)| *stream == wanted);
        lines.map(|(_, line)| line.clone()).collect()
    }

    pub(crate) fn contain(&self, text: &str) -> bool {
        self.state().lines.iter().any(|(_, line)| line.contains(text))
    }

    /// The last lines of both streams in order of arrival, for error messages.
    pub(crate) fn tail(&self) -> String {
        const SHOWN: usize = 30;
        let state = self.state();
        let first = state.lines.len().saturating_sub(SHOWN);
        let lines: Vec<&str> = state.lines[first..].iter().map(|(_, line)| line.as_str()).collect();
        lines.join("\n")
    }

    fn push(&self, stream: Stream, line: &[u8]) {
        let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
        self.state().lines.push((stream, line));
        self.shared.changed.notify_all();
    }

    /// A poisoned lock only says that a test panicked while it held it: the lines are still good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_line_that_is_there_already_is_found() {
        let lines = Lines::default();
        lines.follow(Stream::Out, "one\ntwo\n".as_bytes());
        assert!(lines.wait_for_end(LONG));

        let found = lines.wait_for(LONG, |line| line.contains("tw"));

        assert_eq!(found, Found::Line("two".into()));
        assert_eq!(lines.tail(), "one\ntwo");
    }

    #[test]
    fn the_end_of_all_streams_ends_the_wait() {
        let lines = Lines::default();
        lines.follow(Stream::Out, "one".as_bytes());
        lines.follow(Stream::Err, "two".as_bytes());

        assert_eq!(lines.wait_for(LONG, |line| line == "three"), Found::Ended);
        assert_eq!(lines.of(Stream::Err), ["two"]);
    }

    #[test]
    fn a_silent_stream_is_given_up_after_the_limit() {
        let (silent, _writer) = std::io::pipe().unwrap();
        let lines = Lines::default();
        lines.follow(Stream::Out, silent);

        assert_eq!(lines.wait_for(Duration::from_millis(5), |_| true), Found::TooLate);
    }
}

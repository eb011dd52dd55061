//! Judges order and pace of a run that is over.

use super::oracle::{Books, key};
use dispatcher_mock_provider::{Arrival, LedgerEntry};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// From the arrival of a POST to the first moment at which it may have been
/// answered.
pub type Span = (Timestamp, Timestamp);

impl Books {
    /// P7 with strict order: accepted in queue order.
    pub fn accepted_in_queue_order(&self) {
        assert_eq!(self.queue_order_broken(), [""; 0]);
    }

    /// The pairs that were accepted the wrong way round.
    pub fn queue_order_broken(&self) -> Vec<String> {
        self.order_broken(&self.ledger.iter().collect::<Vec<_>>())
    }

    /// P7 with one at a time to each recipient: in queue order to each.
    pub fn accepted_in_order_per_recipient(&self) {
        let mut recipients: HashMap<String, Vec<&LedgerEntry>> = HashMap::new();
        for entry in &self.ledger {
            recipients.entry(recipient(&entry.phone_number)).or_default().push(entry);
        }
        for entries in recipients.values() {
            assert_eq!(self.order_broken(entries), [""; 0]);
        }
    }

    fn order_broken(&self, entries: &[&LedgerEntry]) -> Vec<String> {
        let places: HashMap<&str, usize> =
            self.messages.iter().enumerate().map(|(n, m)| (m.key.as_str(), n)).collect();
        let place = |entry: &LedgerEntry| places.get(key(entry));
        entries
            .windows(2)
            .filter(|pair| place(pair[0]) >= place(pair[1]))
            .map(|pair| format!("{:?} was accepted before {:?}", pair[0], pair[1]))
            .collect()
    }

    /// P6: by the database's clock no more than `batch` starts in a `period`.
    pub fn starts_keep_pace(&self, batch: usize, period: Duration) {
        assert_eq!(self.pace_broken_by_starts(batch, period), [""; 0]);
    }

    /// P6 with strict order: the provider sees no more either.
    pub fn arrivals_keep_pace(&self, batch: usize, period: Duration) {
        assert_eq!(self.pace_broken_by_arrivals(batch, period), [""; 0]);
    }

    /// The windows with more starts.
    pub fn pace_broken_by_starts(&self, batch: usize, period: Duration) -> Vec<String> {
        let starts: Vec<_> = self.attempts.iter().map(|attempt| attempt.started_at).collect();
        pace_broken("started", &starts, batch, period)
    }

    /// The windows with more arrivals.
    pub fn pace_broken_by_arrivals(&self, batch: usize, period: Duration) -> Vec<String> {
        let arrivals: Vec<_> = self.arrivals.iter().map(|arrival| arrival.arrived_at).collect();
        pace_broken("arrived", &arrivals, batch, period)
    }

    /// Every accepted POST with its recipient, at a provider that holds its
    /// answers back for at least `latency`.
    pub fn posts(&self, latency: Duration) -> Vec<(String, Span)> {
        let accepted: HashMap<_, _> =
            self.ledger.iter().map(|entry| (&entry.message_id, entry.accepted_at)).collect();
        let post = |arrival: &Arrival| {
            let accepted_at = accepted.get(arrival.message_id.as_ref()?)?;
            let to = recipient(arrival.phone_number.as_ref()?);
            Some((to, (arrival.arrived_at, *accepted_at + latency)))
        };
        self.arrivals.iter().filter_map(post).collect()
    }
}

/// Of spans in order of their beginning, each begins so much `later` than the
/// one before it ends, at least.
pub fn assert_one_at_a_time(to: &str, spans: &[Span], later: Duration) {
    for pair in spans.windows(2) {
        let apart = pair[1].0.duration_since(pair[0].1);
        let enough = !apart.is_negative() && apart.unsigned_abs() >= later;
        assert!(enough, "{to}: only {apart} from one's end to the next: {pair:?}");
    }
}

/// One recipient, however the number is spelt.
pub fn recipient(phone_number: &str) -> String {
    let digits: String = phone_number.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

fn pace_broken(what: &str, times: &[Timestamp], batch: usize, period: Duration) -> Vec<String> {
    let mut broken = Vec::new();
    for window in times.windows(batch + 1) {
        let took = window[batch].duration_since(window[0]);
        if took.is_negative() || took.unsigned_abs() < period {
            broken.push(format!("{} {what} within {took}: {window:?}", batch + 1));
        }
    }
    broken
}

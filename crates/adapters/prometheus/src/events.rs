//! What is counted as it happens.

use crate::register::Register;
use dispatcher_domain::{
    ClockAlarm, OutcomeClass,
    ports::{ClaimWord, DoubtWord, LookupWord, MeterEvent, Processed},
};
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, Result};

/// A claim is a transaction of a few milliseconds; more than a second is an alarm.
const CLAIM_BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// SEND_TIMEOUT is 6 s unless set otherwise, to minutes perhaps.
const SEND_BUCKETS: [f64; 13] =
    [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 10.0, 30.0, 60.0, 120.0];

/// From a look at the health to a stop that waits for a send.
const HTTP_BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Classes of HTTP statuses. Single ones would be too many to start at 0.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Whatever does not fit a route. See `MeterEvent::HttpAnswered`.
const OTHER_METHOD: &str = "other";
const UNMATCHED: &str = "unmatched";

pub(crate) struct Events {
    claims: HistogramVec,
    sends: IntCounterVec,
    send_duration: Histogram,
    processed: IntCounterVec,
    rejected: IntCounter,
    expired: IntCounter,
    rescued: IntCounter,
    record_retries: IntCounter,
    resolved: IntCounterVec,
    cache_lookups: IntCounterVec,
    receipt_writes: IntCounterVec,
    breaker: IntCounterVec,
    clock_alarms: IntCounterVec,
    http_requests: IntCounterVec,
    http_duration: HistogramVec,
}

impl Events {
    pub(crate) fn new(register: &Register<'_>, routes: &[(&str, &str)]) -> Result<Self> {
        let events = Self {
            claims: register.histograms(
                "claim_duration_seconds",
                "How long the store took to claim what is due",
                &["result"],
                &CLAIM_BUCKETS,
            )?,
            sends: register.counters(
                "sends_total",
                "POSTs to the provider that ended, by the class of their outcome",
                "outcome",
                OutcomeClass::ALL.map(OutcomeClass::as_str),
            )?,
            send_duration: register.histogram(
                "send_duration_seconds",
                "How long a POST to the provider took, connecting included",
                &SEND_BUCKETS,
            )?,
            processed: register.counters(
                "messages_processed_total",
                "Claimed messages, by what became of them",
                "result",
                Processed::ALL.iter().map(|word| word.as_str()),
            )?,
            rejected: register.counter(
                "messages_rejected_total",
                "Rows written by SQL that were found to be no valid SMS",
            )?,
            expired: register.counter(
                "messages_expired_total",
                "Messages that were not sent before their expires_at",
            )?,
            rescued: register.counter(
                "messages_rescued_total",
                "Messages of owners that vanished, parked as unconfirmed",
            )?,
            record_retries: register.counter(
                "record_retries_total",
                "Outcomes of sends that the store could not be told at once",
            )?,
            resolved: register.counters(
                "doubts_resolved_total",
                "Looks at unconfirmed messages, by what was decided",
                "decision",
                DoubtWord::ALL.iter().map(|word| word.as_str()),
            )?,
            cache_lookups: register.counters(
                "cache_lookups_total",
                "Messages looked up in the delivery cache",
                "result",
                LookupWord::ALL.iter().map(|word| word.as_str()),
            )?,
            receipt_writes: register.counters(
                "receipt_writes_total",
                "Receipts of accepted messages for the delivery cache",
                "result",
                ["written", "failed"],
            )?,
            breaker: register.counters(
                "circuit_breaker_transitions_total",
                "How often this replica saw the circuit breaker open or close",
                "to",
                ["open", "closed"],
            )?,
            clock_alarms: register.counters(
                "clock_alarms_total",
                "Times on the control row that lay too far ahead and were mended",
                "alarm",
                ClockAlarm::ALL.map(ClockAlarm::as_str),
            )?,
            http_requests: register.counters_of(
                "http_requests_total",
                "Requests to our API, by route and class of status",
                &["method", "route", "status"],
            )?,
            http_duration: register.histograms(
                "http_request_duration_seconds",
                "How long until the answer to a request began",
                &["method", "route"],
                &HTTP_BUCKETS,
            )?,
        };
        events.start_at_zero(routes)?;
        Ok(events)
    }

    /// An alert on the first event needs the 0 before it.
    fn start_at_zero(&self, routes: &[(&str, &str)]) -> Result<()> {
        for word in ClaimWord::ALL {
            self.claims.get_metric_with_label_values(&[word.as_str()])?;
        }
        for &(method, route) in routes {
            self.http_duration.get_metric_with_label_values(&[method, route])?;
            for status in ["2xx", "4xx", "5xx"] {
                self.http_requests.get_metric_with_label_values(&[method, route, status])?;
            }
        }
        let stray = [OTHER_METHOD, UNMATCHED];
        self.http_duration.get_metric_with_label_values(&stray)?;
        let [method, route] = stray;
        self.http_requests.get_metric_with_label_values(&[method, route, "4xx"])?;
        Ok(())
    }

    pub(crate) fn note(&self, event: MeterEvent) {
        let count = |counters: &IntCounterVec, word| counters.with_label_values(&[word]).inc();
        match event {
            MeterEvent::Claimed { result, took } => {
                self.claims.with_label_values(&[result.as_str()]).observe(took.as_secs_f64());
            }
            MeterEvent::SendEnded { class, took } => {
                count(&self.sends, class.as_str());
                self.send_duration.observe(took.as_secs_f64());
            }
            MeterEvent::Processed(word) => count(&self.processed, word.as_str()),
            MeterEvent::Rejected => self.rejected.inc(),
            MeterEvent::Expired => self.expired.inc(),
            MeterEvent::Rescued => self.rescued.inc(),
            MeterEvent::RecordRetried => self.record_retries.inc(),
            MeterEvent::Resolved(word) => count(&self.resolved, word.as_str()),
            MeterEvent::CacheLookedUp { result, messages } => {
                self.cache_lookups.with_label_values(&[result.as_str()]).inc_by(messages);
            }
            MeterEvent::ReceiptWritten { ok } => {
                count(&self.receipt_writes, if ok { "written" } else { "failed" });
            }
            MeterEvent::BreakerTurned { open } => {
                count(&self.breaker, if open { "open" } else { "closed" });
            }
            MeterEvent::ClockMended(alarm) => count(&self.clock_alarms, alarm.as_str()),
            MeterEvent::HttpAnswered { method, route, status, took } => {
                self.http_duration.with_label_values(&[method, route]).observe(took.as_secs_f64());
                let labels = [method, route, status_class(status)];
                self.http_requests.with_label_values(&labels).inc();
            }
        }
    }
}

fn status_class(status: u16) -> &'static str {
    let class = usize::from(status / 100);
    // Nothing else is a status; should one come, it is no success.
    STATUSES.get(class.wrapping_sub(1)).copied().unwrap_or("5xx")
}

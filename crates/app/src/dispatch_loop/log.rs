//! What the loop tells: each batch, and each change once.

use crate::{BatchReport, Pause, expirer};
use dispatcher_domain::{Hold, HoldReason};

/// One line per batch, and one per change of what keeps us from sending.
#[derive(Default)]
pub(super) struct Log {
    store_failed: bool,
    throttled: bool,
    stopped: bool,
}

impl Log {
    pub(super) fn batch(&mut self, report: &BatchReport) {
        for alarm in &report.alarms {
            tracing::error!(
                alarm = alarm.as_str(),
                "ALARM: a time on the control row lay too far ahead and was mended; \
                 was the database server's clock set back?"
            );
        }
        for row in &report.rejected {
            tracing::warn!(id = %row.id, reason = row.reason.as_str(), "row is no valid SMS: rejected");
        }
        expirer::tell(&report.expired);
        if report.did_something() {
            batch_line(report);
        }
        self.store(&report.pause);
        self.throttle(&report.pause);
        self.switch(&report.pause);
    }

    fn store(&mut self, pause: &Pause) {
        match pause {
            Pause::StoreFailed(error) if !self.store_failed => {
                let error = &**error as &dyn std::error::Error;
                tracing::error!(error, "the message store fails: no send starts until it is back");
            }
            Pause::StoreFailed(_) => {}
            _ if self.store_failed => tracing::info!("the message store is back"),
            _ => {}
        }
        self.store_failed = matches!(pause, Pause::StoreFailed(_));
    }

    fn throttle(&mut self, pause: &Pause) {
        match pause {
            Pause::Held(Hold { reason: HoldReason::Throttled, for_at_least }) => {
                if !self.throttled {
                    let seconds = for_at_least.unwrap_or_default().as_secs();
                    tracing::warn!(
                        seconds,
                        "no send starts: the provider asked all of us to wait, or the queue was \
                         just taken over from the Go service"
                    );
                }
                self.throttled = true;
            }
            // Nobody knows whether it is over.
            Pause::StoreFailed(_) | Pause::Drained => {}
            _ => {
                if self.throttled {
                    tracing::info!("the wait of all of us is over");
                }
                self.throttled = false;
            }
        }
    }

    /// It outlasts restarts, so each replica says it, whoever turned it.
    fn switch(&mut self, pause: &Pause) {
        match pause {
            Pause::Held(Hold { reason: HoldReason::Stopped, .. }) => {
                if !self.stopped {
                    tracing::warn!(
                        "sending is switched off: no send starts until POST /api/messaging/start"
                    );
                }
                self.stopped = true;
            }
            Pause::StoreFailed(_) | Pause::Drained => {}
            _ => {
                if self.stopped {
                    tracing::info!("sending is switched on");
                }
                self.stopped = false;
            }
        }
    }
}

fn batch_line(report: &BatchReport) {
    tracing::info!(
        started = report.started,
        sent = report.sent,
        deferred = report.deferred,
        failed = report.failed,
        unconfirmed = report.parked,
        released = report.released,
        fenced = report.fenced,
        unrecorded = report.unrecorded + report.panicked,
        rejected = report.rejected.len(),
        expired = report.expired.len(),
        took_ms = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        then = report.pause.as_str(),
        "batch"
    );
}

#[cfg(test)]
mod tests;

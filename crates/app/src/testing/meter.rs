//! What was counted.

use dispatcher_domain::ports::{Meter, MeterEvent};
use std::sync::Mutex;

/// Keeps every event.
#[derive(Default)]
pub(crate) struct CountingMeter(Mutex<Vec<MeterEvent>>);

impl CountingMeter {
    /// In their order.
    pub(crate) fn events(&self) -> Vec<MeterEvent> {
        self.0.lock().unwrap().clone()
    }
}

impl Meter for CountingMeter {
    fn note(&self, event: MeterEvent) {
        self.0.lock().unwrap().push(event);
    }
}

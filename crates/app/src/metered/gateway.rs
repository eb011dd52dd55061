//! Sends, by class and time.

use super::Gauge;
use async_trait::async_trait;
use dispatcher_domain::{
    ClaimedMessage, IdempotencyKey, LookUp, SendOutcome,
    ports::{Clock, Meter, MeterEvent, SmsGateway},
};
use std::{sync::Arc, time::Duration};

/// Counts sends.
pub struct MeteredGateway {
    inner: Arc<dyn SmsGateway>,
    gauge: Gauge,
}

impl MeteredGateway {
    /// Counts what goes through `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn SmsGateway>, meter: Arc<dyn Meter>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, gauge: Gauge { meter, clock } }
    }
}

#[async_trait]
impl SmsGateway for MeteredGateway {
    async fn send(&self, message: &ClaimedMessage) -> SendOutcome {
        let (outcome, took) = self.gauge.time(self.inner.send(message)).await;
        self.gauge.meter.note(MeterEvent::SendEnded { class: outcome.class(), took });
        outcome
    }

    async fn look_up(&self, key: &IdempotencyKey) -> LookUp {
        self.inner.look_up(key).await
    }

    fn deadline(&self) -> Duration {
        self.inner.deadline()
    }
}

//! Chance without chance.

use dispatcher_domain::{LeaseToken, ports::Entropy};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Tokens count up from 1, and every lot is a half.
#[derive(Default)]
pub(crate) struct FixedEntropy(AtomicU64);

impl FixedEntropy {
    /// The n-th token that is drawn.
    pub(crate) fn token(n: u64) -> LeaseToken {
        LeaseToken(Uuid::from_u128(n.into()))
    }
}

impl Entropy for FixedEntropy {
    fn lease_token(&self) -> LeaseToken {
        Self::token(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn unit(&self) -> f64 {
        0.5
    }
}

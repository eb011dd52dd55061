//! The one file that draws lots.

use dispatcher_domain::{LeaseToken, ports::Entropy};
use uuid::Uuid;

/// Chance from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn lease_token(&self) -> LeaseToken {
        LeaseToken(Uuid::new_v4())
    }

    fn unit(&self) -> f64 {
        rand::random()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_are_the_same() {
        let draws = [SystemEntropy.unit(), SystemEntropy.unit()];
        assert!(draws.iter().all(|unit| (0.0..1.0).contains(unit)) && draws[0] != draws[1]);
        assert_ne!(SystemEntropy.lease_token(), SystemEntropy.lease_token());
    }
}

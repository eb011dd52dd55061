//! Chance.

use crate::LeaseToken;

/// A source of chance, so that a simulation can repeat itself.
pub trait Entropy: Send + Sync {
    /// A token that no other claim has or will have.
    fn lease_token(&self) -> LeaseToken;

    /// A number drawn evenly from `[0, 1)`.
    fn unit(&self) -> f64;
}

//! All chance of a schedule, from its seed.

use dispatcher_domain::{LeaseToken, ports::Entropy};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use uuid::Uuid;

/// A source of numbers (SplitMix64); clones draw from one.
#[derive(Clone)]
pub(crate) struct Chance(Arc<AtomicU64>);

impl Chance {
    pub(crate) fn of(seed: u64) -> Self {
        // Neighbours among seeds must not have neighbours among numbers.
        let chance = Self(Arc::new(AtomicU64::new(seed ^ 0x5851_f42d_4c95_7f2d)));
        chance.number();
        chance
    }

    fn number(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `end`.
    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.number() % end as u64).unwrap_or(0)
    }

    /// Whether something happens that happens in so many of a thousand cases.
    pub(crate) fn in_a_thousand(&self, cases: usize) -> bool {
        self.below(1_000) < cases
    }

    /// One of these.
    pub(crate) fn one_of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

impl Entropy for Chance {
    fn lease_token(&self) -> LeaseToken {
        LeaseToken(Uuid::from_u64_pair(self.number(), self.number()))
    }

    fn unit(&self) -> f64 {
        // The 53 bits that fit.
        #[expect(clippy::cast_precision_loss, reason = "they fit")]
        let unit = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    }
}

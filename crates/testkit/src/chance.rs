//! Chance that can be had again: the seed is printed, and can be given.
//!
//! The processes under test keep their own time, so a seed repeats what the
//! test does and not what comes of it.

use crate::environment;
use std::hash::{BuildHasher, Hasher, RandomState};

/// How often a test does what it does at random: `CAMPAIGN_COUNT`, or few
/// times.
pub fn campaign_count(few: usize) -> usize {
    variable("CAMPAIGN_COUNT").map_or(few, |count| usize::try_from(count).expect("a count"))
}

/// A source of numbers (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// With `CAMPAIGN_SEED`, or a seed of its own; prints it with the name of
    /// the `campaign`.
    pub fn for_campaign(campaign: &str) -> Self {
        let any = || RandomState::new().build_hasher().finish();
        let seed = variable("CAMPAIGN_SEED").unwrap_or_else(any);
        println!("{campaign}: CAMPAIGN_SEED={seed}");
        Self(seed)
    }

    /// With this seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number less than `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % end as u64).expect("less than `end`")
    }

    /// A seed for somebody else.
    pub fn bytes(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| u8::try_from(self.below(256)).expect("a byte"))
    }

    /// One of its own for somebody else.
    pub fn another(&mut self) -> Self {
        Self(self.below(usize::MAX) as u64)
    }

    /// Whether a coin shows heads.
    pub fn heads(&mut self) -> bool {
        self.below(2) == 0
    }
}

fn variable(name: &str) -> Option<u64> {
    let text = environment::variable(name)?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, not {text:?}")))
}

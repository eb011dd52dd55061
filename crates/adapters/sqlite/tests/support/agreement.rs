//! SQLite and the memory store do the same, whatever is asked of them.
//! `CAMPAIGN_COUNT` sequences of `CAMPAIGN_SEED`.

use super::new_fixture;
use crate::{
    chance::{Dice, campaign_count},
    memory,
};
use dispatcher_contract::agreement::{first_difference, operations, transcript};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::Runtime;

/// The longest sequence.
const MOST: usize = 60;

#[test]
fn random_operations_leave_the_same_behind_as_in_memory() {
    let mut dice = Dice::for_campaign("agreement");
    let seed: [u8; 32] = std::array::from_fn(|_| u8::try_from(dice.below(256)).expect("a byte"));
    let cases = u32::try_from(campaign_count(25)).expect("a count");
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let runtime = Runtime::new().expect("a runtime");
    let agree = TestRunner::new_with_rng(config, rng).run(&operations(MOST), |operations| {
        let (ours, theirs) = runtime.block_on(async {
            let ours = transcript(&new_fixture().await, &operations).await;
            (ours, transcript(&memory::new_fixture().await, &operations).await)
        });
        first_difference(&ours, &theirs).map_or(Ok(()), |it| Err(TestCaseError::fail(it)))
    });
    agree.unwrap_or_else(|error| panic!("< SQLite, > memory: {error}"));
}

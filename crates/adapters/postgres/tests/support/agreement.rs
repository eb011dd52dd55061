//! PostgreSQL and the memory store do the same, whatever is asked of them:
//! `CAMPAIGN_COUNT` sequences of `CAMPAIGN_SEED`.

use crate::{memory, new_fixture};
use dispatcher_contract::agreement::random_operations_agree;
use dispatcher_testkit::chance::{Dice, campaign_count};

#[test]
fn random_operations_leave_the_same_behind_as_in_memory() {
    let seed = Dice::for_campaign("agreement").bytes();
    let sequences = u32::try_from(campaign_count(15)).expect("a count");
    random_operations_agree(sequences, seed, new_fixture, memory::new_fixture);
}

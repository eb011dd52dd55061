//! Every state of the quick scopes keeps every promise. Many more states:
//! `cargo xtask chaos --campaign model`.

use dispatcher_model::{Guards, QUICK, check};

/// As many distinct states are visited at least.
const AT_LEAST: usize = 1_000_000;

#[test]
fn every_state_keeps_every_promise() {
    let mut visited = 0;
    for scope in QUICK {
        let report = check(*scope, Guards::all(), 2);
        if let Some(violation) = report.violation {
            panic!("{violation}");
        }
        println!("{:>9} states, {:>2} deep: {}", report.states, report.depth, scope.name);
        visited += report.states;
    }
    println!("{visited:>9} states in all");
    assert!(visited >= AT_LEAST, "{visited} states: the scopes have become too small");
}

//! A protocol without one of its rules breaks a promise, and the model sees it.

use dispatcher_model::{Guard, MASKED, must_be_found, pairs, without};

#[test]
fn a_missing_guard_is_found() {
    for guard in Guard::ALL.into_iter().filter(|guard| guard.masked_by().is_none()) {
        let Some(violation) = without([guard; 2]).violation else {
            panic!("without {guard} every state keeps every promise: nobody would notice")
        };
        println!("without {guard}: {violation}");
    }
}

#[test]
fn a_guard_with_another_behind_it_is_missed_with_that_one() {
    for (masked, by) in MASKED {
        let Some(violation) = without([masked, by]).violation else {
            panic!("without {masked} and {by} every state keeps every promise")
        };
        println!("without {masked} and {by}: {violation}");
    }
}

/// It is no news that it is not missed alone; it would be news if it were.
#[test]
fn a_guard_with_another_behind_it_is_not_missed_alone() {
    for guard in [Guard::CompletionToken, Guard::CompletionAttempt] {
        if let Some(violation) = without([guard; 2]).violation {
            panic!("{guard} is no longer masked: mend `MASKED`. Without it: {violation}");
        }
    }
}

#[test]
fn no_missing_guard_hides_another() {
    for pair in pairs().into_iter().filter(|pair| must_be_found(*pair)) {
        let [first, second] = pair;
        let is_found = without(pair).violation.is_some();
        // Those of which neither stands behind the other are masked as alone.
        assert_eq!(is_found, must_be_found(pair), "without {first} and {second}");
    }
}

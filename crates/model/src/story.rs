//! A way through the states, for whoever reads a violation.

use crate::{
    action::Action,
    scope::Scope,
    state::{Row, State},
};
use std::fmt::Write;

/// One line for each step, and what the rows say after it where that changed.
pub(crate) fn story(scope: &Scope, path: Vec<(State, Option<Action>)>) -> String {
    let mut text = format!("in the scope `{}`:\n", scope.name);
    let states: Vec<State> = path.iter().map(|(state, _)| *state).collect();
    for (index, (before, action)) in path.into_iter().enumerate() {
        let (Some(action), Some(after)) = (action, states.get(index + 1)) else { break };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{:>3}. {action}", index + 1);
        for message in 0..usize::from(scope.messages) {
            let (was, is) = (&before.rows[message], &after.rows[message]);
            if told(was) != told(is) {
                let _ = writeln!(text, "       m{message}: {}", told(is));
            }
        }
        if before.control.busy.is_some() != after.control.busy.is_some() {
            let busy = if after.control.busy.is_some() { "busy" } else { "free" };
            let _ = writeln!(text, "       control row: {busy}");
        }
    }
    text
}

/// What matters of a row.
fn told(row: &Row) -> String {
    format!(
        "{}, attempt {}, unknown {}, tries {}, key {}, {} SMS",
        row.status, row.attempt, row.unknown, row.tries, row.epoch, row.sms
    )
}

//! Visits every state, and tells what it found.

use crate::{
    action::Action, guard::Guards, promise::Promise, protocol::Protocol, scope::Scope,
    state::State, story::story,
};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::fmt;

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::first(&self.scope)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        // Beyond a broken promise there is nothing to see.
        if state.broken().is_none() {
            self.possible(state, actions);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.play(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("no promise is broken", |_, state: &State| state.broken().is_none())]
    }
}

/// What came of visiting the states of a scope.
#[derive(Debug, Clone)]
pub struct Report {
    /// Distinct states.
    pub states: usize,
    /// Steps from state to state.
    pub steps: usize,
    /// The longest of the shortest ways.
    pub depth: usize,
    /// The first way that was found to a broken promise.
    pub violation: Option<Violation>,
}

/// A way to a broken promise.
#[derive(Debug, Clone)]
pub struct Violation {
    /// What was broken.
    pub promises: Vec<Promise>,
    /// How, step by step.
    pub story: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.promises.iter().try_for_each(|promise| writeln!(f, "{promise}"))?;
        f.write_str(&self.story)
    }
}

/// Visits every state of `scope` under `guards`, breadth first, until a promise
/// is broken or none is left. With one thread the way to it is a shortest one.
///
/// # Panics
/// When a thread of the checker does.
#[must_use]
pub fn check(scope: Scope, guards: Guards, threads: usize) -> Report {
    let checker = Protocol::new(scope, guards)
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let violation = checker.discoveries().into_values().next().map(|path| {
        let last = path.last_state();
        let promises = Promise::ALL.into_iter().filter(|it| last.broken().has(*it)).collect();
        Violation { promises, story: story(&scope, path.into_vec()) }
    });
    Report {
        states: checker.unique_state_count(),
        steps: checker.state_count(),
        depth: checker.max_depth(),
        violation,
    }
}

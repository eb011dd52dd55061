//! What a replica asks of itself.

use crate::guards::guard::{Guard, Place};

pub(super) const GUARDS: &[Guard] = &[
    guard(
        "look at the lease",
        "dispatcher/send.rs",
        "if «!self.lease_covers_a_send(claimed_at)» {",
        "false",
    )
    .paired(),
    guard(
        "end of claims",
        "dispatcher/mod.rs",
        "if «drain.is_requested()» {\n                return Some(Pause::Drained);",
        "false",
    )
    .paired(),
    guard(
        "one slot",
        "dispatcher/mod.rs",
        "if «self.config.ordering == Ordering::Strict» { 1 }",
        "false",
    ),
    guard(
        "unconfirmed claim",
        "dispatcher/mod.rs",
        "if «matches!(error, StoreError::Unconfirmed(_))» {",
        "false",
    ),
    guard(
        "claim that takes effect late",
        "dispatcher/give_back.rs",
        "while «!matches!(ports.messages.release_claim(token).await, Ok(1..))»\n",
        "{ let _ = ports.messages.release_claim(token).await; false }",
    ),
    guard(
        "end of giving back",
        "dispatcher/give_back.rs",
        "Ok(1..))\n                && «ports.clock.monotonic() < until»",
        "true",
    ),
    guard("told again", "dispatcher/send.rs", "if «!error.is_transient()» {", "true"),
    guard(
        "grace of the rescuer",
        "rescuer.rs",
        "rescue_expired(«self.grace», AT_ONCE)",
        "Duration::ZERO",
    ),
];

const fn guard(
    name: &'static str,
    file: &'static str,
    within: &'static str,
    instead: &'static str,
) -> Guard {
    Guard::new(Place::App, name, file, within, instead)
}

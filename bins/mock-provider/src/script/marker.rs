//! A message that says itself how it wants to be treated: `hello [mock:status=503]`.

use super::{ScriptError, parse::behaviour, text};
use crate::Behaviour;

const OPENING: &str = "[mock:";

/// The behaviour asked for in a message's content, if any. The error's `text` holds the marker alone.
pub(crate) fn behaviour_asked_for_in(content: &str) -> Result<Option<Behaviour>, ScriptError> {
    let Some(at) = content.find(OPENING) else {
        return Ok(None);
    };
    let rest = &content[at + OPENING.len()..];
    match text::find(rest, ']') {
        Ok(Some(end)) => behaviour(&rest[..end])
            .map(Some)
            .map_err(|problem| ScriptError::new(1, &rest[..end], problem)),
        _ => Err(ScriptError::new(1, OPENING, "the closing ] is missing".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_without_a_marker_asks_for_nothing() {
        assert_eq!(behaviour_asked_for_in("mock: hello [there]"), Ok(None));
    }

    #[test]
    fn the_marker_may_stand_anywhere_and_hold_a_quoted_bracket() {
        assert_eq!(
            behaviour_asked_for_in("it's [mock:status=503] late"),
            Ok(Some(Behaviour::status(503)))
        );
        assert_eq!(
            behaviour_asked_for_in("[mock:accept-with=200;body='[]']"),
            Ok(Some(Behaviour::AcceptWith { status: 200, body: Some("[]".into()) }))
        );
    }

    #[test]
    fn a_marker_that_makes_no_sense_is_an_error_and_not_a_silent_accept() {
        for content in [
            "[mock:stauts=503]",
            "[mock:accept",
            "[mock:]",
            "[mock:accept*2]",
            "[mock:accept;to=+1]",
        ] {
            assert!(behaviour_asked_for_in(content).is_err(), "{content}");
        }
    }
}

//! What the provider does with the POSTs that come, one after the other.
//!
//! A [`Script`] is built in code or written as text: `status=503*2, drop-after, then accept`. The text form is
//! described by [`grammar_help`], which the command line prints.

mod error;
mod marker;
mod parse;
mod player;
mod text;
mod words;
mod write;

pub use error::ScriptError;
pub(crate) use marker::behaviour_asked_for_in;
pub(crate) use player::Player;
pub use words::grammar_help;

use crate::Behaviour;

/// What to do with each valid `POST /send`: rules by phone number first, then the steps in their order, then one
/// behaviour for ever. The default accepts everything.
///
/// A POST with a wrong token or a broken body uses up no step: it is refused before anyone looks at the script.
///
/// ```
/// use dispatcher_mock_provider::{Behaviour, Script, Step};
///
/// let built = Script::of([Step::times(2, Behaviour::status(503)), Behaviour::DropAfterAccept.into()])
///     .then(Behaviour::Accept);
/// let written: Script = "status=503*2, drop-after, then accept".parse()?;
/// assert_eq!(built, written);
/// assert_eq!(written.to_string(), "status=503*2, drop-after, then accept");
/// # Ok::<(), dispatcher_mock_provider::ScriptError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    rules: Vec<Rule>,
    steps: Vec<Step>,
    after: After,
}

/// One behaviour, for one POST or several in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    behaviour: Behaviour,
    times: u32,
}

/// A behaviour for one phone number, which uses up no step.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    phone_number: String,
    behaviour: Behaviour,
    /// How often; `None` is every time.
    times: Option<u32>,
}

/// What follows when the steps are used up.
#[derive(Debug, Clone, PartialEq, Eq)]
enum After {
    Always(Behaviour),
    Repeat,
}

impl Default for After {
    fn default() -> Self {
        Self::Always(Behaviour::Accept)
    }
}

impl Script {
    /// These steps, then accept everything.
    pub fn of<S: Into<Step>>(steps: impl IntoIterator<Item = S>) -> Self {
        Self { steps: steps.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same behaviour for every POST.
    #[must_use]
    pub fn always(behaviour: Behaviour) -> Self {
        Self::default().then(behaviour)
    }

    /// After the steps, this behaviour for ever.
    #[must_use]
    pub fn then(mut self, behaviour: Behaviour) -> Self {
        self.after = After::Always(behaviour);
        self
    }

    /// After the steps, the first step again. Without any step everything is accepted.
    #[must_use]
    pub fn repeating(mut self) -> Self {
        self.after = After::Repeat;
        self
    }

    /// This behaviour for every message to this number, as written by the client, whatever the steps say. Such a
    /// message uses up no step.
    #[must_use]
    pub fn for_number(mut self, phone_number: impl Into<String>, behaviour: Behaviour) -> Self {
        self.rules.push(Rule { phone_number: phone_number.into(), behaviour, times: None });
        self
    }
}

impl Step {
    /// This behaviour for `times` POSTs in a row.
    #[must_use]
    pub fn times(times: u32, behaviour: Behaviour) -> Self {
        Self { behaviour, times }
    }
}

impl From<Behaviour> for Step {
    fn from(behaviour: Behaviour) -> Self {
        Self::times(1, behaviour)
    }
}

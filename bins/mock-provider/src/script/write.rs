//! From [`Script`] to text: the shortest that reads back as the same script.

use std::fmt::{self, Display, Formatter};

use super::{After, Rule, Script, Step, text::quote};
use crate::{Behaviour, duration};

impl Display for Script {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for rule in &self.rules {
            write!(f, "{rule}, ")?;
        }
        for step in &self.steps {
            write!(f, "{step}, ")?;
        }
        match &self.after {
            After::Always(behaviour) => write!(f, "then {behaviour}"),
            // Nothing to repeat is written as what it means, because the grammar has no word for it.
            After::Repeat if self.steps.is_empty() => write!(f, "then {}", Behaviour::Accept),
            After::Repeat => f.write_str("then repeat"),
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{};to={}", self.behaviour, quote(&self.phone_number))?;
        match self.times {
            Some(times) => write!(f, "*{times}"),
            None => Ok(()),
        }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.times {
            1 => write!(f, "{}", self.behaviour),
            times => write!(f, "{}*{times}", self.behaviour),
        }
    }
}

impl Display for Behaviour {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::AcceptWith { status, body } => {
                write!(f, "={status}")?;
                option(f, "body", body.as_deref())
            }
            Self::Status { code, retry_after, body, location } => {
                write!(f, "={code}")?;
                option(f, "retry_after", retry_after.as_deref())?;
                option(f, "body", body.as_deref())?;
                option(f, "location", location.as_deref())
            }
            Self::SlowDrip { interval } => write!(f, "={}", duration::text(*interval)),
            Self::HugeBody { bytes } | Self::GzipBomb { bytes } => write!(f, "={bytes}"),
            _ => Ok(()),
        }
    }
}

impl Behaviour {
    /// The word of the grammar for this behaviour, without its value: fit for a log line.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::AcceptWith { .. } => "accept-with",
            Self::Status { .. } => "status",
            Self::HangBeforeAccept => "hang-before",
            Self::HangAfterAccept => "hang-after",
            Self::Hold => "hold",
            Self::DropBeforeAccept => "drop-before",
            Self::DropAfterAccept => "drop-after",
            Self::ResetAfterAccept => "reset-after",
            Self::NoHttp => "no-http",
            Self::DropMidBody => "drop-mid-body",
            Self::SlowDrip { .. } => "drip",
            Self::Garbage => "garbage",
            Self::EmptyBody => "empty",
            Self::HugeBody { .. } => "huge",
            Self::GzipBomb { .. } => "gzip-bomb",
        }
    }
}

fn option(f: &mut Formatter<'_>, name: &str, value: Option<&str>) -> fmt::Result {
    match value {
        Some(value) => write!(f, ";{name}={}", quote(value)),
        None => Ok(()),
    }
}

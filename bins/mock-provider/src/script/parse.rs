//! From text to [`Script`]. Every error names its step and says what would be right.

use std::str::FromStr;

use hyper::header::HeaderValue;

use super::{
    After, Rule, Script, ScriptError, Step, text,
    words::{self, REPEAT, Word},
};
use crate::{Behaviour, duration};

/// More would be a slip of the finger; `then` says "for ever".
const MOST_TIMES: u32 = 1_000_000;
/// A body that large would take the client's machine down rather than test it.
const MOST_BYTES: u64 = 1 << 30;

impl FromStr for Script {
    type Err = ScriptError;

    /// Reads a script as [`grammar_help`](crate::grammar_help) describes it. Blank text accepts everything.
    fn from_str(script: &str) -> Result<Self, ScriptError> {
        let mut parsed = Self::default();
        if script.trim().is_empty() {
            return Ok(parsed);
        }
        let mut rest = Some(script);
        for step in 1.. {
            let Some(text) = rest else { break };
            let comma =
                text::find(text, ',').map_err(|_| ScriptError::new(step, text, unclosed()))?;
            let (piece, more) = match comma {
                Some(at) => (&text[..at], Some(&text[at + 1..])),
                None => (text, None),
            };
            add(&mut parsed, piece, more.is_none())
                .map_err(|problem| ScriptError::new(step, piece, problem))?;
            rest = more;
        }
        Ok(parsed)
    }
}

fn add(script: &mut Script, piece: &str, last: bool) -> Result<(), String> {
    let piece = piece.trim();
    if let Some(after) =
        piece.strip_prefix("then").filter(|rest| rest.starts_with(char::is_whitespace))
    {
        if !last {
            return Err("`then` comes last: what follows it lasts for ever".to_owned());
        }
        script.after = after_the_steps(after.trim(), !script.steps.is_empty())?;
        return Ok(());
    }
    let (text, times) = count(piece)?;
    let Parsed { behaviour, to } = step(text)?;
    match to {
        Some(phone_number) => script.rules.push(Rule { phone_number, behaviour, times }),
        None => script.steps.push(Step::times(times.unwrap_or(1), behaviour)),
    }
    Ok(())
}

fn after_the_steps(text: &str, any_steps: bool) -> Result<After, String> {
    if text == REPEAT {
        return if any_steps {
            Ok(After::Repeat)
        } else {
            Err("there is no step before it that could be repeated".to_owned())
        };
    }
    match count(text)? {
        (_, Some(_)) => Err("what follows `then` lasts for ever: leave out the *TIMES".to_owned()),
        (text, None) => behaviour(text).map(After::Always),
    }
}

/// Takes `*3` off the end.
fn count(piece: &str) -> Result<(&str, Option<u32>), String> {
    let Some(star) = text::find(piece, '*').map_err(|_| unclosed())? else {
        return Ok((piece, None));
    };
    let written = piece[star + 1..].trim();
    let times = number(written).and_then(|n| u32::try_from(n).ok());
    match times.filter(|times| (1..=MOST_TIMES).contains(times)) {
        Some(times) => Ok((piece[..star].trim(), Some(times))),
        None => Err(format!(
            "after * stands a number from 1 to {MOST_TIMES}, not `{written}` (a value with a * in it needs quotes)"
        )),
    }
}

/// A behaviour alone: no `*TIMES`, no `to`. This is what follows `then` and what stands in a message's content.
pub(super) fn behaviour(text: &str) -> Result<Behaviour, String> {
    match step(text)? {
        Parsed { behaviour, to: None } => Ok(behaviour),
        Parsed { .. } => {
            Err("`to` makes no sense here: it belongs to a step of its own".to_owned())
        }
    }
}

struct Parsed {
    behaviour: Behaviour,
    to: Option<String>,
}

fn step(text: &str) -> Result<Parsed, String> {
    let mut parts = text::split(text, ';').map_err(|_| unclosed())?.into_iter();
    let (name, value) = assignment(parts.next().unwrap_or_default())?;
    let word = words::find(name).ok_or_else(|| unknown(name))?;
    match (word.value, &value) {
        (Some(_), None) => return Err(format!("`{name}` needs a value: {}", word.form())),
        (None, Some(_)) => return Err(format!("`{name}` takes no value: write {name}")),
        _ => {}
    }
    let mut options = Options::read(word, parts)?;
    let to = options.take("to");
    let behaviour = build(word.name, &value.unwrap_or_default(), &mut options)?;
    Ok(Parsed { behaviour, to })
}

fn build(name: &str, value: &str, options: &mut Options) -> Result<Behaviour, String> {
    Ok(match name {
        "accept-with" => {
            Behaviour::AcceptWith { status: status(value)?, body: options.take("body") }
        }
        "status" => Behaviour::Status {
            code: status(value)?,
            retry_after: options.take("retry_after").map(header).transpose()?,
            body: options.take("body"),
            location: options.take("location").map(header).transpose()?,
        },
        "redirect" if value.is_empty() => return Err("an address follows: redirect=URL".to_owned()),
        "redirect" => Behaviour::redirect(header(value.to_owned())?),
        "hang-before" => Behaviour::HangBeforeAccept,
        "hang-after" => Behaviour::HangAfterAccept,
        "hold" => Behaviour::Hold,
        "drop-before" => Behaviour::DropBeforeAccept,
        "drop-after" => Behaviour::DropAfterAccept,
        "reset-after" => Behaviour::ResetAfterAccept,
        "no-http" => Behaviour::NoHttp,
        "drop-mid-body" => Behaviour::DropMidBody,
        "drip" => Behaviour::SlowDrip { interval: duration::parse(value)? },
        "garbage" => Behaviour::Garbage,
        "empty" => Behaviour::EmptyBody,
        "huge" => Behaviour::HugeBody { bytes: bytes(value)? },
        "gzip-bomb" => Behaviour::GzipBomb { bytes: bytes(value)? },
        _ => Behaviour::Accept,
    })
}

/// The options of one step, each at most once and only those that its behaviour knows.
struct Options(Vec<(String, String)>);

impl Options {
    fn read<'a>(word: &Word, parts: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut options = Self(Vec::new());
        for part in parts {
            let (name, value) = assignment(part)?;
            let name = name.replace('-', "_");
            let known = word.options.iter().chain(&["to"]);
            if !known.clone().any(|known| *known == name) {
                let known = known.copied().collect::<Vec<_>>().join(", ");
                return Err(format!("`{}` has no option `{name}`; it takes {known}", word.name));
            }
            let value =
                value.ok_or_else(|| format!("the option `{name}` needs a value: ;{name}=…"))?;
            if options.take(&name).is_some() {
                return Err(format!("the option `{name}` is given twice"));
            }
            options.0.push((name, value));
        }
        Ok(options)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }
}

/// `name=value` or `name`.
fn assignment(text: &str) -> Result<(&str, Option<String>), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim(), Some(text::unquote(value)?))),
        None => Ok((text.trim(), None)),
    }
}

fn status(value: &str) -> Result<u16, String> {
    number(value)
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (200..=599).contains(code))
        .ok_or_else(|| format!("`{value}` is no status: a number from 200 to 599 stands here"))
}

fn bytes(value: &str) -> Result<u64, String> {
    number(value).filter(|bytes| (1..=MOST_BYTES).contains(bytes)).ok_or_else(|| {
        format!("`{value}` is no size: a number of bytes from 1 to {MOST_BYTES} stands here")
    })
}

/// Digits alone: Rust's own parser would take a `+` too.
fn number(value: &str) -> Option<u64> {
    value.bytes().all(|b| b.is_ascii_digit()).then(|| value.parse().ok())?
}

fn header(value: String) -> Result<String, String> {
    match HeaderValue::from_str(&value) {
        Ok(_) => Ok(value),
        Err(_) => Err("a header holds printable ASCII on one line".to_owned()),
    }
}

fn unknown(name: &str) -> String {
    let forms = words::all_forms();
    match name {
        "" => format!("it is empty; a step is one of {forms}"),
        REPEAT => "`repeat` stands after `then` only: …, then repeat".to_owned(),
        _ => format!(
            "there is no `{name}`; a step is one of {forms}; the last one may be `then` and one of them"
        ),
    }
}

fn unclosed() -> String {
    "a quote is opened and not closed".to_owned()
}

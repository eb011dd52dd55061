//! The words of the script grammar, in one table: the parser's errors and the command line's help both print it.

/// One behaviour's name in the grammar.
pub(super) struct Word {
    pub(super) name: &'static str,
    /// What the value after `=` is called, for a behaviour that takes one.
    pub(super) value: Option<&'static str>,
    /// The names of the options it takes, besides `to`, which all of them take.
    pub(super) options: &'static [&'static str],
    /// An example of the whole step.
    pub(super) example: &'static str,
    pub(super) meaning: &'static str,
}

const fn word(name: &'static str, example: &'static str, meaning: &'static str) -> Word {
    Word { name, value: None, options: &[], example, meaning }
}

impl Word {
    const fn with(mut self, value: &'static str, options: &'static [&'static str]) -> Self {
        self.value = Some(value);
        self.options = options;
        self
    }

    /// `status=CODE`, `accept`.
    pub(super) fn form(&self) -> String {
        match self.value {
            Some(value) => format!("{}={value}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// All of them. Those whose meaning begins with "accepted" put the message into the ledger.
pub(super) const WORDS: [Word; 18] = [
    word("accept", "accept", "accepted: 200 with a message id"),
    word(
        "accept-with",
        "accept-with=202;body='{}'",
        "accepted, with this status and, if given, this body",
    )
    .with("CODE", &["body"]),
    word(
        "status",
        "status=429;retry_after=120",
        "not accepted: answers this status; options retry_after, body, location",
    )
    .with("CODE", &["retry_after", "body", "location"]),
    word("redirect", "redirect=http://127.0.0.1:9/send", "not accepted: 307 to this address")
        .with("URL", &[]),
    word("hang-before", "hang-before", "not accepted: reads the request and never answers"),
    word("hang-after", "hang-after", "accepted, never answers"),
    word("hold", "hold", "accepted: 200 with a message id, once the script is replaced"),
    word("drop-before", "drop-before", "not accepted: closes the connection without an answer"),
    word("drop-after", "drop-after", "accepted, closes the connection without an answer"),
    word("reset-after", "reset-after", "accepted, resets the connection without an answer"),
    word("no-http", "no-http", "not accepted: answers with bytes that are no HTTP"),
    word(
        "drop-mid-body",
        "drop-mid-body",
        "accepted, closes the connection halfway through the body",
    ),
    word(
        "drip",
        "drip=100ms",
        "accepted, sends one byte of the body at a time, with this pause before each",
    )
    .with("DURATION", &[]),
    word("garbage", "garbage", "accepted: 200 with an HTML page"),
    word("empty", "empty", "accepted: 200 without a body"),
    word("huge", "huge=1048576", "accepted: 200 with JSON padded to so many bytes, streamed")
        .with("BYTES", &[]),
    word(
        "gzip-bomb",
        "gzip-bomb=16777216",
        "accepted: 200 with a small gzip body that unpacks to so many bytes",
    )
    .with("BYTES", &[]),
    word("repeat", "repeat", "only after `then`: from the first step again"),
];

/// The one word that is no behaviour: it stands after `then` alone.
pub(super) const REPEAT: &str = "repeat";

/// The behaviour of this name.
pub(super) fn find(name: &str) -> Option<&'static Word> {
    behaviours().find(|word| word.name == name)
}

/// `accept, accept-with=CODE, status=CODE, …`: what an error message offers.
pub(super) fn all_forms() -> String {
    behaviours().map(Word::form).collect::<Vec<_>>().join(", ")
}

fn behaviours() -> impl Iterator<Item = &'static Word> {
    WORDS.iter().filter(|word| word.name != REPEAT)
}

/// The script grammar in words, for people: how steps are put together, and each behaviour with its meaning.
#[must_use]
pub fn grammar_help() -> String {
    let mut help = String::from(
        "\
Script: STEP[*TIMES], STEP[*TIMES], …[, then STEP]

Each POST /send that is valid uses up one step; after the last one comes the step behind `then`, for ever (accept
if there is none; `then repeat` starts again from the first). An accepted message is in the ledger, whatever the
client was told. Options follow the step: status=429;retry_after=120. A value that holds , ; * ] or quotes stands
in 'single quotes' (as it is) or \"double quotes\" (with \\\" \\\\ \\n). With ;to=+90555… a step is a rule for that
number: it uses up no turn and holds every time, or *TIMES times.

",
    );
    for word in &WORDS {
        help.push_str(&format!("  {:<34}{}\n", word.example, word.meaning));
    }
    help.push_str(
        "\nA message may bring its own behaviour in its content: `hello [mock:status=503]`. It uses up no step either.",
    );
    help
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Script, script::parse::behaviour};

    #[test]
    fn every_example_of_the_help_is_a_script_and_accepts_what_its_meaning_says() {
        for word in behaviours() {
            let parsed =
                behaviour(word.example).unwrap_or_else(|e| panic!("{}: {e}", word.example));
            let promised = word.meaning.starts_with("accepted");
            assert_eq!(parsed.accepts(), promised, "{}", word.name);
            assert!(word.example.parse::<Script>().is_ok(), "{}", word.example);
        }
    }

    #[test]
    fn the_readme_lists_every_word_as_the_help_does() {
        let readme = include_str!("../../README.md");
        for word in &WORDS {
            assert!(readme.contains(&format!("`{}`", word.example)), "{}", word.example);
        }
    }
}

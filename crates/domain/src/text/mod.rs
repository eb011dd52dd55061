//! How a text travels as SMS: its encoding, and into how many segments a
//! network splits it. Providers charge by the segment.
//!
//! Two encodings are told apart, as providers do:
//! - the **GSM 7-bit** default alphabet with its extension table, and
//! - **UCS-2** for every text that has one character more. Phones read it as
//!   UTF-16, in which all of Unicode can be written, so it is counted as that.
//!
//! Not used are the national language tables (3GPP TS 23.038, 6.2.1.2): with
//! them `ğ` takes a septet, but they cost room in each segment, phones must
//! know them, and few providers send them. Nor is 8-bit data, which phones do
//! not show as text. A provider that replaces characters (“smart encoding”)
//! may charge less than is counted here.

pub(crate) mod characters;
mod gsm7;

pub use characters::ForbiddenCharacter;
use std::fmt;

/// The alphabet that a text is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextEncoding {
    /// The GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// Sixteen-bit units, for everything else. The standard says UCS-2; phones
    /// read UTF-16, so that a character beyond U+FFFF takes two units.
    Ucs2,
}

impl TextEncoding {
    /// The word in the API and in the column `encoding`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Ucs2 => "ucs2",
        }
    }

    /// The encoding of this word; `None` if there is none.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Gsm7, Self::Ucs2].into_iter().find(|encoding| encoding.as_str() == word)
    }

    /// Units of the only segment of a short text: 140 octets.
    #[must_use]
    pub fn units_alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units of each segment of a longer text: six octets go to the header
    /// that joins them (3GPP TS 23.040, 9.2.3.24.1).
    #[must_use]
    pub fn units_joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Septets or sixteen-bit units that `text` takes; 0 for a character that
    /// the alphabet does not have.
    #[must_use]
    pub fn units(self, text: &str) -> usize {
        text.chars().map(|character| self.units_of(character)).sum()
    }

    fn units_of(self, character: char) -> usize {
        match self {
            Self::Gsm7 => gsm7::septets(character),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segmentation {
    /// In the cheapest alphabet that has all of it.
    pub encoding: TextEncoding,
    /// SMS that it takes; an empty text takes one.
    pub segments: u32,
}

impl Segmentation {
    /// Of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (encoding, units) = measure(text);
        let segments = if units <= encoding.units_alone() { 1 } else { count(text, encoding) };
        Self { encoding, segments }
    }
}

/// The alphabet that `text` needs, and the units it takes in that.
fn measure(text: &str) -> (TextEncoding, usize) {
    let add = |sum, character| match gsm7::septets(character) {
        0 => None,
        septets => Some(sum + septets),
    };
    match text.chars().try_fold(0, add) {
        Some(septets) => (TextEncoding::Gsm7, septets),
        None => (TextEncoding::Ucs2, TextEncoding::Ucs2.units(text)),
    }
}

/// How many segments [`joined`] makes of `text`, without making them.
fn count(text: &str, encoding: TextEncoding) -> u32 {
    let (mut segments, mut room) = (1, encoding.units_joined());
    for character in text.chars() {
        let units = encoding.units_of(character);
        if units > room {
            segments += 1;
            room = encoding.units_joined();
        }
        room -= units;
    }
    segments
}

/// The segments of `text`, in order. None splits a character: neither an escape
/// from what it escapes nor the halves of a surrogate pair.
#[must_use]
pub fn segments(text: &str) -> Vec<&str> {
    let (encoding, units) = measure(text);
    if units <= encoding.units_alone() { vec![text] } else { joined(text, encoding).collect() }
}

/// The segments of a text that needs several, each as full as it can be.
fn joined(text: &str, encoding: TextEncoding) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut room = encoding.units_joined();
        let end = rest.char_indices().find(|(_, character)| {
            let units = encoding.units_of(*character);
            let full = units > room;
            room -= if full { 0 } else { units };
            full
        });
        let (segment, left) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = left;
        (!segment.is_empty()).then_some(segment)
    })
}

#[cfg(test)]
mod tests;

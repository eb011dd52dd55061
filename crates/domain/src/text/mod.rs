//! How a text travels as SMS: its encoding, and into how many segments a
//! network splits it. Providers charge by the segment.

mod gsm7;

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
    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Ucs2 => "ucs2",
        }
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

    /// Units that `character` takes; the alphabet must have it.
    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => gsm7::septets(character).unwrap_or(1),
            Self::Ucs2 => character.len_utf16(),
        }
    }

    /// The cheapest alphabet that has all of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let gsm7 = text.chars().all(|character| gsm7::septets(character).is_some());
        if gsm7 { Self::Gsm7 } else { Self::Ucs2 }
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
    /// In which alphabet.
    pub encoding: TextEncoding,
    /// Septets or sixteen-bit units of the whole text.
    pub units: usize,
    /// SMS that it takes; an empty text takes one.
    pub segments: usize,
}

impl Segmentation {
    /// Of `text`, without national language tables, which most providers do
    /// not use.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let encoding = TextEncoding::of(text);
        let units = text.chars().map(|character| encoding.units(character)).sum();
        let segments =
            if units <= encoding.units_alone() { 1 } else { joined(text, encoding).count() };
        Self { encoding, units, segments }
    }
}

/// The segments of `text`, in order. None splits a character: neither an escape
/// from what it escapes nor the halves of a surrogate pair.
#[must_use]
pub fn segments(text: &str) -> Vec<&str> {
    match Segmentation::of(text) {
        Segmentation { segments: 1, .. } => vec![text],
        Segmentation { encoding, .. } => joined(text, encoding).collect(),
    }
}

/// The segments of a text that needs several, each as full as it can be.
fn joined(text: &str, encoding: TextEncoding) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut room = encoding.units_joined();
        let end = rest.char_indices().find(|(_, character)| {
            let units = encoding.units(*character);
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

//! The normal form of a phone number.

use std::fmt;

/// An international number as ITU-T E.164 has it: country code and the rest, at
/// most 15 digits; written with a `+` in front.
///
/// It is told from the spelling alone; whether anybody has the number is not
/// known. A library with the numbering plans of all countries could tell more,
/// but calls numbers invalid that people have in their tables, and is out of
/// date with each plan that changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct E164(u64);

impl E164 {
    /// Fewest digits: a country code of three and the four of the smallest
    /// networks.
    pub const MIN_DIGITS: usize = 7;
    /// Most digits (ITU-T E.164, 6.1).
    pub const MAX_DIGITS: usize = 15;

    /// The normal form of `text`; `None` where it cannot be told for certain.
    ///
    /// - **Without `+`** it may be a number of any country.
    /// - **`00` for `+`** is right in many countries. In Singapore, Hong Kong
    ///   or Korea `001` is a prefix itself, so that `0015551234567` is one
    ///   number there and another one elsewhere.
    /// - **With a zero that opens a parenthesis**, as in `+44 (0)20…`, most
    ///   countries leave the zero out, and some dial it.
    /// - **With other signs** than digits, parentheses, blanks, dots, dashes and
    ///   the invisible marks that numbers are copied with, it is more than a
    ///   number (`ext. 12`, `…66/67`), or in digits of a script that the
    ///   provider, who gets the original, may not read.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let signs: String = text.chars().filter(|sign| !is_separator(*sign)).collect();
        let number = signs.trim_start_matches('(').strip_prefix('+')?;
        if number.contains("(0") {
            return None;
        }
        let digits = number.replace(['(', ')'], "");
        let fits = (Self::MIN_DIGITS..=Self::MAX_DIGITS).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0');
        if fits { digits.parse().ok().map(Self) } else { None }
    }
}

/// The form itself: `+905551234567`.
impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// Shows the first digit and the last two only: numbers are personal data, and
/// `{:?}` ends up in logs.
impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let (head, rest) = digits.split_at(1);
        write!(f, "E164(+{head}…{})", &rest[rest.len() - 2..])
    }
}

/// What people and programs put between digits: blanks, dots, dashes, and the
/// marks that contacts are copied with.
fn is_separator(character: char) -> bool {
    match character {
        '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        '\u{ad}' | '\u{feff}' => true,
        character => character.is_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PhoneNumber;
    use proptest::prelude::*;

    fn form(text: &str) -> Option<String> {
        E164::parse(text).map(|number| number.to_string())
    }

    #[test]
    fn many_spellings_have_one_form() {
        for spelling in [
            "+905551234567",
            "+90 555 123 45 67",
            "+90-555-123-45-67",
            "+90.555.123.4567",
            "+90 (555) 123-4567",
            "(+90) 555 1234567",
            " +905551234567\r\n",
            "+90\u{a0}555\u{2009}123\u{202f}4567",
            "+90\u{2011}555\u{2013}123\u{2212}4567",
            "\u{202a}+905551234567\u{202c}",
            "\u{feff}+905551234567\u{200e}",
        ] {
            assert_eq!(form(spelling).as_deref(), Some("+905551234567"), "{spelling:?}");
        }
    }

    #[test]
    fn what_cannot_be_told_for_certain_is_not_told() {
        for text in [
            "",
            "+",
            "905551234567",
            "05551234567",
            "00905551234567",
            "0015551234567",
            "+05551234567",
            "+44 (0)20 7946 0958",
            "+90 (0555) 123 45 67",
            "++905551234567",
            "+90555+1234567",
            "+90555123456x12",
            "+90 555 123456/57",
            "+1 800 FLOWERS",
            "tel:+905551234567",
            "＋905551234567",
            "+٩٠٥٥٥١٢٣٤٥٦٧",
            "+９０５５５１２３４５６７",
            "HELLO WORLD",
        ] {
            assert_eq!(form(text), None, "{text:?}");
        }
    }

    #[test]
    fn seven_to_fifteen_digits_are_a_number() {
        assert_eq!(form("+123456"), None);
        assert_eq!(form("+683 40 00").as_deref(), Some("+6834000"));
        assert_eq!(form("+123456789012345").as_deref(), Some("+123456789012345"));
        assert_eq!(form("+1234567890123456"), None);
        assert_eq!(form("+12345678901234567890"), None, "more than a number holds");
    }

    #[test]
    fn debug_hides_the_middle() {
        assert_eq!(format!("{:?}", E164::parse("+905551234567").unwrap()), "E164(+9…67)");
    }

    /// A number with separators of all kinds in it.
    fn spelling() -> impl Strategy<Value = (String, String)> {
        let between = prop::sample::select(vec!["", "", " ", "-", ".", "(", ")", "\u{a0}", " - "]);
        let digit = ("[0-9]", between).prop_map(|(digit, between)| (digit, between.to_owned()));
        ("[1-9]", prop::collection::vec(digit, 6..20)).prop_map(|(first, rest)| {
            let digits: String = rest.iter().map(|(digit, _)| digit.as_str()).collect();
            let spelt: String =
                rest.iter().flat_map(|(digit, between)| [digit.as_str(), between]).collect();
            (format!("+{first}{digits}"), format!("+{first}{spelt}"))
        })
    }

    proptest! {
        #[test]
        fn a_spelling_has_the_form_of_its_digits_or_none((plain, spelt) in spelling()) {
            let told = form(&spelt);
            if spelt.contains("(") {
                prop_assert!(told.is_none() || told == form(&plain));
            } else {
                prop_assert_eq!(&told, &form(&plain));
            }
            prop_assert_eq!(form(&plain).is_some(), plain.len() <= 16);
        }

        /// Else two messages to one number could be in flight at once.
        #[test]
        fn one_form_is_one_recipient((plain, spelt) in spelling()) {
            let key = |text: &str| PhoneNumber::of_row(text).ok().map(|it| it.recipient_key());
            if let (Some(_), Some(one), Some(other)) = (form(&spelt), key(&plain), key(&spelt)) {
                prop_assert_eq!(one, other);
            }
        }

        #[test]
        fn any_text_can_be_asked(text in any::<String>()) {
            if let Some(form) = form(&text) {
                prop_assert_eq!(E164::parse(&form), E164::parse(&text), "it is its own form");
            }
        }
    }
}

//! Which characters a new text may have.

use std::fmt;

/// A character that a new text must not have.
///
/// A text that still has an author who can be told is refused when it is most
/// likely not what its author meant, or when it would do harm on its way. A row
/// that a program wrote by SQL has nobody to tell: it is sent as it is, as the
/// predecessor did, unless it cannot be.
///
/// | characters | new text | row | reason |
/// |---|---|---|---|
/// | U+0000 | refused | refused | PostgreSQL cannot store it, and C programs on the way end at it |
/// | TAB, LF, FF, CR | accepted | sent | lines and pages are text; the GSM alphabet has all of these but TAB |
/// | other control characters: U+0001–U+001F, U+007F, U+0080–U+009F | refused | sent | no phone shows one; ESC drives terminals that logs are read on; U+0080–U+009F are letters read in the wrong charset |
/// | noncharacters: U+FDD0–U+FDEF, U+FFFE, U+FFFF and the last two of each plane | refused | sent | Unicode keeps them for the inside of programs; U+FFFE swaps the bytes of all that follows |
/// | U+FEFF, byte-order mark | refused | sent | left over from reading a file; nobody sees it, and it makes a text UCS-2, at twice the price |
/// | U+202D and U+202E, overrides of direction | refused | sent | they show text in another order than it has, and so disguise addresses |
/// | blanks and nothing else | refused | sent | nobody pays to send nothing |
/// | lone surrogates | refused | – | no text has one: JSON that names one is `invalid_json`, with its place |
/// | other marks of direction: U+061C, U+200E, U+200F, U+202A–U+202C, U+2066–U+2069 | accepted | sent | Arabic and Hebrew texts need them, and libraries put them around names; the order stays that of the text |
/// | emoji with modifiers, joiners, variation selectors and tags; combining marks | accepted | sent | each is one sign to its reader; it takes the units of all its code points, and phones join segments before they show it |
/// | U+2028, U+2029, no-break and zero-width blanks, soft hyphens | accepted | sent | texts that are pasted have them; phones show a line break, a blank or nothing |
/// | U+FFFD, private use, unassigned | accepted | sent | operators have signs of their own, and Unicode grows |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForbiddenCharacter {
    /// U+0000.
    Nul,
    /// Another one that controls a device; tabs, line and page breaks are fine.
    Control,
    /// One that Unicode keeps for the inside of programs.
    Noncharacter,
    /// U+FEFF.
    ByteOrderMark,
    /// U+202D and U+202E.
    DirectionOverride,
}

impl ForbiddenCharacter {
    /// Why `character` is forbidden; `None` if it is not.
    #[must_use]
    pub fn of(character: char) -> Option<Self> {
        match character {
            '\0' => Some(Self::Nul),
            '\t' | '\n' | '\u{c}' | '\r' => None,
            '\u{feff}' => Some(Self::ByteOrderMark),
            '\u{202d}' | '\u{202e}' => Some(Self::DirectionOverride),
            _ if character.is_control() => Some(Self::Control),
            _ if is_noncharacter(character) => Some(Self::Noncharacter),
            _ => None,
        }
    }

    /// A stable word for programs.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Nul => "content_has_nul",
            Self::Control => "content_has_control_character",
            Self::Noncharacter => "content_has_noncharacter",
            Self::ByteOrderMark => "content_has_byte_order_mark",
            Self::DirectionOverride => "content_has_direction_override",
        }
    }
}

impl fmt::Display for ForbiddenCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nul => "the NUL character (U+0000)",
            Self::Control => "control characters other than tabs, line and page breaks",
            Self::Noncharacter => "noncharacters such as U+FFFE and U+FFFF",
            Self::ByteOrderMark => "a byte-order mark (U+FEFF)",
            Self::DirectionOverride => "overrides of direction (U+202D and U+202E)",
        })
    }
}

/// The first forbidden character of `text`, and which it is, counted from 1.
pub(crate) fn first_forbidden(text: &str) -> Option<(ForbiddenCharacter, usize)> {
    let forbidden = |(at, character)| Some((ForbiddenCharacter::of(character)?, at));
    (1..).zip(text.chars()).find_map(forbidden)
}

fn is_noncharacter(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || character as u32 & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use ForbiddenCharacter::*;

    fn every(forbidden: ForbiddenCharacter) -> Vec<char> {
        let all = '\0'..=char::MAX;
        all.filter(|character| ForbiddenCharacter::of(*character) == Some(forbidden)).collect()
    }

    #[test]
    fn the_forbidden_characters_are_those_of_the_table_and_no_others() {
        assert_eq!(every(Nul), ['\0']);
        assert_eq!(every(ByteOrderMark), ['\u{feff}']);
        assert_eq!(every(DirectionOverride), ['\u{202d}', '\u{202e}']);
        // 65 control characters, without NUL and the four that are text.
        let control = every(Control);
        assert_eq!((control.len(), control[0], control[59]), (60, '\u{1}', '\u{9f}'));
        assert!(control.contains(&'\u{1b}') && control.contains(&'\u{7f}'));
        // 32 in the Arabic block, and two in each of 17 planes.
        let noncharacters = every(Noncharacter);
        assert_eq!(noncharacters.len(), 66);
        assert_eq!((noncharacters[32], noncharacters[65]), ('\u{fffe}', '\u{10ffff}'));
    }

    #[test]
    fn what_people_write_is_accepted() {
        for text in [
            "a\tb\r\nc\u{c}",
            "👍🏽 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇹🇷 ❤️",
            "e\u{301} க்ஷி",
            "\u{200f}שלום\u{200e} \u{2068}Anna\u{2069} \u{202a}x\u{202b}y\u{202c} \u{61c}",
            "a\u{2028}b\u{2029}c\u{a0}d\u{200b}e\u{ad}f\u{2060}",
            "\u{fffd} \u{e000} \u{f8ff} \u{378}",
        ] {
            assert_eq!(first_forbidden(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_first_one_is_told_with_its_place_in_characters() {
        assert_eq!(first_forbidden("😀ğ\u{1b}[2J\0"), Some((Control, 3)));
        assert_eq!(first_forbidden("\u{feff}a"), Some((ByteOrderMark, 1)));
    }
}

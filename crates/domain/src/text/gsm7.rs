//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038,
//! 6.2.1 and 6.2.1.1), as far as counting needs them.

/// The characters beyond ASCII that take one septet.
const BASIC: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";

/// ASCII that takes two septets: an escape, then the character.
const EXTENSION: &str = "\u{c}^{}\\[~]|";

/// ASCII that the alphabet does not have: the other control characters, and
/// the grave accent.
const fn is_foreign(ascii: u8) -> bool {
    matches!(ascii, b'`' | 0x7f) || (ascii < 0x20 && !matches!(ascii, b'\n' | b'\r' | 0xc))
}

/// Septets of each ASCII character; none for a foreign one.
const ASCII: [u8; 128] = {
    let mut septets = [1; 128];
    let mut ascii = 0;
    while ascii < 128 {
        if is_foreign(ascii as u8) {
            septets[ascii] = 0;
        }
        ascii += 1;
    }
    let mut place = 0;
    while place < EXTENSION.len() {
        septets[EXTENSION.as_bytes()[place] as usize] = 2;
        place += 1;
    }
    septets
};

/// How many septets `character` takes; `None` if the alphabet does not have it.
pub(super) fn septets(character: char) -> Option<usize> {
    match character {
        character if character.is_ascii() => {
            Some(usize::from(ASCII[character as usize])).filter(|septets| *septets > 0)
        }
        '€' => Some(2),
        character => BASIC.contains(character).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default alphabet as the standard prints it: 128 places, of which
    /// one is the escape.
    const PRINTED: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                           ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    #[test]
    fn every_character_of_the_printed_alphabet_takes_one_septet_and_no_other_does() {
        assert_eq!(PRINTED.chars().count(), 127);
        for character in '\0'..=char::MAX {
            let basic = septets(character) == Some(1);
            assert_eq!(basic, PRINTED.contains(character), "{character:?}");
        }
    }

    #[test]
    fn the_extension_table_takes_two_septets_and_nothing_else_does() {
        let twice: String = ('\0'..=char::MAX).filter(|c| septets(*c) == Some(2)).collect();
        assert_eq!(twice, "\u{c}[\\]^{|}~€");
    }
}

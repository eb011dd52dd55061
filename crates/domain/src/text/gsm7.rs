//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038,
//! 6.2.1 and 6.2.1.1), as far as counting needs them.

/// The characters up to U+00FF that take one septet, beside most of ASCII.
const BASIC_LATIN_1: [char; 29] = [
    '£', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', 'Ø', 'ø', 'Å', 'å', 'Æ', 'æ', 'ß', 'É', '¤', '¡', 'Ä',
    'Ö', 'Ñ', 'Ü', '§', '¿', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// ASCII that takes two septets: an escape, then the character.
const EXTENSION: [u8; 9] = *b"\x0c^{}\\[~]|";

/// ASCII that the alphabet does not have: control characters, except those that
/// begin a line or a page, and the grave accent.
const fn is_foreign(ascii: u8) -> bool {
    matches!(ascii, b'`' | 0x7f) || (ascii < 0x20 && !matches!(ascii, b'\n' | b'\r' | 0xc))
}

/// Septets of each character up to U+00FF; 0 for a foreign one.
const LATIN_1: [u8; 256] = {
    let mut septets = [0; 256];
    let mut ascii = 0;
    while ascii < 128 {
        septets[ascii] = !is_foreign(ascii as u8) as u8;
        ascii += 1;
    }
    let mut place = 0;
    while place < BASIC_LATIN_1.len() {
        septets[BASIC_LATIN_1[place] as usize] = 1;
        place += 1;
    }
    let mut place = 0;
    while place < EXTENSION.len() {
        septets[EXTENSION[place] as usize] = 2;
        place += 1;
    }
    septets
};

/// How many septets `character` takes; 0 if the alphabet does not have it.
///
/// Of the Greek capitals it has those that look like no Latin one.
pub(super) const fn septets(character: char) -> usize {
    match character {
        '\0'..='\u{ff}' => LATIN_1[character as usize] as usize,
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => 1,
        '€' => 2,
        _ => 0,
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
            let basic = septets(character) == 1;
            assert_eq!(basic, PRINTED.contains(character), "{character:?}");
        }
    }

    #[test]
    fn the_extension_table_takes_two_septets_and_nothing_else_does() {
        let twice: String = ('\0'..=char::MAX).filter(|c| septets(*c) == 2).collect();
        assert_eq!(twice, "\u{c}[\\]^{|}~€");
    }
}

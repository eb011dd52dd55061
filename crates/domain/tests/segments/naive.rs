//! The standard taken word for word: the text is coded, octet by octet, and the
//! code is cut. Slow, and written without a look at the product's own way: the
//! tests compare the two, and the benchmark measures one against the other.

/// The default alphabet, place by place (3GPP TS 23.038, 6.2.1). At 0x1b stands
/// the escape, which no text has.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                       ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: place and character (6.2.1.1).
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

const ESCAPE: u8 = 0x1b;

/// Whether the text goes out in the GSM alphabet, and in how many segments.
pub(crate) fn count(text: &str) -> (bool, usize) {
    match septets(text) {
        Some(septets) => (true, cut(&septets, 160, 153, |septet| *septet == ESCAPE)),
        None => {
            let units: Vec<u16> = text.encode_utf16().collect();
            (false, cut(&units, 70, 67, |unit| (0xd800..0xdc00).contains(unit)))
        }
    }
}

/// The code of a text; `None` if the alphabet does not have all of it.
fn septets(text: &str) -> Option<Vec<u8>> {
    let mut code = Vec::new();
    for character in text.chars() {
        if let Some((place, _)) = EXTENSION.iter().find(|(_, it)| *it == character) {
            code.extend([ESCAPE, *place]);
            continue;
        }
        match DEFAULT.chars().position(|it| it == character) {
            Some(place) if place != usize::from(ESCAPE) => code.push(u8::try_from(place).ok()?),
            _ => return None,
        }
    }
    Some(code)
}

/// How many pieces: one of `alone`, or as many of `joined` as it takes when
/// none may end with a unit that `opens` a pair.
fn cut<T>(code: &[T], alone: usize, joined: usize, opens: impl Fn(&T) -> bool) -> usize {
    if code.len() <= alone {
        return 1;
    }
    let (mut rest, mut pieces) = (code, 0);
    while !rest.is_empty() {
        let mut end = joined.min(rest.len());
        if opens(&rest[end - 1]) {
            end -= 1;
        }
        rest = &rest[end..];
        pieces += 1;
    }
    pieces
}

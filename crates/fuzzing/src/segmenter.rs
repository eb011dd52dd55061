//! A text, its alphabet and its segments; and whether it is a message's body.

use dispatcher_domain::{
    ForbiddenCharacter, InvalidBody, MessageBody, MessageLimits, Segmentation, TextEncoding,
    segments,
};

/// The default alphabet as 3GPP TS 23.038 prints it, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                     ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table: two septets each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Segmentation { encoding, segments: count } = Segmentation::of(&text);
    let is_gsm7 = text.chars().all(|it| BASIC.contains(it) || EXTENSION.contains(it));
    assert_eq!(encoding, if is_gsm7 { TextEncoding::Gsm7 } else { TextEncoding::Ucs2 });
    let parts = segments(&text);
    assert_eq!(parts.concat(), text, "the segments are the text");
    assert_eq!(parts.len(), count as usize, "as many as told");
    let total = units(encoding, &text);
    assert_eq!(encoding.units(&text), total);
    assert_eq!(count == 1, total <= encoding.units_alone(), "{total} units");
    if count > 1 {
        filled(encoding, &parts);
    }
    body(&text);
}

fn units(encoding: TextEncoding, text: &str) -> usize {
    match encoding {
        // As octets of the code: a character of the table is an escape and itself.
        TextEncoding::Gsm7 => text.chars().map(|it| 1 + usize::from(EXTENSION.contains(it))).sum(),
        TextEncoding::Ucs2 => text.encode_utf16().count(),
    }
}

/// Each holds what it can, and no character is split: parts of a `str` end
/// between characters, so a part that fits has whole escapes and pairs.
fn filled(encoding: TextEncoding, parts: &[&str]) {
    for part in parts {
        assert!(!part.is_empty() && units(encoding, part) <= encoding.units_joined(), "{part:?}");
    }
    for pair in parts.windows(2) {
        let first: String = pair[1].chars().take(1).collect();
        let with_next = units(encoding, pair[0]) + units(encoding, &first);
        assert!(with_next > encoding.units_joined(), "{pair:?} had room");
    }
}

fn body(text: &str) {
    let limits = MessageLimits { max_content_length: 160 };
    let (new, row) = (MessageBody::parse(text, &limits), MessageBody::of_row(text, &limits));
    let chars = text.chars().count();
    assert_eq!(row.is_ok(), (1..=160).contains(&chars) && !text.contains('\0'));
    match new {
        Ok(body) => {
            assert_eq!((body.as_str(), body.chars()), (text, chars));
            assert_eq!(row, Ok(body));
            assert!(text.chars().all(|it| ForbiddenCharacter::of(it).is_none()));
            assert!(!text.trim().is_empty());
        }
        Err(InvalidBody::Forbidden { character, position }) => {
            let blamed = text.chars().nth(position - 1).expect("it is there");
            assert_eq!(ForbiddenCharacter::of(blamed), Some(character));
        }
        Err(InvalidBody::TooLong { chars: told, .. }) => assert!(told == chars && chars > 160),
        Err(InvalidBody::Empty) => assert_eq!(text, ""),
        Err(InvalidBody::Blank) => assert_eq!(text.trim(), ""),
    }
}

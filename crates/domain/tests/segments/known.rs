//! Texts whose segments were counted by hand, by the tables of 3GPP TS 23.038.

use super::counted;

/// So many of a text, then another.
fn many(count: usize, text: &str, then: &str) -> String {
    text.repeat(count) + then
}

#[test]
fn texts_counted_by_hand() {
    let cases = [
        // Nothing, and one of everything.
        (String::new(), "gsm7", 1),
        ("Your code is 481516".into(), "gsm7", 1),
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./".into(), "gsm7", 1),
        ("¡ÄÖÑÜ§¿äöñüà".into(), "gsm7", 1),
        ("\u{c}^{}\\[~]|€".into(), "gsm7", 1),
        // What looks as if the alphabet had it.
        ("`".into(), "ucs2", 1),
        ("\t".into(), "ucs2", 1),
        ("ç".into(), "ucs2", 1),
        ("á í ó ú â ê".into(), "ucs2", 1),
        ("Α Β Ε".into(), "ucs2", 1),
        ("α δ ω".into(), "ucs2", 1),
        ("µ º ª".into(), "ucs2", 1),
        ("“quoted” – it’s…".into(), "ucs2", 1),
        ("a\u{a0}b".into(), "ucs2", 1),
        ("e\u{301}".into(), "ucs2", 1),
        ("ğüşıöç İ".into(), "ucs2", 1),
        ("\u{1b}".into(), "ucs2", 1),
        // 160 and 153 septets.
        (many(160, "a", ""), "gsm7", 1),
        (many(161, "a", ""), "gsm7", 2),
        (many(306, "a", ""), "gsm7", 2),
        (many(307, "a", ""), "gsm7", 3),
        (many(459, "a", ""), "gsm7", 3),
        (many(460, "a", ""), "gsm7", 4),
        (many(1530, "a", ""), "gsm7", 10),
        (many(1531, "a", ""), "gsm7", 11),
        // Two septets each: 80 alone; 76 in 153, and one septet left over.
        (many(80, "€", ""), "gsm7", 1),
        (many(80, "€", "a"), "gsm7", 2),
        (many(81, "€", ""), "gsm7", 2),
        (many(152, "€", ""), "gsm7", 2),
        (many(152, "€", "a"), "gsm7", 2),
        (many(152, "€", "aa"), "gsm7", 3),
        (many(153, "€", ""), "gsm7", 3),
        (many(158, "a", "€"), "gsm7", 1),
        (many(159, "a", "€"), "gsm7", 2),
        // The escape would be the 153rd septet.
        (many(152, "a", &many(1, "{", &"b".repeat(151))), "gsm7", 2),
        (many(152, "a", &many(1, "{", &"b".repeat(152))), "gsm7", 3),
        // Ended by it, the first segment is full.
        (many(151, "a", &many(1, "{", &"b".repeat(153))), "gsm7", 2),
        (many(151, "a", &many(1, "{", &"b".repeat(154))), "gsm7", 3),
        // 70 and 67 units.
        (many(70, "ş", ""), "ucs2", 1),
        (many(71, "ş", ""), "ucs2", 2),
        (many(134, "ş", ""), "ucs2", 2),
        (many(135, "ş", ""), "ucs2", 3),
        (many(670, "ş", ""), "ucs2", 10),
        (many(671, "ş", ""), "ucs2", 11),
        (many(69, "a", "ş"), "ucs2", 1),
        (many(70, "a", "ş"), "ucs2", 2),
        (many(159, "a", "ş"), "ucs2", 3),
        // In the other alphabet the euro sign takes one unit.
        (many(69, "€", "ş"), "ucs2", 1),
        // Pairs: 35 alone; 33 in 67, and one unit left over.
        (many(35, "😀", ""), "ucs2", 1),
        (many(36, "😀", ""), "ucs2", 2),
        (many(66, "😀", ""), "ucs2", 2),
        (many(66, "😀", "a"), "ucs2", 2),
        (many(66, "😀", "aa"), "ucs2", 3),
        (many(67, "😀", ""), "ucs2", 3),
        (many(68, "a", "😀"), "ucs2", 1),
        (many(69, "a", "😀"), "ucs2", 2),
        // The first half would be the 67th unit.
        (many(66, "ş", &many(1, "😀", &"ş".repeat(65))), "ucs2", 2),
        (many(66, "ş", &many(1, "😀", &"ş".repeat(66))), "ucs2", 3),
        (many(65, "ş", &many(1, "😀", &"ş".repeat(67))), "ucs2", 2),
        (many(65, "ş", &many(1, "😀", &"ş".repeat(68))), "ucs2", 3),
        // Signs of several code points: 4, 4, 8, 14 and 2 units.
        (many(17, "👍🏽", ""), "ucs2", 1),
        (many(18, "👍🏽", ""), "ucs2", 2),
        (many(17, "🇹🇷", ""), "ucs2", 1),
        (many(18, "🇹🇷", ""), "ucs2", 2),
        (many(8, "👩‍👩‍👧", ""), "ucs2", 1),
        (many(9, "👩‍👩‍👧", ""), "ucs2", 2),
        (many(5, "🏴󠁧󠁢󠁥󠁮󠁧󠁿", ""), "ucs2", 1),
        (many(6, "🏴󠁧󠁢󠁥󠁮󠁧󠁿", ""), "ucs2", 2),
        (many(35, "❤️", ""), "ucs2", 1),
        (many(36, "❤️", ""), "ucs2", 2),
        // Marks that nobody sees take a unit all the same.
        (many(34, "\u{200f}ש", "\u{2068}\u{2069}"), "ucs2", 1),
        (many(35, "\u{200f}ש", "\u{feff}"), "ucs2", 2),
        // The longest that MAX_CONTENT_LENGTH allows by default.
        (many(160, "漢", ""), "ucs2", 3),
        (many(160, "😀", ""), "ucs2", 5),
        (many(160, "[", ""), "gsm7", 3),
    ];
    for (text, encoding, segments) in cases {
        assert_eq!(counted(&text), (encoding, segments), "{text:?}");
    }
}

use super::*;
use proptest::prelude::*;

/// Encoding, units and segments.
fn counted(text: &str) -> (TextEncoding, usize, u32) {
    let Segmentation { encoding, segments } = Segmentation::of(text);
    (encoding, encoding.units(text), segments)
}

#[test]
fn short_texts_take_one_segment_up_to_the_last_unit() {
    assert_eq!(counted(""), (TextEncoding::Gsm7, 0, 1));
    assert_eq!(counted(&"a".repeat(160)), (TextEncoding::Gsm7, 160, 1));
    assert_eq!(counted(&"a".repeat(161)), (TextEncoding::Gsm7, 161, 2));
    assert_eq!(counted(&"ş".repeat(70)), (TextEncoding::Ucs2, 70, 1));
    assert_eq!(counted(&"ş".repeat(71)), (TextEncoding::Ucs2, 71, 2));
}

#[test]
fn joined_segments_are_shorter() {
    assert_eq!(counted(&"a".repeat(306)).2, 2);
    assert_eq!(counted(&"a".repeat(307)).2, 3);
    assert_eq!(counted(&"ş".repeat(134)).2, 2);
    assert_eq!(counted(&"ş".repeat(135)).2, 3);
}

#[test]
fn one_foreign_character_changes_the_alphabet_of_all() {
    assert_eq!(counted("Kod: 481516"), (TextEncoding::Gsm7, 11, 1));
    assert_eq!(counted("Kod: 481516 ğ"), (TextEncoding::Ucs2, 13, 1));
    // The alphabet has Ç and é, but neither ç nor ê.
    assert_eq!(counted("Çé").0, TextEncoding::Gsm7);
    assert_eq!(counted("çê").0, TextEncoding::Ucs2);
}

#[test]
fn an_escaped_character_is_not_split_and_leaves_a_septet_unused() {
    // 152 septets and a euro sign: it does not fit into the first segment.
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(151));
    assert_eq!(counted(&text), (TextEncoding::Gsm7, 305, 2));
    assert_eq!(segments(&text)[1], format!("€{}", "b".repeat(151)));
    // By septets alone, 306 are two segments; the unused one makes it three.
    assert_eq!(counted(&format!("{text}b")), (TextEncoding::Gsm7, 306, 3));
}

#[test]
fn a_surrogate_pair_is_not_split() {
    let text = "😀".repeat(36);
    assert_eq!(counted(&text), (TextEncoding::Ucs2, 72, 2));
    let parts: Vec<usize> = segments(&text).iter().map(|part| part.chars().count()).collect();
    assert_eq!(parts, [33, 3], "67 units hold 33 pairs");
}

/// Texts that lie around the limits: either alphabet, both widths.
fn text() -> impl Strategy<Value = String> {
    let gsm7 = prop::collection::vec(prop::sample::select(vec!['a', 'é', '€', '{']), 0..500);
    let ucs2 = prop::collection::vec(prop::sample::select(vec!['a', 'ş', '😀', '€']), 0..250);
    let any = prop::collection::vec(any::<char>(), 0..250);
    prop_oneof![gsm7, ucs2, any].prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn segments_are_the_text_and_as_many_as_told(text in text()) {
        let parts = segments(&text);
        prop_assert_eq!(parts.concat(), text.clone());
        prop_assert_eq!(parts.len(), Segmentation::of(&text).segments as usize);
    }

    #[test]
    fn every_segment_fits_and_none_could_have_held_the_next_character(text in text()) {
        let Segmentation { encoding, segments: count } = Segmentation::of(&text);
        let size = |text: &str| encoding.units(text);
        prop_assert_eq!(count == 1, size(&text) <= encoding.units_alone());
        if count > 1 {
            let parts = segments(&text);
            for (part, next) in parts.iter().zip(parts.iter().skip(1)) {
                let first = next.chars().next().expect("no segment is empty");
                prop_assert!(size(part) <= encoding.units_joined());
                prop_assert!(size(part) + encoding.units_of(first) > encoding.units_joined());
            }
            prop_assert!(size(parts[parts.len() - 1]) <= encoding.units_joined());
        }
    }

    #[test]
    fn sixteen_bit_units_are_those_of_utf16(text in "[ş😀-😎a-z]{1,200}ş") {
        let (encoding, units, _) = counted(&text);
        prop_assert_eq!((encoding, units), (TextEncoding::Ucs2, text.encode_utf16().count()));
    }
}

//! Texts whose number of segments is known.

mod known;
mod naive;
mod thousand;

use dispatcher_domain::{Segmentation, TextEncoding};
use proptest::prelude::*;

/// Encoding and segments, as the product counts them.
fn counted(text: &str) -> (&'static str, u32) {
    let Segmentation { encoding, segments } = Segmentation::of(text);
    (encoding.as_str(), segments)
}

/// Around the limits, in either alphabet, with characters of both widths.
fn text() -> impl Strategy<Value = String> {
    let of = |characters: &str| prop::sample::select(characters.chars().collect::<Vec<_>>());
    let gsm7 = prop::collection::vec(of("aaaé€{Ω\n\r"), 0..700);
    let ucs2 = prop::collection::vec(of("aaşş€😀👩\u{200d}\u{fe0f}"), 0..300);
    let any = prop::collection::vec(any::<char>(), 0..300);
    prop_oneof![gsm7, ucs2, any].prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn the_standard_taken_word_for_word_counts_the_same(text in text()) {
        let (gsm7, segments) = naive::count(&text);
        let Segmentation { encoding, segments: counted } = Segmentation::of(&text);
        prop_assert_eq!((encoding == TextEncoding::Gsm7, counted as usize), (gsm7, segments));
    }
}

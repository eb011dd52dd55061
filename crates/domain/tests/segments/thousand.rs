//! A thousand texts, built so that their segments are known before anybody
//! counts: each is put together from segments that are full, or that lack one
//! unit because the next begins with a character of two.

use super::counted;

/// An alphabet to build of: its limits, and characters of one unit and of two.
struct Alphabet {
    encoding: &'static str,
    alone: usize,
    joined: usize,
    single: &'static [char],
    double: &'static [char],
    /// Makes the text need this alphabet: a character of one unit, or none.
    mark: Option<char>,
}

const GSM7: Alphabet = Alphabet {
    encoding: "gsm7",
    alone: 160,
    joined: 153,
    single: &['a', 'Z', '0', ' ', '@', '_', '\n', '\r', 'é', 'à', 'Ç', 'Ø', 'Ω', 'Δ', '¿', '§'],
    double: &['€', '[', ']', '{', '}', '\\', '|', '~', '^', '\u{c}'],
    mark: None,
};

const UCS2: Alphabet = Alphabet {
    encoding: "ucs2",
    alone: 70,
    joined: 67,
    // The euro sign takes one unit here.
    single: &['a', '€', '{', 'ğ', 'ş', 'ç', '`', '\t', 'Ж', 'ש', 'ع', '漢', '\u{200d}', '\u{301}'],
    double: &['😀', '👍', '🏽', '🇹', '𝄞', '𠮷', '\u{e0067}', '\u{10fffd}'],
    mark: Some('ı'),
};

/// A row of numbers that is the same in every run (SplitMix64).
struct Row(u64);

impl Row {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed % limit as u64) as usize
    }

    fn pick(&mut self, characters: &[char]) -> char {
        characters[self.below(characters.len())]
    }
}

impl Alphabet {
    /// Exactly `units` units; one in `rarity` characters takes two.
    fn fill(&self, text: &mut String, mut units: usize, rarity: usize, row: &mut Row) {
        while units > 0 {
            let double = units >= 2 && row.below(rarity) == 0;
            text.push(row.pick(if double { self.double } else { self.single }));
            units -= if double { 2 } else { 1 };
        }
    }

    /// A text of `segments` segments.
    fn build(&self, segments: usize, row: &mut Row) -> String {
        let rarity = [1, 2, 5, 1_000_000][row.below(4)];
        let mut text = String::new();
        // Of each segment, what is taken already.
        let mut taken = 0;
        if let Some(mark) = self.mark {
            text.push(mark);
            taken = 1;
        }
        if segments == 1 {
            let at_most = self.alone - taken;
            let full = row.below(3) == 0;
            let units = if full { at_most } else { row.below(at_most + 1) };
            self.fill(&mut text, units, rarity, row);
            return text;
        }
        for _ in 1..segments {
            let split = row.below(2) == 0;
            self.fill(&mut text, self.joined - taken - usize::from(split), rarity, row);
            taken = 0;
            if split {
                text.push(row.pick(self.double));
                taken = 2;
            }
        }
        // Two segments must be more than fits into one that stands alone.
        let at_least = if segments == 2 { self.alone - self.joined + 2 } else { 1 };
        let at_least = at_least.saturating_sub(taken);
        let left = [
            at_least,
            self.joined - taken,
            row.below(self.joined - taken - at_least + 1) + at_least,
        ];
        let units = left[row.below(3)];
        self.fill(&mut text, units, rarity, row);
        text
    }
}

#[test]
fn a_thousand_texts_have_the_segments_that_they_were_built_of() {
    let mut row = Row(2026);
    let mut counts = [0; 12];
    for n in 0..1000 {
        let alphabet = if n % 2 == 0 { &GSM7 } else { &UCS2 };
        let segments = 1 + row.below(12).min(n % 12);
        counts[segments - 1] += 1;
        let text = alphabet.build(segments, &mut row);
        let expected = (alphabet.encoding, u32::try_from(segments).unwrap());
        assert_eq!(counted(&text), expected, "text {n}: {text:?}");
        assert_eq!(dispatcher_domain::segments(&text).len(), segments, "text {n}: {text:?}");
    }
    assert!(counts.iter().all(|count| *count > 0), "every length was there: {counts:?}");
}

/// One unit more than fits makes one segment more, at every limit.
#[test]
fn one_unit_more_than_fits_makes_one_segment_more() {
    for Alphabet { encoding, alone, joined, mark, .. } in [GSM7, UCS2] {
        let letter = mark.unwrap_or('a').to_string();
        for (units, segments) in (2..=20).flat_map(|n| [(n * joined, n), (n * joined + 1, n + 1)]) {
            let expected = (encoding, u32::try_from(segments).unwrap());
            assert_eq!(counted(&letter.repeat(units)), expected, "{units} units");
        }
        assert_eq!(counted(&letter.repeat(alone)), (encoding, 1));
        assert_eq!(counted(&letter.repeat(alone + 1)), (encoding, 2));
    }
}

//! What follows from the texts of a message, kept beside them.

use crate::{E164, Segmentation, Status, TextEncoding};

/// What follows from the texts of a message.
///
/// Stores keep it in columns of its own, so that a query can add up what was
/// sent. It is written with a message of ours, and by every START, together
/// with the texts that this START hands out: so a row that a program wrote by
/// SQL has it too once it is sent, and it stays true when a text is blotted out
/// later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derived {
    /// How the content travels.
    pub text: Segmentation,
    /// The normal form of the phone number, where it can be told.
    pub phone_e164: Option<E164>,
}

impl Derived {
    /// What follows from these texts, valid or not.
    #[must_use]
    pub fn of(phone_number: &str, content: &str) -> Self {
        Self { text: Segmentation::of(content), phone_e164: E164::parse(phone_number) }
    }

    /// What the columns `encoding`, `segments` and `phone_e164` say; `None`
    /// where they say nothing, or what no program of ours wrote.
    #[must_use]
    pub fn of_columns(
        encoding: Option<&str>,
        segments: Option<i64>,
        phone_e164: Option<&str>,
    ) -> Option<Self> {
        let encoding = TextEncoding::of_word(encoding?)?;
        let segments = u32::try_from(segments?).ok().filter(|segments| *segments > 0)?;
        let phone_e164 = phone_e164.and_then(E164::parse);
        Some(Self { text: Segmentation { encoding, segments }, phone_e164 })
    }

    /// What to show of a row: what its last START stored; while it waits for
    /// one, what that would store. The same where nothing was stored, as in
    /// rows of the predecessor.
    #[must_use]
    pub fn of_row(status: Status, stored: Option<Self>, phone_number: &str, content: &str) -> Self {
        let kept = stored.filter(|_| status != Status::Queued);
        kept.unwrap_or_else(|| Self::of(phone_number, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "+905551234567";

    #[test]
    fn what_was_sent_is_shown_even_when_the_texts_are_gone() {
        let stored = Derived::of(NUMBER, &"ğ".repeat(71));
        assert_eq!((stored.text.encoding, stored.text.segments), (TextEncoding::Ucs2, 2));
        assert_eq!(Derived::of_row(Status::Sent, Some(stored), "", ""), stored);
        let untold = Derived { phone_e164: None, ..stored };
        assert_eq!(Derived::of_row(Status::Sent, Some(untold), NUMBER, ""), untold);
    }

    #[test]
    fn a_queued_message_shows_what_its_texts_would_take_now() {
        let shown =
            Derived::of_row(Status::Queued, Some(Derived::of(NUMBER, "ğ")), "0555123", "Hello");
        assert_eq!(shown, Derived::of("0555123", "Hello"));
    }

    #[test]
    fn a_row_without_stored_values_shows_what_is_computed() {
        let shown = Derived::of_row(Status::Sent, None, NUMBER, "Hello");
        assert_eq!(shown, Derived::of(NUMBER, "Hello"));
        assert_eq!((shown.text.segments, shown.phone_e164), (1, E164::parse(NUMBER)));
    }

    #[test]
    fn columns_are_read_as_they_were_written_and_nothing_else_is() {
        let read = Derived::of_columns(Some("gsm7"), Some(3), Some(NUMBER)).unwrap();
        assert_eq!(read.text, Segmentation { encoding: TextEncoding::Gsm7, segments: 3 });
        assert_eq!(read.phone_e164, E164::parse(NUMBER));
        let untold = Derived::of_columns(Some("ucs2"), Some(1), None).unwrap();
        assert_eq!((untold.text.encoding, untold.phone_e164), (TextEncoding::Ucs2, None));
        for (encoding, segments) in [
            (None, Some(3)),
            (Some("GSM"), Some(3)),
            (Some("gsm7"), None),
            (Some("gsm7"), Some(0)),
            (Some("gsm7"), Some(i64::MIN)),
        ] {
            assert_eq!(Derived::of_columns(encoding, segments, Some(NUMBER)), None);
        }
    }
}

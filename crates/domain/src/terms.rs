//! When a new message may go out, and before which others.

use jiff::Timestamp;

/// When a message may go out, and before which others. The default: now, in its
/// turn, and however late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// Not before then.
    pub not_before: Option<Timestamp>,
    /// No send starts from then on: the message is `expired`.
    pub expires_at: Option<Timestamp>,
    /// Higher goes first.
    pub priority: Priority,
}

/// Terms on which no message can go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTerms {
    /// It would be expired at once.
    #[error("is over: it must be later than now, which is {now:.0}")]
    Over {
        /// By whose clock it was judged.
        now: Timestamp,
    },
    /// It would expire before it is due.
    #[error("must be later than not_before: the message would expire before it is due")]
    NeverDue,
}

impl InvalidTerms {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Over { .. } => "expires_in_the_past",
            Self::NeverDue => "expires_before_it_is_due",
        }
    }
}

impl Terms {
    /// Checks `expires_at` against `now` and `not_before`. A `not_before` that
    /// is over means: now.
    ///
    /// # Errors
    /// What is wrong with `expires_at`.
    pub fn check(&self, now: Timestamp) -> Result<(), InvalidTerms> {
        match (self.expires_at, self.not_before) {
            (Some(expires), _) if expires <= now => Err(InvalidTerms::Over { now }),
            (Some(expires), Some(due)) if expires <= due => Err(InvalidTerms::NeverDue),
            _ => Ok(()),
        }
    }
}

/// Higher goes first; 0 where nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Priority(i16);

impl Priority {
    /// The range of new messages: wide enough for any scheme of classes, and far
    /// from the ends of the column, so that whoever writes SQL can still come
    /// before or behind all of them.
    pub const RANGE: std::ops::RangeInclusive<i64> = -100..=100;

    /// The priority of a new message; `None` beyond [`Priority::RANGE`].
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        let number = Some(number).filter(|number| Self::RANGE.contains(number))?;
        i16::try_from(number).ok().map(Self)
    }

    /// What the column holds, which programs may have written by SQL.
    #[must_use]
    pub fn stored(number: i16) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i16 {
        self.0
    }
}

/// The times that a store can hold: RFC 3339 knows no others, and the last two
/// hours of its calendar are left out, since a time must stay a date in every
/// zone. In whole microseconds, as databases keep them; `None` beyond.
#[must_use]
pub fn storable(time: Timestamp) -> Option<Timestamp> {
    const FIRST: Timestamp = Timestamp::constant(-62_135_596_800, 0);
    const END: Timestamp = Timestamp::constant(253_402_207_200, 0);
    let time = Timestamp::from_microsecond(time.as_microsecond()).ok()?;
    (FIRST..END).contains(&time).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn check(not_before: Option<i64>, expires_at: Option<i64>) -> Result<(), InvalidTerms> {
        let terms = Terms {
            not_before: not_before.map(at),
            expires_at: expires_at.map(at),
            priority: Priority::default(),
        };
        terms.check(at(100))
    }

    #[test]
    fn a_stored_priority_may_lie_beyond_the_range_of_new_ones() {
        assert_eq!(Priority::stored(-32_768).get(), -32_768);
        assert_eq!((Priority::new(100), Priority::new(101)), (Some(Priority::stored(100)), None));
    }

    #[test]
    fn without_an_end_every_beginning_is_right() {
        for not_before in [None, Some(0), Some(100), Some(9_999)] {
            assert_eq!(check(not_before, None), Ok(()));
        }
    }

    #[test]
    fn a_message_must_have_a_moment_in_which_it_may_start() {
        assert_eq!(check(None, Some(101)), Ok(()));
        assert_eq!(check(Some(0), Some(101)), Ok(()));
        assert_eq!(check(Some(200), Some(201)), Ok(()));
        assert_eq!(check(None, Some(100)), Err(InvalidTerms::Over { now: at(100) }));
        assert_eq!(check(Some(200), Some(200)), Err(InvalidTerms::NeverDue));
    }

    #[test]
    fn what_is_wrong_with_the_end_is_told_with_the_time_it_was_judged_by() {
        let told = check(None, Some(7)).unwrap_err().to_string();
        assert_eq!(told, "is over: it must be later than now, which is 1970-01-01T00:01:40Z");
    }

    #[test]
    fn priorities_end_at_a_hundred_either_way() {
        assert_eq!(
            [-100, 0, 100].map(|n| Priority::new(n).map(Priority::get)),
            [Some(-100), Some(0), Some(100)]
        );
        assert_eq!([-101, 101, i64::MIN, i64::MAX].map(Priority::new), [None; 4]);
        assert!(Priority::new(1) > Priority::new(-1));
    }

    #[test]
    fn a_time_that_a_store_cannot_hold_is_none() {
        assert_eq!(storable(Timestamp::MIN), None);
        assert_eq!(storable(Timestamp::MAX), None);
        assert!(storable("0001-01-01T00:00:00Z".parse().unwrap()).is_some());
        assert!(storable("9999-12-30T21:59:59.999999Z".parse().unwrap()).is_some());
        let fine: Timestamp = "2026-01-01T00:00:00.123456789Z".parse().unwrap();
        assert_eq!(storable(fine).unwrap().to_string(), "2026-01-01T00:00:00.123456Z");
    }
}

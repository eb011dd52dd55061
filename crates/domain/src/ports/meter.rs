//! Counting what happens, for whoever watches the service from outside.

use crate::{ClockAlarm, OutcomeClass};
use std::time::Duration;

/// Counts events of this replica.
///
/// - MUST NOT fail, wait or do I/O: it is called on the way of every send.
/// - MUST NOT keep anything of a message: events carry none of it.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Meter: Send + Sync {
    /// Counts `event`.
    fn note(&self, event: MeterEvent);
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMeter;

impl Meter for NoMeter {
    fn note(&self, _: MeterEvent) {}
}

/// Something that is worth counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterEvent {
    /// A claim was asked of the store.
    Claimed {
        /// What came of it.
        result: ClaimWord,
        /// How long the store took.
        took: Duration,
    },
    /// A POST to the provider ended.
    SendEnded {
        /// How.
        class: OutcomeClass,
        /// How long it took, from connecting to the last byte of the answer.
        took: Duration,
    },
    /// A claimed message was done with.
    Processed(Processed),
    /// A row was found to be no valid SMS.
    Rejected,
    /// A message was not sent in time.
    Expired,
    /// A message whose owner vanished was parked.
    Rescued,
    /// The outcome of a send could not be recorded yet; it is tried again.
    RecordRetried,
    /// A message in doubt was looked at.
    Resolved(DoubtWord),
    /// Messages were looked up in the delivery cache.
    CacheLookedUp {
        /// What came of it.
        result: LookupWord,
        /// How many messages.
        messages: u64,
    },
    /// A receipt was written to the delivery cache, or was not.
    ReceiptWritten {
        /// Whether it was.
        ok: bool,
    },
    /// This replica saw the circuit breaker open, or close.
    BreakerTurned {
        /// Which of the two.
        open: bool,
    },
    /// A time on the control row had to be mended.
    ClockMended(ClockAlarm),
    /// A request to our own API was answered.
    HttpAnswered {
        /// Its method, if the route takes it; else `other`.
        method: &'static str,
        /// The pattern of its route, never the path itself; else `unmatched`.
        route: &'static str,
        /// The status of the answer.
        status: u16,
        /// How long until the answer began.
        took: Duration,
    },
}

/// A set of words: the values of a label.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word in a label.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// What came of a claim.
    ClaimWord {
        /// Something was started.
        Started = "started",
        /// Nothing was due.
        Empty = "empty",
        /// No send may start.
        Held = "held",
        /// The store did not do its part.
        Failed = "failed",
    }
}

words! {
    /// What became of a claimed message.
    Processed {
        /// Accepted by the provider.
        Sent = "sent",
        /// Known not sent; it tries again.
        Deferred = "deferred",
        /// Refused: a dead letter.
        Failed = "failed",
        /// Outcome unknown: parked.
        Unconfirmed = "unconfirmed",
        /// Given back without a POST.
        Released = "released",
        /// No longer ours to record.
        Fenced = "fenced",
        /// The store could not be told; the rescue will park it.
        Unrecorded = "unrecorded",
        /// A panic of our own; the rescue will park it.
        Panicked = "panicked",
    }
}

words! {
    /// What came of a look-up in the delivery cache.
    LookupWord {
        /// The cache knew the message.
        Hit = "hit",
        /// It did not.
        Miss = "miss",
        /// It did not answer.
        Failed = "failed",
    }
}

words! {
    /// What was decided about a message in doubt.
    DoubtWord {
        /// A receipt proves that it was sent.
        Receipt = "receipt",
        /// The provider says that it was sent.
        LookUp = "look_up",
        /// It is sent again.
        Resend = "resend",
        /// Its tries are used up: a dead letter.
        Fail = "fail",
        /// Nothing; it waits for the next look.
        Wait = "wait",
    }
}

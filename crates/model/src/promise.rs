//! What must hold in every state.

use std::fmt;

/// A promise of `docs/delivery.md`, or a part of one that is checked by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Promise {
    /// P1: every message has its end, or is visibly in doubt, once all is calm.
    NothingStuck,
    /// P1: statuses change as `Status::may_become` has it.
    Diagram,
    /// P1: what the provider confirmed and was recorded is `sent`.
    ProofCounts,
    /// No POST without its START on record.
    StartBeforePost,
    /// P2, P3: one SMS for each message, unless an operator risked more.
    OneSms,
    /// P3, the price: a message is parked for a reason only.
    ParkedForAReason,
    /// P4: accepted ≤ unknown outcomes + 1.
    CountedSms,
    /// P4: no attempt is counted twice.
    CountedOnce,
    /// P4: no START before each earlier attempt has its end on record.
    ResendAfterCount,
    /// P5: final statuses do not lie.
    NoLie,
    /// P5: a final status is left by an operator or by proof only.
    FinalIsFinal,
    /// P5: `tries_used_up` does not lie.
    TriesUsedUp,
    /// P6: starts in a rolling window.
    Pace,
    /// P6: with strict order the provider sees no more either.
    PaceAtProvider,
    /// P7: the order of STARTs, and how many at once.
    Order,
    /// P7: the order in which POSTs leave, and how many at once.
    OrderAtProvider,
    /// P8: nothing starts after a stop has answered.
    Stop,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::NothingStuck,
        Self::Diagram,
        Self::ProofCounts,
        Self::StartBeforePost,
        Self::OneSms,
        Self::ParkedForAReason,
        Self::CountedSms,
        Self::CountedOnce,
        Self::ResendAfterCount,
        Self::NoLie,
        Self::FinalIsFinal,
        Self::TriesUsedUp,
        Self::Pace,
        Self::PaceAtProvider,
        Self::Order,
        Self::OrderAtProvider,
        Self::Stop,
    ];

    /// The promise in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingStuck => "P1: a message comes to no end although all is calm",
            Self::Diagram => "P1: a status changed in a way that the diagram does not have",
            Self::ProofCounts => "P1: an acceptance was recorded, and the message is not sent",
            Self::StartBeforePost => "P1: a POST without its START on record",
            Self::OneSms => "P2/P3: more than one SMS",
            Self::ParkedForAReason => "P3: a message was parked while its owner was in time",
            Self::CountedSms => "P4: more SMS than unknown outcomes + 1",
            Self::CountedOnce => "P4: more unknown outcomes counted than attempts made",
            Self::ResendAfterCount => "P4: started again before the last attempt was counted",
            Self::NoLie => "P5: a final status lies",
            Self::FinalIsFinal => "P5: a final status was left without operator or proof",
            Self::TriesUsedUp => "P5: given up with tries left",
            Self::Pace => "P6: too many starts in a window",
            Self::PaceAtProvider => "P6: the provider saw too many in a window",
            Self::Order => "P7: started out of order, or two at once",
            Self::OrderAtProvider => "P7: sent out of order, or two at once",
            Self::Stop => "P8: started after a stop had answered",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The promises that are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Broken(u32);

impl Broken {
    /// Whether none is.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is.
    #[must_use]
    pub const fn has(self, promise: Promise) -> bool {
        self.0 & (1 << promise as u8) != 0
    }

    /// Notes that this one is, unless it `holds`.
    pub(crate) fn demand(&mut self, promise: Promise, holds: bool) {
        self.0 |= u32::from(!holds) << promise as u8;
    }
}

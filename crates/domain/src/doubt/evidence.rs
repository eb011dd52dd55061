//! What can prove that a provider accepted a message.

use super::InDoubt;
use crate::{LeaseToken, ProviderMessageId};

/// A receipt, as the delivery cache gives it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedReceipt {
    /// Which START was accepted.
    pub attempt: i32,
    /// Token of that START.
    pub token: LeaseToken,
    /// The provider's id, if it gave one.
    pub provider_message_id: Option<ProviderMessageId>,
}

/// What a provider answers when it is asked for an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// It has accepted a message with this key.
    Accepted {
        /// Its id of that message.
        provider_message_id: ProviderMessageId,
    },
    /// It does not know the key. No proof that it accepted nothing: a request
    /// may still be on its way.
    NotKnown,
    /// It cannot be asked.
    Unsupported,
    /// It did not answer, or not in a way that tells.
    Failed,
}

/// What was found out about a message in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The provider accepted it.
    Accepted {
        /// What says so.
        proof: Proof,
        /// The provider's id, if it gave one.
        provider_message_id: Option<ProviderMessageId>,
    },
    /// Nothing proves anything.
    None {
        /// The provider was asked, and does not know it.
        not_known: bool,
        /// Somebody could not be asked who may know.
        incomplete: bool,
    },
}

/// What says that the provider accepted a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The receipt of one of its sends.
    Receipt {
        /// The number of that send.
        attempt: i32,
        /// Of its claim.
        token: LeaseToken,
    },
    /// The provider itself.
    LookUp,
}

impl Evidence {
    /// What `receipt` proves about `doubt`. One of another send proves nothing:
    /// anybody may have written it.
    #[must_use]
    pub fn of_receipt(doubt: &InDoubt, receipt: CachedReceipt) -> Option<Self> {
        let CachedReceipt { attempt, token, provider_message_id } = receipt;
        let ours = doubt.attempts.iter().any(|it| it.attempt == attempt && it.token == token);
        let proof = Proof::Receipt { attempt, token };
        ours.then_some(Self::Accepted { proof, provider_message_id })
    }

    /// What the provider's answer says where no receipt proves anything;
    /// `cache_answered` tells whether a receipt could be looked for.
    #[must_use]
    pub fn of_look_up(answer: LookUp, cache_answered: bool) -> Self {
        let none = |not_known, incomplete| Self::None {
            not_known,
            incomplete: incomplete || !cache_answered,
        };
        match answer {
            LookUp::Accepted { provider_message_id } => Self::Accepted {
                proof: Proof::LookUp,
                provider_message_id: Some(provider_message_id),
            },
            LookUp::NotKnown => none(true, false),
            LookUp::Unsupported => none(false, false),
            LookUp::Failed => none(false, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubt::policy::tests::in_doubt;
    use uuid::Uuid;

    #[test]
    fn a_receipt_proves_only_the_send_that_it_names() {
        let doubt = in_doubt();
        let ours = doubt.attempts[0];
        let receipt = |attempt, token| CachedReceipt { attempt, token, provider_message_id: None };
        let proof = Proof::Receipt { attempt: ours.attempt, token: ours.token };
        assert_eq!(
            Evidence::of_receipt(&doubt, receipt(ours.attempt, ours.token)),
            Some(Evidence::Accepted { proof, provider_message_id: None })
        );
        let stranger = LeaseToken(Uuid::from_u128(99));
        assert_eq!(Evidence::of_receipt(&doubt, receipt(ours.attempt, stranger)), None);
        assert_eq!(Evidence::of_receipt(&doubt, receipt(9, ours.token)), None);
    }

    #[test]
    fn whoever_could_not_be_asked_is_remembered() {
        let none = |not_known, incomplete| Evidence::None { not_known, incomplete };
        for (answer, cache_answered, expected) in [
            (LookUp::Unsupported, true, none(false, false)),
            (LookUp::Unsupported, false, none(false, true)),
            (LookUp::Failed, true, none(false, true)),
            (LookUp::NotKnown, true, none(true, false)),
            (LookUp::NotKnown, false, none(true, true)),
        ] {
            assert_eq!(Evidence::of_look_up(answer, cache_answered), expected);
        }
    }

    #[test]
    fn the_provider_is_believed_when_it_says_that_it_accepted() {
        let provider_message_id = ProviderMessageId::parse("a-1").unwrap();
        let answer = LookUp::Accepted { provider_message_id: provider_message_id.clone() };
        let expected = Evidence::Accepted {
            proof: Proof::LookUp,
            provider_message_id: Some(provider_message_id),
        };
        assert_eq!(Evidence::of_look_up(answer, false), expected);
    }
}

//! What follows from the texts of a message.

use dispatcher_domain::Derived;
use serde::Serialize;
use utoipa::ToSchema;

/// What follows from the texts of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DerivedBody {
    /// How the content travels: `gsm7`, or `ucs2` if the GSM alphabet lacks a
    /// character of it.
    #[schema(example = "gsm7")]
    encoding: &'static str,
    /// How many SMS it takes: 160 characters fit into one with `gsm7`, 70 with
    /// `ucs2`; 153 and 67 into each of several.
    #[schema(example = 1, minimum = 1)]
    segments: u32,
    /// The phone number in its normal form (E.164); left out where that cannot
    /// be told from its spelling, as without the country code.
    #[schema(example = "+905551234567")]
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_e164: Option<String>,
}

impl From<Derived> for DerivedBody {
    fn from(derived: Derived) -> Self {
        Self {
            encoding: derived.text.encoding.as_str(),
            segments: derived.text.segments,
            phone_e164: derived.phone_e164.map(|number| number.to_string()),
        }
    }
}

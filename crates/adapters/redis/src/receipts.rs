//! Receipts read back: proof of an acceptance, where one is there.

use dispatcher_domain::{CachedReceipt, LeaseToken, ProviderMessageId};
use serde::Deserialize;
use uuid::Uuid;

/// What counts of a receipt as proof; further fields do no harm.
#[derive(Deserialize)]
struct ReceiptEntry {
    attempt: i32,
    token: String,
    message_id: Option<String>,
}

/// The receipt in `bytes`; `None` where they are not one, because anybody may
/// have written them.
pub(crate) fn read(bytes: &[u8]) -> Option<CachedReceipt> {
    let entry: ReceiptEntry = serde_json::from_slice(bytes).ok()?;
    Some(CachedReceipt {
        attempt: entry.attempt,
        token: LeaseToken(Uuid::parse_str(&entry.token).ok()?),
        provider_message_id: entry.message_id.as_deref().and_then(ProviderMessageId::parse),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "00000000-0000-0000-0000-000000000004";

    #[test]
    fn a_receipt_names_attempt_token_and_perhaps_an_id() {
        for (json, id) in [(r#""a \u00fc-1""#, Some("a ü-1")), ("null", None), (r#"" ""#, None)] {
            let bytes = format!(
                r#"{{"attempt":3,"token":"{TOKEN}","message_id":{json},"timestamp":"x","more":1}}"#
            );
            let receipt = read(bytes.as_bytes()).unwrap();
            assert_eq!((receipt.attempt, receipt.token), (3, LeaseToken(Uuid::from_u128(4))));
            assert_eq!(receipt.provider_message_id.as_ref().map(ProviderMessageId::as_str), id);
        }
    }

    #[test]
    fn what_is_no_receipt_is_none() {
        for text in [
            "",
            "<html>",
            "null",
            "{}",
            r#"{"attempt":3}"#,
            r#"{"attempt":3,"token":"yesterday"}"#,
            r#"{"attempt":"3","token":"00000000-0000-0000-0000-000000000004"}"#,
            r#"{"attempt":99999999999,"token":"00000000-0000-0000-0000-000000000004"}"#,
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}

//! What an operator should look at when sending pauses.

use dispatcher_domain::StatusReason;

/// What to check when the circuit breaker is open for `reason`.
pub(crate) fn what_to_check(reason: &StatusReason) -> &'static str {
    match reason.as_str() {
        "misconfigured_401" | "misconfigured_403" => {
            "the provider does not know us: check SMS_API_TOKEN"
        }
        word if word.starts_with("misconfigured_") => {
            "the provider redirects, which is never followed: check SMS_API_URL"
        }
        "receipt_malformed" => {
            "three answers in a row had no messageId: check SMS_API_URL, it may point to \
             something that is no SMS provider; if this provider never names a message, \
             set PROVIDER_EMPTY_OK=true"
        }
        word if word.starts_with("not_sent_") => {
            "the provider was not reached or took nothing: check that it is up, and SMS_API_URL"
        }
        _ => "the provider fails: check that it is up and reachable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_tells_which_setting_to_check() {
        for (reason, setting) in [
            ("misconfigured_401", "SMS_API_TOKEN"),
            ("misconfigured_403", "SMS_API_TOKEN"),
            ("misconfigured_302", "SMS_API_URL"),
            ("receipt_malformed", "SMS_API_URL"),
            ("receipt_malformed", "PROVIDER_EMPTY_OK=true"),
            ("not_sent_connect_failed", "SMS_API_URL"),
            ("unknown_503", "is up"),
        ] {
            let advice = what_to_check(&StatusReason::of(reason));
            assert!(advice.contains(setting), "{reason}: {advice}");
        }
    }
}

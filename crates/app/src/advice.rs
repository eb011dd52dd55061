//! What an operator should look at when sending pauses.

use dispatcher_domain::StatusReason;

/// What to check when the circuit breaker is open for `reason`.
pub(crate) fn what_to_check(reason: &StatusReason) -> &'static str {
    match reason.as_str() {
        "misconfigured_401" | "misconfigured_403" => {
            "the provider does not know us: check SMS_API_TOKEN"
        }
        "misconfigured_405" => {
            "what answers takes no POST, as a web page does not: check SMS_API_URL"
        }
        word if word.starts_with("misconfigured_") => {
            "the provider redirects, which is never followed: check SMS_API_URL"
        }
        "not_sent_tls_failed" => {
            "no TLS with the provider: check SMS_CA_FILE, whether SMS_API_URL should begin with \
             http and not https, and the clock of this machine, by which certificates are judged"
        }
        "not_sent_dns_failed" => {
            "the name of the provider's host has no address: check SMS_API_URL, and DNS"
        }
        "receipt_malformed" => {
            "three answers in a row had no messageId: check SMS_API_URL, it may point to \
             something that is no SMS provider; if this provider never names a message, \
             set PROVIDER_EMPTY_OK=true"
        }
        word if word.starts_with("not_sent_") => {
            "the provider was not reached or took nothing: check that it is up, and SMS_API_URL"
        }
        _ => {
            "the provider fails: check that it is up and reachable, and SMS_API_URL (https or http?)"
        }
    }
}

/// What to check when the provider refused a message for `reason`, where that
/// says less of the message than of us.
pub(crate) fn what_to_check_of_a_refusal(reason: &StatusReason) -> Option<&'static str> {
    let unknown_address = reason.as_str() == "refused_404";
    unknown_address.then_some("the provider knows nothing at that address: check SMS_API_URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_tells_which_setting_to_check() {
        for (reason, setting) in [
            ("misconfigured_401", "SMS_API_TOKEN"),
            ("misconfigured_403", "SMS_API_TOKEN"),
            ("misconfigured_302", "redirects"),
            ("misconfigured_405", "takes no POST"),
            ("not_sent_tls_failed", "clock of this machine"),
            ("not_sent_dns_failed", "DNS"),
            ("receipt_malformed", "SMS_API_URL"),
            ("receipt_malformed", "PROVIDER_EMPTY_OK=true"),
            ("not_sent_connect_failed", "was not reached"),
            ("unknown_503", "the provider fails"),
        ] {
            let advice = what_to_check(&StatusReason::of(reason));
            assert!(advice.contains(setting), "{reason}: {advice}");
        }
    }

    #[test]
    fn a_refusal_may_be_about_the_address() {
        let advice = |reason| what_to_check_of_a_refusal(&StatusReason::of(reason));
        assert!(advice("refused_404").is_some_and(|advice| advice.contains("SMS_API_URL")));
        assert_eq!(advice("refused_422"), None);
    }
}

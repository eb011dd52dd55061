//! The SMS provider.

use super::{LookUpUrl, ProviderUrl};
use crate::{
    parse::{self, Parsed, duration},
    reader::Reader,
    secret::Secret,
    variables::{
        PROVIDER_EMPTY_OK, PROVIDER_IDEMPOTENT, PROVIDER_KEY_WINDOW, PROVIDER_LOOKUP_URL,
        PROVIDER_NOT_SENT_STATUSES, SEND_TIMEOUT, SMS_ALLOW_PLAINTEXT, SMS_API_TOKEN, SMS_API_URL,
        SMS_CA_FILE,
    },
};
use std::{path::PathBuf, time::Duration};

/// How to reach the provider, and what is known of its manners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Where messages are POSTed.
    pub url: ProviderUrl,
    /// The bearer token; fits into a header.
    pub token: Secret,
    /// `SEND_TIMEOUT`: longest time of one send, from connecting to the last
    /// byte of the answer; not zero.
    pub deadline: Duration,
    /// Statuses (400 to 599, ascending) that it answers only when it has taken
    /// nothing.
    pub not_sent_statuses: Vec<u16>,
    /// A success without a message id is normal.
    pub empty_ok: bool,
    /// It honours our idempotency key: 409 is then an unknown outcome, not a
    /// refusal, and sends of unknown outcome are repeated.
    pub idempotent: bool,
    /// How long it remembers a key; not zero.
    pub key_window: Duration,
    /// Where it is asked for a message, if it can be asked.
    pub look_up_url: Option<LookUpUrl>,
    /// PEM file of an authority to trust for it. It was readable a moment ago.
    pub ca_file: Option<PathBuf>,
}

/// "Another request with this key is under way or was made."
const CONFLICT: u16 = 409;

pub(crate) fn read(reader: &mut Reader) -> ProviderSettings {
    let settings = ProviderSettings {
        url: reader.required(SMS_API_URL, ProviderUrl::parse),
        token: Secret::new(reader.required(SMS_API_TOKEN, parse::header_text)),
        deadline: reader.required(SEND_TIMEOUT, duration::parse_positive),
        not_sent_statuses: reader.required(PROVIDER_NOT_SENT_STATUSES, statuses),
        empty_ok: reader.required(PROVIDER_EMPTY_OK, parse::switch),
        idempotent: reader.required(PROVIDER_IDEMPOTENT, parse::switch),
        key_window: reader.required(PROVIDER_KEY_WINDOW, duration::parse_positive),
        look_up_url: reader.optional(PROVIDER_LOOKUP_URL, LookUpUrl::parse),
        ca_file: reader.optional(SMS_CA_FILE, parse::readable_file),
    };
    let allowed = reader.required(SMS_ALLOW_PLAINTEXT, parse::switch);
    let safe = allowed || !settings.url.travels_in_the_open();
    reader.check(&[SMS_API_URL, SMS_ALLOW_PLAINTEXT], safe, || {
        "token and messages would travel to another machine in the open; write https:// in \
         SMS_API_URL, or SMS_ALLOW_PLAINTEXT=true if that is meant"
            .to_owned()
    });
    let open = settings.look_up_url.as_ref().is_some_and(LookUpUrl::travels_in_the_open);
    reader.check(&[PROVIDER_LOOKUP_URL, SMS_ALLOW_PLAINTEXT], allowed || !open, || {
        "the token would travel to another machine in the open; write https:// in \
         PROVIDER_LOOKUP_URL, or SMS_ALLOW_PLAINTEXT=true if that is meant"
            .to_owned()
    });
    let plain = !settings.idempotent || !settings.not_sent_statuses.contains(&CONFLICT);
    reader.check(&[PROVIDER_NOT_SENT_STATUSES, PROVIDER_IDEMPOTENT], plain, || {
        "409 of a provider that honours keys means that it has, or had, the same message already; \
         leave 409 out of PROVIDER_NOT_SENT_STATUSES, or write PROVIDER_IDEMPOTENT=false"
            .to_owned()
    });
    settings
}

fn statuses(text: &str) -> Parsed<Vec<u16>> {
    let statuses = text.split(',').map(|status| parse::whole(status, 400..=599));
    let mut statuses: Vec<u16> = statuses.collect::<Parsed<_>>().map_err(|_| {
        "must be HTTP statuses from 400 to 599 separated by commas, such as 429,503".to_owned()
    })?;
    statuses.sort_unstable();
    statuses.dedup();
    Ok(statuses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_come_sorted_and_once() {
        assert_eq!(statuses("503, 429,503"), Ok(vec![429, 503]));
        for wrong in ["200", "600", "429,", "429 503", "4xx", ","] {
            assert!(statuses(wrong).is_err(), "{wrong}");
        }
    }
}

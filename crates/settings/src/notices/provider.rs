//! About the provider, and what we believe of it.

use crate::{
    layers::Layers,
    notice::Notice,
    parse::duration,
    settings::Settings,
    variables::{SMS_API_TOKEN, SMS_API_URL},
};
use dispatcher_domain::DeliveryPolicy;
use std::time::Duration;

pub(super) fn plaintext(settings: &Settings) -> Option<Notice> {
    let url = &settings.provider.url;
    url.travels_in_the_open().then(|| {
        let host = url.host();
        Notice::warn(format!(
            "SMS_ALLOW_PLAINTEXT=true: token and messages travel to {host} in the open"
        ))
    })
}

pub(super) fn plaintext_look_up(settings: &Settings) -> Option<Notice> {
    let open = settings.provider.look_up_url.as_ref().is_some_and(|url| url.travels_in_the_open());
    open.then(|| {
        Notice::warn(
            "SMS_ALLOW_PLAINTEXT=true: the token travels to PROVIDER_LOOKUP_URL in the open",
        )
    })
}

pub(super) fn look_up_elsewhere(settings: &Settings) -> Option<Notice> {
    let sends_to = settings.provider.url.host();
    let asks = settings.provider.look_up_url.as_ref()?.host();
    (asks != sends_to).then(|| {
        Notice::warn(format!(
            "PROVIDER_LOOKUP_URL is at {asks} and SMS_API_URL at {sends_to}: \
             both get the same SMS_API_TOKEN"
        ))
    })
}

pub(super) fn default_token(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let url = &settings.provider.url;
    (!url.is_here() && !layers.is_given(SMS_API_TOKEN)).then(|| {
        Notice::warn(format!(
            "SMS_API_TOKEN is not set: {} gets the token of the mock provider; \
             set SMS_API_TOKEN or SMS_API_TOKEN_FILE",
            url.host()
        ))
    })
}

pub(super) fn default_url(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let forgotten = layers.is_given(SMS_API_TOKEN) && !layers.is_given(SMS_API_URL);
    forgotten.then(|| {
        Notice::warn(format!(
            "SMS_API_URL is not set: messages and SMS_API_TOKEN go to a mock provider at {}; \
             set SMS_API_URL to the address of yours",
            settings.provider.url
        ))
    })
}

/// What gateways and proxies answer in a provider's place.
const OF_PROXIES: [u16; 4] = [408, 500, 502, 504];

pub(super) fn doubtful_statuses(settings: &Settings) -> Option<Notice> {
    let statuses = &settings.provider.not_sent_statuses;
    let doubtful: Vec<_> = statuses.iter().filter(|status| OF_PROXIES.contains(status)).collect();
    (!doubtful.is_empty()).then(|| {
        let doubtful = doubtful.into_iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        Notice::warn(format!(
            "PROVIDER_NOT_SENT_STATUSES has {doubtful}, which may be answered after the provider \
             has taken a message: it is sent again, and may arrive twice; leave it out unless the \
             provider promises otherwise"
        ))
    })
}

/// A POST may arrive as late as its lease lasts.
pub(super) fn short_key_window(settings: &Settings) -> Option<Notice> {
    let (provider, lease) = (&settings.provider, settings.dispatch.lease);
    (provider.idempotent && provider.key_window <= lease).then(|| {
        Notice::warn(format!(
            "PROVIDER_KEY_WINDOW={} is not longer than LEASE={}: nothing can be sent again in \
             time; write how long the provider remembers a key, or a shorter LEASE",
            duration::show(provider.key_window),
            duration::show(lease)
        ))
    })
}

/// Tries that do not fit come closer together; who wanted the waits to give
/// the provider time will be surprised.
pub(super) fn tries_beyond_key_window(settings: &Settings) -> Option<Notice> {
    let (provider, dispatch) = (&settings.provider, &settings.dispatch);
    let within_window =
        provider.idempotent && dispatch.delivery_policy == DeliveryPolicy::AtMostOnce;
    let usable = provider.key_window.checked_sub(dispatch.lease)?;
    let retry = &dispatch.retry;
    let mut waits = Duration::ZERO;
    let too_many = (1..retry.max_tries).find(|tries| {
        waits += retry.ceiling(*tries);
        waits > usable
    });
    let fitting = too_many.filter(|_| within_window && !usable.is_zero())?;
    Some(Notice::info(format!(
        "with RETRY_BASE={} and RETRY_CAP={} the waits between RETRY_MAX_TRIES={} tries may be \
         longer than PROVIDER_KEY_WINDOW={}: the last ones come closer together; \
         RETRY_MAX_TRIES={fitting} would fit",
        duration::show(retry.base),
        duration::show(retry.cap),
        retry.max_tries,
        duration::show(provider.key_window)
    )))
}

//! What an operator should know about settings that are valid.

use crate::{
    groups::{database::SslMode, http},
    layers::Layers,
    near_miss,
    notice::Notice,
    parse::duration,
    settings::Settings,
    variables::{DB_POOL_SIZE, MAX_IN_FLIGHT, RETRY_MAX_TRIES},
};
use dispatcher_domain::DeliveryPolicy;

pub(crate) fn of(settings: &Settings, layers: &Layers) -> Vec<Notice> {
    let notices = [
        ignored_lock(settings),
        sslmode(settings),
        unused_root_cert(settings),
        one_file(settings, layers),
        plaintext_provider(settings),
        open_server(settings),
        plaintext_look_up(settings),
        at_least_once(settings),
        short_key_window(settings),
        unused_tries(settings, layers),
        short_shutdown(settings),
        idle_slots(settings, layers),
    ];
    notices.into_iter().flatten().chain(misspelled(layers)).collect()
}

/// Those that a program wants to know which only migrates.
pub(crate) fn to_migrate(settings: &Settings, layers: &Layers) -> Vec<Notice> {
    let notices = [sslmode(settings), unused_root_cert(settings)];
    notices.into_iter().flatten().chain(misspelled(layers)).collect()
}

/// Names that look like ours but are not.
fn misspelled(layers: &Layers) -> impl Iterator<Item = Notice> {
    layers.foreign.iter().filter_map(|name| {
        let ours = near_miss::closest(name)?;
        Some(Notice::warn(format!("{name} is set but is no setting of ours; did you mean {ours}?")))
    })
}

fn ignored_lock(settings: &Settings) -> Option<Notice> {
    let names = &settings.legacy.distributed_lock_ignored;
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        Notice::info(format!("{names} accepted and ignored: the cadence needs no lock"))
    })
}

fn sslmode(settings: &Settings) -> Option<Notice> {
    let database = settings.database.postgres()?;
    match database.sslmode {
        SslMode::Disable if http::is_loopback(&database.host) || database.host.starts_with('/') => {
            Some(Notice::info("DB_SSLMODE=disable: the database connection is not encrypted"))
        }
        SslMode::Disable => Some(Notice::warn(format!(
            "DB_SSLMODE=disable: passwords and messages travel to {} in the open; \
             verify-full protects them",
            database.host
        ))),
        SslMode::Require => Some(Notice::warn(
            "DB_SSLMODE=require encrypts but verifies nothing: anyone may pose as the database; \
             verify-full prevents that",
        )),
        SslMode::VerifyCa | SslMode::VerifyFull => None,
    }
}

fn one_file(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let unused = settings.database.sqlite().is_some() && layers.is_given(DB_POOL_SIZE);
    unused.then(|| Notice::info("DB_POOL_SIZE has no effect on a SQLite file"))
}

fn unused_root_cert(settings: &Settings) -> Option<Notice> {
    let database = settings.database.postgres()?;
    let unused = database.sslmode == SslMode::Disable && database.sslrootcert.is_some();
    unused.then(|| Notice::warn("DB_SSLROOTCERT has no effect with DB_SSLMODE=disable"))
}

fn plaintext_provider(settings: &Settings) -> Option<Notice> {
    let url = &settings.provider.url;
    url.travels_in_the_open().then(|| {
        let host = url.host();
        Notice::warn(format!(
            "SMS_ALLOW_PLAINTEXT=true: token and messages travel to {host} in the open"
        ))
    })
}

fn open_server(settings: &Settings) -> Option<Notice> {
    let host = &settings.http.host;
    settings.http.auth_off.then(|| {
        let who = if http::is_loopback(host) {
            "whoever is let in by a proxy in front".to_owned()
        } else {
            format!("whoever reaches SERVER_HOST={host}")
        };
        Notice::warn(format!("AUTH=off: {who} can enqueue messages and stop sending"))
    })
}

fn plaintext_look_up(settings: &Settings) -> Option<Notice> {
    let open = settings.provider.look_up_url.as_ref().is_some_and(|url| url.travels_in_the_open());
    open.then(|| {
        Notice::warn(
            "SMS_ALLOW_PLAINTEXT=true: the token travels to PROVIDER_LOOKUP_URL in the open",
        )
    })
}

fn at_least_once(settings: &Settings) -> Option<Notice> {
    let twice = settings.dispatch.delivery_policy == DeliveryPolicy::AtLeastOnce;
    twice.then(|| {
        Notice::warn(
            "DELIVERY_POLICY=at_least_once: a message whose outcome is unknown is sent again, \
             and may arrive twice",
        )
    })
}

/// A POST may arrive as late as its lease lasts.
fn short_key_window(settings: &Settings) -> Option<Notice> {
    let (provider, lease) = (&settings.provider, settings.dispatch.lease);
    (provider.idempotent && provider.key_window <= lease).then(|| {
        Notice::warn(format!(
            "PROVIDER_KEY_WINDOW={} is not longer than LEASE={}: nothing can be sent again in time",
            duration::show(provider.key_window),
            duration::show(lease)
        ))
    })
}

fn unused_tries(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let resends = settings.provider.idempotent
        || settings.dispatch.delivery_policy == DeliveryPolicy::AtLeastOnce;
    (!resends && layers.is_given(RETRY_MAX_TRIES)).then(|| {
        Notice::info(
            "RETRY_MAX_TRIES has no effect: nothing is sent again with \
             DELIVERY_POLICY=at_most_once and without PROVIDER_IDEMPOTENT",
        )
    })
}

fn short_shutdown(settings: &Settings) -> Option<Notice> {
    let (shutdown, send) = (settings.dispatch.shutdown_timeout, settings.provider.deadline);
    (shutdown < send).then(|| {
        Notice::warn(format!(
            "SHUTDOWN_TIMEOUT={} is shorter than SEND_TIMEOUT={}: \
             a send cut off at shutdown is parked as unconfirmed",
            duration::show(shutdown),
            duration::show(send)
        ))
    })
}

fn idle_slots(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let idle = settings.dispatch.policy.is_strict() && layers.is_given(MAX_IN_FLIGHT);
    idle.then(|| Notice::info("MAX_IN_FLIGHT has no effect with ORDERING=strict: one at a time"))
}

//! What an operator should know about settings that are valid.

use crate::{
    groups::{database::SslMode, http},
    layers::Layers,
    near_miss,
    notice::Notice,
    parse::duration,
    settings::Settings,
    variables::{MAX_IN_FLIGHT, RETRY_MAX_TRIES},
};
pub(crate) fn of(settings: &Settings, layers: &Layers) -> Vec<Notice> {
    let notices = [
        ignored_lock(settings),
        sslmode(settings),
        unused_root_cert(settings),
        plaintext_provider(settings),
        open_server(settings),
        idempotent_provider(settings),
        not_yet_used(layers),
        short_shutdown(settings),
        idle_slots(settings, layers),
    ];
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
    let database = &settings.database;
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

fn unused_root_cert(settings: &Settings) -> Option<Notice> {
    let unused =
        settings.database.sslmode == SslMode::Disable && settings.database.sslrootcert.is_some();
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
    (!http::is_loopback(host)).then(|| {
        Notice::warn(format!(
            "AUTH=off: whoever reaches SERVER_HOST={host} can enqueue messages and stop sending"
        ))
    })
}

fn idempotent_provider(settings: &Settings) -> Option<Notice> {
    settings.provider.idempotent.then(|| {
        Notice::info(
            "PROVIDER_IDEMPOTENT=true: status 409 leaves the outcome unknown; \
             unknown outcomes are parked, not resent, in this version",
        )
    })
}

/// Read, checked, and of no effect yet: nobody should rely on it.
fn not_yet_used(layers: &Layers) -> Option<Notice> {
    let text = "RETRY_MAX_TRIES accepted and without effect: this version resends nothing";
    layers.is_given(RETRY_MAX_TRIES).then(|| Notice::info(text))
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

//! What an operator should know about settings that are valid: risks that were
//! taken, and what has less effect than one may think. Each says what to write
//! instead, where there is anything.

mod database;
mod dispatch;
mod http;
mod provider;
mod redis;

use crate::{layers::Layers, near_miss, notice::Notice, settings::Settings, variables::Variable};

pub(crate) fn of(settings: &Settings, layers: &Layers) -> Vec<Notice> {
    let notices = [
        ignored_lock(settings),
        database::sslmode(settings),
        database::unused_root_cert(settings),
        database::default_password(settings, layers),
        database::one_file(settings, layers),
        redis::open_password(settings),
        redis::none_wanted(settings),
        http::open_server(settings),
        provider::plaintext(settings),
        provider::plaintext_look_up(settings),
        provider::look_up_elsewhere(settings),
        provider::default_token(settings, layers),
        provider::default_url(settings, layers),
        provider::doubtful_statuses(settings),
        provider::short_key_window(settings),
        provider::tries_beyond_key_window(settings),
        dispatch::start_stopped(settings),
        dispatch::at_least_once(settings),
        dispatch::unused_tries(settings, layers),
        dispatch::short_shutdown(settings),
        dispatch::tight_lease(settings),
        dispatch::long_lease(settings),
        dispatch::idle_slots(settings, layers),
        dispatch::unused_batch_size(settings, layers),
        dispatch::no_pace(settings),
        dispatch::slow_rate(settings),
    ];
    notices.into_iter().flatten().chain(misspelled(layers)).collect()
}

/// Those that a program wants to know which only migrates.
pub(crate) fn to_migrate(settings: &Settings, layers: &Layers) -> Vec<Notice> {
    let notices = [
        database::sslmode(settings),
        database::unused_root_cert(settings),
        database::default_password(settings, layers),
    ];
    notices.into_iter().flatten().chain(misspelled(layers)).collect()
}

/// Names that look like ours but are not.
pub(crate) fn misspelled(layers: &Layers) -> impl Iterator<Item = Notice> {
    layers.foreign.iter().filter_map(|name| {
        if let Some(ours) = name.strip_suffix("_FILE").and_then(Variable::named) {
            let ours = ours.name;
            let text = format!("{name} has no effect: only secrets may stand in files; set {ours}");
            return Some(Notice::warn(text));
        }
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

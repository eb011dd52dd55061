//! About Redis.

use crate::{groups::http::is_loopback, notice::Notice, settings::Settings};

pub(super) fn none_wanted(settings: &Settings) -> Option<Notice> {
    (!settings.wants_redis()).then(|| {
        Notice::info(
            "no setting of Redis: the delivery cache is in the memory of this process, and ends \
             with it; REDIS_URL=redis://… keeps it",
        )
    })
}

pub(super) fn open_password(settings: &Settings) -> Option<Notice> {
    let redis = &settings.redis;
    let open = redis.password.is_some() && !redis.tls && !is_loopback(&redis.host);
    open.then(|| {
        Notice::warn(format!(
            "the password of Redis travels to {} in the open; REDIS_URL=rediss://… protects it",
            redis.host
        ))
    })
}

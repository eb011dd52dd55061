//! About Redis.

use crate::{groups::http::is_loopback, notice::Notice, settings::Settings};

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

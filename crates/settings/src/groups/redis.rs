//! Redis: a cache, and never the truth.

use super::connection_url;
use crate::{
    parse::{self, duration},
    reader::Reader,
    secret::Secret,
    variables::{
        Group, REDIS_CA_FILE, REDIS_DB, REDIS_HOST, REDIS_PASSWORD, REDIS_POOL_SIZE, REDIS_PORT,
        REDIS_TIMEOUT, REDIS_URL,
    },
};
use std::{path::PathBuf, time::Duration};

/// How to reach Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// Host name or address (IPv6 without brackets).
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// ACL user; only a `REDIS_URL` can name one.
    pub user: Option<String>,
    /// The password, if it needs one.
    pub password: Option<Secret>,
    /// Number of the database.
    pub db: u32,
    /// Encrypt and verify: the `REDIS_URL` begins with `rediss://`.
    pub tls: bool,
    /// PEM file of the authorities that `rediss://` trusts; `None`: those of the
    /// system. It was readable a moment ago.
    pub ca_file: Option<PathBuf>,
    /// Someone has set anything about Redis; otherwise all this is guesswork.
    pub explicit: bool,
    /// Most connections of this instance, 1 to 1024.
    pub pool_size: usize,
    /// Deadline of one call; not zero.
    pub timeout: Duration,
}

pub(crate) fn read(reader: &mut Reader) -> RedisSettings {
    let explicit = !reader.given_in(Group::Redis).is_empty();
    let url = reader.optional(REDIS_URL, connection_url::redis);
    if let Some(url) = &url {
        reader.replace_by_parts_of(REDIS_URL, &url.parts);
    }
    let settings = RedisSettings {
        host: reader.required(REDIS_HOST, parse::host),
        port: reader.required(REDIS_PORT, parse::port),
        password: reader.optional(REDIS_PASSWORD, parse::text).map(Secret::new),
        db: reader.required(REDIS_DB, |text| parse::whole(text, 0..=65_535)),
        tls: url.as_ref().is_some_and(|url| url.tls),
        ca_file: reader.optional(REDIS_CA_FILE, parse::readable_file),
        user: url.and_then(|url| url.user),
        explicit,
        pool_size: reader.required(REDIS_POOL_SIZE, |text| parse::whole(text, 1..=1024)),
        timeout: reader.required(REDIS_TIMEOUT, duration::parse_positive),
    };
    // Who names an authority believes that the connection is encrypted.
    let used = settings.tls || settings.ca_file.is_none();
    reader.check(&[REDIS_CA_FILE, REDIS_URL], used, || {
        "without TLS nothing is verified; write REDIS_URL=rediss://…, or leave REDIS_CA_FILE out"
            .to_owned()
    });
    settings
}

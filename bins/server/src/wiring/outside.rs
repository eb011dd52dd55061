//! What lies beyond the store: the provider and Redis.

use anyhow::Context;
use dispatcher_domain::ports::{Clock, SmsGateway};
use dispatcher_http_gateway::{HttpGatewayConfig, HttpSmsGateway};
use dispatcher_redis::RedisConfig;
use dispatcher_settings::{ProviderSettings, RedisSettings};
use std::sync::Arc;

pub(super) fn gateway(
    settings: &ProviderSettings,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<dyn SmsGateway>> {
    let config = HttpGatewayConfig {
        url: settings.url.expose().to_owned(),
        token: settings.token.expose().to_owned(),
        deadline: settings.deadline,
        connect_timeout: None,
        not_sent_statuses: settings.not_sent_statuses.clone(),
        idempotent: settings.idempotent,
        look_up_url: settings.look_up_url.as_ref().map(|url| url.expose().to_owned()),
        ca_file: settings.ca_file.clone(),
    };
    let gateway = HttpSmsGateway::new(&config, Arc::clone(clock))
        .context("the settings of the provider (SMS_…, PROVIDER_…) cannot work")?;
    Ok(Arc::new(gateway))
}

pub(super) fn redis_config(settings: &RedisSettings) -> RedisConfig {
    RedisConfig {
        host: settings.host.clone(),
        port: settings.port,
        username: settings.user.clone(),
        password: settings.password.as_ref().map(|password| password.expose().to_owned()),
        db: settings.db,
        tls: settings.tls,
        ca: settings.ca_file.clone(),
        pool_size: settings.pool_size,
        timeout: settings.timeout,
    }
}

//! What a replica is told.

use dispatcher_testkit::postgres::PostgresParts;

/// The usual environment: this database, this provider, a quick pace, no Redis.
/// And patience: where a machine that stalls for some seconds makes a time-out
/// of an answer, a test is about the machine.
pub fn environment(database: &PostgresParts, send_url: &str) -> Vec<(String, String)> {
    usual(vec![("DATABASE_URL", database.url())], send_url)
}

/// For any store, which these variables name.
pub fn usual(store: Vec<(&'static str, String)>, send_url: &str) -> Vec<(String, String)> {
    let usual = [
        ("SMS_API_URL", send_url.to_owned()),
        ("SMS_API_TOKEN", "test-token".to_owned()),
        ("SERVER_PORT", "0".to_owned()),
        ("PROCESSING_INTERVAL", "0s".to_owned()),
        // Nothing listens there: the service must do without.
        ("REDIS_URL", "redis://127.0.0.1:1".to_owned()),
        ("LOG_FORMAT", "json".to_owned()),
        ("SEND_TIMEOUT", "50s".to_owned()),
        ("LEASE", "10m".to_owned()),
        ("DB_TIMEOUT", "30s".to_owned()),
        ("REDIS_TIMEOUT", "20s".to_owned()),
        ("SHUTDOWN_TIMEOUT", "2m".to_owned()),
    ];
    let pairs = usual.into_iter().chain(store);
    pairs.map(|(name, value)| (name.to_owned(), value)).collect()
}

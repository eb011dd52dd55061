//! Databases made once and copied many times.
//!
//! A template is built under another name and renamed when it is complete, so a copy of a half-built one
//! cannot happen. An advisory lock keeps the builders apart, across processes.

use anyhow::{Context, ensure};
use tokio_postgres::Client;

use super::PostgresParts;
use super::shared::connect;

/// PostgreSQL cuts names after 63 bytes; ours get a prefix.
const LONGEST_NAME: usize = 50;

/// A name for [`TestDatabase::from_template`](super::TestDatabase::from_template) that changes with the
/// content the template is made of, such as the texts of all migrations.
///
/// ```
/// use dispatcher_testkit::postgres::template_name;
///
/// let before = template_name("app", ["CREATE TABLE a ()"]);
/// let after = template_name("app", ["CREATE TABLE a ()", "CREATE TABLE b ()"]);
/// assert!(before.starts_with("app_"));
/// assert_ne!(before, after);
/// ```
pub fn template_name<Text: AsRef<[u8]>>(
    prefix: &str,
    contents: impl IntoIterator<Item = Text>,
) -> String {
    let mut hash = FNV_START;
    for text in contents {
        let text = text.as_ref();
        // The length keeps ["ab", "c"] and ["a", "bc"] apart.
        hash = fnv(hash, &text.len().to_be_bytes());
        hash = fnv(hash, text);
    }
    format!("{prefix}_{hash:032x}")
}

const FNV_START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// FNV-1a with 128 bits: tells versions apart; nobody attacks it here.
fn fnv(start: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(FNV_PRIME))
}

/// Makes sure the template exists; gives the name of its database.
pub(super) async fn ensure<Setup>(
    admin: &PostgresParts,
    name: &str,
    setup: impl FnOnce(PostgresParts) -> Setup,
) -> anyhow::Result<String>
where
    Setup: Future<Output = anyhow::Result<()>>,
{
    check(name)?;
    let template = format!("template_{name}");
    let client = connect(admin).await?;
    // Let go with the connection, also when we fail or are killed.
    client.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", &[&template]).await?;
    let known =
        client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template]).await?;
    if known.is_none() {
        build(&client, admin, &template, setup).await?;
    }
    Ok(template)
}

async fn build<Setup>(
    client: &Client,
    admin: &PostgresParts,
    template: &str,
    setup: impl FnOnce(PostgresParts) -> Setup,
) -> anyhow::Result<()>
where
    Setup: Future<Output = anyhow::Result<()>>,
{
    let draft = format!("draft{}", template.trim_start_matches("template"));
    // One is there when its builder was killed.
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await?;
    client.batch_execute(&format!("CREATE DATABASE {draft} TEMPLATE template0")).await?;
    setup(admin.with_dbname(&draft)).await.context("the set-up of the template database failed")?;
    // Waits up to five seconds for connections of the set-up that are just closing.
    let rename = format!("ALTER DATABASE {draft} RENAME TO {template}");
    client.batch_execute(&rename).await.context("the set-up must close its connections")
}

/// The name becomes a part of SQL statements, which take no parameters there.
fn check(name: &str) -> anyhow::Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    ensure!(
        !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(plain),
        "{name:?} is no name for a template: use 1 to {LONGEST_NAME} of a-z, 0-9 and _"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_borders_between_contents_count() {
        assert_ne!(template_name("a", ["ab", "c"]), template_name("a", ["a", "bc"]));
    }

    #[test]
    fn a_hashed_name_is_a_good_name() {
        check(&template_name("message_dispatch", ["x"])).unwrap();
    }

    #[test]
    fn names_that_would_need_quotes_are_refused() {
        for name in ["", "Upper", "a-b", "a; DROP DATABASE b", &"x".repeat(51)] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}

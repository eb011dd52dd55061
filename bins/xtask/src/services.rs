//! The PostgreSQL, the PgBouncer, the Redis and the shell of SQLite that the tests use.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use dispatcher_testkit::find;
use dispatcher_testkit::postgres::{Durability, PostgresParts, PostgresServer};

use crate::environment::has_program;
use crate::install;
use crate::machine::Service;

/// The shared PostgreSQL of a run. Ends with this value.
pub(crate) enum Postgres {
    /// Ours.
    Started(Box<PostgresServer>),
    /// Running before; the tests know its URL as we do.
    Given,
}

impl Postgres {
    /// The URL the tests must be told.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Started(server) => Some(server.parts().url()),
            Self::Given => None,
        }
    }
}

/// Finds the services, installs what is missing, starts PostgreSQL, and says what it uses.
pub(crate) fn prepare() -> anyhow::Result<Postgres> {
    let lacking = missing();
    if !lacking.is_empty() {
        install::install(&lacking)?;
    }
    let still = missing();
    if !still.is_empty() {
        bail!("the installation brought no usable programs. {}", install::help(&still));
    }
    let postgres = postgres()?;
    pgbouncer()?;
    redis()?;
    Ok(postgres)
}

fn missing() -> Vec<Service> {
    let postgres = find::postgres_url().is_none() && find::postgres().is_none();
    let redis = find::redis_url().is_none() && find::redis().is_none();
    let mut missing = Vec::new();
    missing.extend(postgres.then_some(Service::Postgres));
    missing.extend(find::pgbouncer().is_none().then_some(Service::PgBouncer));
    missing.extend(redis.then_some(Service::Redis));
    missing.extend((!has_program("sqlite3")).then_some(Service::SqliteShell));
    missing
}

fn postgres() -> anyhow::Result<Postgres> {
    if let Some(url) = find::postgres_url() {
        let parts = PostgresParts::parse(&url).context("TEST_DATABASE_URL")?;
        let PostgresParts { host, port, dbname, .. } = &parts;
        reach(host, *port).context("TEST_DATABASE_URL")?;
        println!("PostgreSQL: {host}:{port}/{dbname}, from TEST_DATABASE_URL");
        if find::postgres().is_none() {
            println!(
                "            no programs found: tests that crash a server of their own will fail"
            );
        }
        return Ok(Postgres::Given);
    }
    let server = PostgresServer::start(Durability::Throwaway)?;
    let version = version(&server.programs().join("postgres"));
    println!(
        "PostgreSQL: {version}, {}, port {}",
        server.programs().display(),
        server.parts().port
    );
    Ok(Postgres::Started(Box::new(server)))
}

fn pgbouncer() -> anyhow::Result<()> {
    let program = find::pgbouncer().context("PgBouncer was there a moment ago")?;
    println!("PgBouncer:  {}, {}, one for each test", version(&program), program.display());
    Ok(())
}

fn redis() -> anyhow::Result<()> {
    if let Some(program) = find::redis() {
        println!("Redis:      {}, {}, one for each test", version(&program), program.display());
        return Ok(());
    }
    let url = find::redis_url().context("Redis was there a moment ago")?;
    let (host, port) = redis_address(&url).context("TEST_REDIS_URL is not redis://host:port")?;
    reach(host, port).context("TEST_REDIS_URL")?;
    println!("Redis:      {host}:{port}, from TEST_REDIS_URL");
    println!("            no programs found: tests that kill a server of their own will fail");
    Ok(())
}

fn reach(host: &str, port: u16) -> anyhow::Result<()> {
    TcpStream::connect((host, port))
        .with_context(|| format!("nothing answers at {host}:{port}"))?;
    Ok(())
}

/// Host and port of `redis://[…@]host[:port][/…]`.
fn redis_address(url: &str) -> Option<(&str, u16)> {
    let rest = url.strip_prefix("redis://")?;
    let place = rest.split('/').next()?;
    let place = place.rsplit('@').next()?;
    match place.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((place, 6379)),
    }
}

/// The first line of `program --version`.
fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.ok().and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_redis_is_read_from_its_url() {
        assert_eq!(redis_address("redis://:pw@cache:7000/1"), Some(("cache", 7000)));
        assert_eq!(redis_address("redis://cache"), Some(("cache", 6379)));
        assert_eq!(redis_address("http://cache"), None);
    }
}

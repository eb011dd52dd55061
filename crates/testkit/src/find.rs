//! Finds the PostgreSQL, PgBouncer and Redis programs of this machine.
//!
//! Debian keeps `initdb` and `postgres` out of `PATH` and Homebrew does not link versioned formulae, so
//! looking in `PATH` alone would miss servers which are there.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::environment::{self, DATABASE_URL, REDIS_URL};

/// What to tell somebody who has no PostgreSQL.
pub const POSTGRES_HELP: &str = "\
PostgreSQL 13 or newer is needed. Install it and run the tests again:
  Debian, Ubuntu:  apt-get install postgresql
  macOS:           brew install postgresql@16
  Fedora:          dnf install postgresql-server
  elsewhere:       any package that brings `initdb` and `postgres`
or set TEST_DATABASE_URL=postgres://user:password@host:port/postgres to a running server
whose user may create databases.";

/// What to tell somebody who has no Redis.
pub const REDIS_HELP: &str = "\
Redis is needed. Install it and run the tests again:
  Debian, Ubuntu:  apt-get install redis-server
  macOS:           brew install redis
  Fedora:          dnf install redis
  elsewhere:       any package that brings `redis-server` (or `valkey-server`)
or set TEST_REDIS_URL=redis://host:port to a running server.";

/// What to tell somebody who has no PgBouncer.
pub const PGBOUNCER_HELP: &str = "\
PgBouncer is needed. Install it and run the tests again:
  Debian, Ubuntu:  apt-get install pgbouncer
  macOS:           brew install pgbouncer
  Fedora:          dnf install pgbouncer
  elsewhere:       any package that brings `pgbouncer`";

const HOMEBREW: [&str; 2] = ["/opt/homebrew", "/usr/local"];
/// Debian and Fedora put it where only administrators look.
const PGBOUNCER_FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/bin"];
const REDIS_PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// The folder with `initdb` and `postgres`, if there is one: first in `PATH`, then the newest version in
/// the places where packages put them.
pub fn postgres() -> Option<PathBuf> {
    let mut folders = environment::search_path();
    folders.extend(newest_first("/usr/lib/postgresql", "", "bin"));
    for prefix in HOMEBREW {
        folders.push(Path::new(prefix).join("bin"));
        folders.extend(newest_first(&format!("{prefix}/opt"), "postgresql@", "bin"));
    }
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// The `redis-server` program (or Valkey's, which speaks the same protocol), if there is one.
pub fn redis() -> Option<PathBuf> {
    let mut folders = environment::search_path();
    folders.extend(HOMEBREW.map(|prefix| Path::new(prefix).join("bin")));
    folders.extend(HOMEBREW.map(|prefix| Path::new(prefix).join("opt/redis/bin")));
    folders
        .iter()
        .flat_map(|folder| REDIS_PROGRAMS.map(|program| folder.join(program)))
        .find(|program| program.is_file())
}

/// The `pgbouncer` program, if there is one.
pub fn pgbouncer() -> Option<PathBuf> {
    let mut folders = environment::search_path();
    folders.extend(PGBOUNCER_FOLDERS.map(PathBuf::from));
    folders.extend(HOMEBREW.map(|prefix| Path::new(prefix).join("bin")));
    folders.into_iter().map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

/// The running PostgreSQL named by `TEST_DATABASE_URL`.
pub fn postgres_url() -> Option<String> {
    environment::variable(DATABASE_URL)
}

/// The running Redis named by `TEST_REDIS_URL`.
pub fn redis_url() -> Option<String> {
    environment::variable(REDIS_URL)
}

pub(crate) fn postgres_or_help() -> anyhow::Result<PathBuf> {
    postgres().context(POSTGRES_HELP)
}

pub(crate) fn pgbouncer_or_help() -> anyhow::Result<PathBuf> {
    pgbouncer().context(PGBOUNCER_HELP)
}

pub(crate) fn redis_or_help() -> anyhow::Result<PathBuf> {
    redis().context(REDIS_HELP)
}

/// `root/<prefix><version>/<leaf>` of each version there, the highest version first.
fn newest_first(root: &str, prefix: &str, leaf: &str) -> Vec<PathBuf> {
    let Ok(entries) = Path::new(root).read_dir() else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            Some((version(&entry.file_name().to_string_lossy(), prefix)?, entry.path()))
        })
        .collect();
    versions.sort_by_key(|(number, _)| Reverse(*number));
    versions.into_iter().map(|(_, path)| path.join(leaf)).collect()
}

fn version(name: &str, prefix: &str) -> Option<u32> {
    name.strip_prefix(prefix)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_and_other_folders_are_ignored() {
        let root = tempfile::tempdir().unwrap();
        for name in ["postgresql@9", "postgresql@16", "postgresql@15", "postgresql", "redis"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }

        let found = newest_first(root.path().to_str().unwrap(), "postgresql@", "bin");

        let expected = ["postgresql@16/bin", "postgresql@15/bin", "postgresql@9/bin"];
        assert_eq!(found, expected.map(|name| root.path().join(name)));
    }

    #[test]
    fn a_folder_that_does_not_exist_holds_no_versions() {
        assert!(newest_first("/does/not/exist", "", "bin").is_empty());
    }
}

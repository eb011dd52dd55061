//! The user a server runs as.
//!
//! PostgreSQL refuses to run as root, and containers run tests as root: there the server gets the rights of
//! the `postgres` user which its package creates.

use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;
use std::process::Command;

#[cfg(unix)]
use anyhow::Context;
use tempfile::TempDir;

/// Ourselves, or the user to change to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user who runs the tests.
    Own,
    /// Another user; only root can change to one.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has such users"))]
    Other {
        /// Number of the user.
        uid: u32,
        /// Number of the group.
        gid: u32,
    },
}

#[cfg(unix)]
impl Account {
    /// The account a PostgreSQL server may run as.
    pub(crate) fn for_postgres() -> anyhow::Result<Self> {
        if number("-u", None)? != 0 {
            return Ok(Self::Own);
        }
        // `nobody` serves where PostgreSQL was not installed from a package.
        let user = ["postgres", "nobody"].into_iter().find(|user| number("-u", Some(user)).is_ok());
        let user = user.context(
            "PostgreSQL refuses to run as root and there is no user `postgres` to run it as",
        )?;
        Ok(Self::Other { uid: number("-u", Some(user))?, gid: number("-g", Some(user))? })
    }

    /// Lets `command` run as this user, in a process group of its own: an interrupt typed in the terminal
    /// reaches the tests, whose end then ends the server in order.
    pub(crate) fn apply(&self, command: &mut Command) -> anyhow::Result<()> {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
        if let Self::Other { uid, gid } = *self {
            command.uid(uid).gid(gid);
        }
        Ok(())
    }

    /// Gives `path` to this user.
    pub(crate) fn own(&self, path: &Path) -> anyhow::Result<()> {
        match *self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::chown(path, Some(uid), Some(gid))
                .with_context(|| format!("cannot give {} to user {uid}", path.display())),
        }
    }

    /// Keeps everybody else from reading the file `path`.
    pub(crate) fn only(&self, path: &Path) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .with_context(|| format!("cannot close {} to others", path.display()))
    }

    /// A new temporary directory that this user, and nobody else, can enter: passwords lie there.
    pub(crate) fn directory(&self, prefix: &str) -> anyhow::Result<TempDir> {
        use std::os::unix::fs::PermissionsExt;
        let parent = self.temporary_folder();
        let directory = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(&parent);
        let directory =
            directory.with_context(|| format!("cannot write to {}", parent.display()))?;
        self.own(directory.path())?;
        Ok(directory)
    }

    /// Root's own temporary folder may be closed to the user we run servers as.
    fn temporary_folder(&self) -> PathBuf {
        let usual = std::env::temp_dir();
        match self {
            Self::Other { .. } if !everybody_may_enter(&usual) => PathBuf::from("/tmp"),
            _ => usual,
        }
    }
}

#[cfg(not(unix))]
impl Account {
    pub(crate) fn for_postgres() -> anyhow::Result<Self> {
        anyhow::bail!(NOT_HERE)
    }

    pub(crate) fn apply(&self, _command: &mut Command) -> anyhow::Result<()> {
        anyhow::bail!(NOT_HERE)
    }

    pub(crate) fn own(&self, _path: &Path) -> anyhow::Result<()> {
        anyhow::bail!(NOT_HERE)
    }

    pub(crate) fn only(&self, _path: &Path) -> anyhow::Result<()> {
        anyhow::bail!(NOT_HERE)
    }

    pub(crate) fn directory(&self, _prefix: &str) -> anyhow::Result<TempDir> {
        anyhow::bail!(NOT_HERE)
    }
}

#[cfg(not(unix))]
const NOT_HERE: &str = "servers for tests can be started on Unix only; here, run them yourself and set \
    TEST_DATABASE_URL and TEST_REDIS_URL";

/// `id -u` or `id -g`, of ourselves or of a user by name.
#[cfg(unix)]
fn number(flag: &str, user: Option<&str>) -> anyhow::Result<u32> {
    let output = Command::new("id").arg(flag).args(user).output().context("cannot run `id`")?;
    anyhow::ensure!(output.status.success(), "there is no user {}", user.unwrap_or("of our own"));
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| format!("`id {flag}` printed {text:?}"))
}

#[cfg(unix)]
fn everybody_may_enter(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const EXECUTE_BY_OTHERS: u32 = 0o001;
    let open = |path: &Path| {
        let mode = path.metadata().map(|metadata| metadata.permissions().mode());
        mode.is_ok_and(|mode| mode & EXECUTE_BY_OTHERS != 0)
    };
    folder.ancestors().all(open)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_private_folder_is_no_place_for_another_user() {
        let private = Account::Own.directory("testkit-").unwrap();

        assert!(!everybody_may_enter(private.path()));
        assert!(everybody_may_enter(Path::new("/")));
    }

    #[test]
    fn root_runs_postgresql_as_somebody_else() {
        let root = number("-u", None).unwrap() == 0;

        let account = Account::for_postgres().unwrap();

        assert_eq!(account == Account::Own, !root);
    }
}

//! Certificates for servers of tests: an authority of the test's own, and what it signs.
//!
//! Keys live in memory and in temporary directories only.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::account::Account;

#[cfg(feature = "full")]
mod authority;

#[cfg(feature = "full")]
pub use authority::Authority;

/// The names of the files that [`Identity::write`] makes.
pub(crate) const CERTIFICATE: &str = "server.crt";
pub(crate) const KEY: &str = "server.key";

/// What a server shows to its clients, and the key that proves it: both in PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Identity {
    /// Writes [`CERTIFICATE`] and [`KEY`], for the eyes of `account` alone: PostgreSQL refuses a key that
    /// others can read.
    pub(crate) fn write(&self, directory: &Path, account: &Account) -> anyhow::Result<()> {
        for (name, text) in [(CERTIFICATE, &self.certificate), (KEY, &self.key)] {
            let path = directory.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            account.own(&path)?;
            account.only(&path)?;
        }
        Ok(())
    }
}

/// Leaves the key out.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

//! An authority that nobody's system knows.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::NamedTempFile;

use super::Identity;
use crate::server::random_word;

/// Signs certificates; its own is a file, for programs that are to trust it.
///
/// ```
/// use dispatcher_testkit::tls::Authority;
///
/// let authority = Authority::new()?;
/// let identity = authority.issue("127.0.0.1")?;
/// assert!(identity.certificate.starts_with("-----BEGIN CERTIFICATE-----"));
/// assert!(authority.file().exists());
/// # Ok::<(), anyhow::Error>(())
/// ```
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    /// A new one, unlike all others.
    ///
    /// # Errors
    ///
    /// When no file can be written.
    pub fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        // Else all would have one name, and a client would take one for another.
        params.distinguished_name.push(DnType::CommonName, random_word());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let mut file = NamedTempFile::new().context("no file for the certificate")?;
        file.write_all(params.self_signed(&key)?.pem().as_bytes())?;
        Ok(Self { issuer: Issuer::new(params, key), file })
    }

    /// Its certificate in PEM; gone with this value.
    pub fn file(&self) -> &Path {
        self.file.path()
    }

    /// A certificate for this name or address, which does not end.
    ///
    /// # Errors
    ///
    /// When `name` is neither.
    pub fn issue(&self, name: &str) -> anyhow::Result<Identity> {
        self.sign(&CertificateParams::new([name.to_owned()])?)
    }

    /// The same, but it has ended years ago.
    ///
    /// # Errors
    ///
    /// When `name` is neither a name nor an address.
    pub fn issue_expired(&self, name: &str) -> anyhow::Result<Identity> {
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> anyhow::Result<Identity> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity { certificate, key: key.serialize_pem() })
    }
}

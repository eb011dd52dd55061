//! Whom we trust.

use crate::{HttpGatewayConfig, HttpGatewayError};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};

/// A TLS configuration of our own, with ring for its cryptography, so that
/// nothing depends on what the process has installed as its default.
pub(crate) fn client_config(
    config: &HttpGatewayConfig,
    encrypted: bool,
) -> Result<ClientConfig, HttpGatewayError> {
    let roots = authorities(config, encrypted)?;
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(HttpGatewayError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // HTTP/2 has retries of its own, and one connection for many messages.
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

/// The system's authorities and those of the file. Without TLS there is nobody
/// to trust, but a file that cannot be read is a mistake all the same.
fn authorities(
    config: &HttpGatewayConfig,
    encrypted: bool,
) -> Result<RootCertStore, HttpGatewayError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &config.ca_file {
        add_file(&mut roots, path)
            .map_err(|source| HttpGatewayError::CaFile { path: path.clone(), source })?;
    }
    if encrypted {
        // Some systems carry certificates that no one can parse: leave them out.
        let system = rustls_native_certs::load_native_certs();
        let (added, ignored) = roots.add_parsable_certificates(system.certs);
        tracing::debug!(added, ignored, errors = ?system.errors, "read the system's authorities");
    }
    if encrypted && roots.is_empty() {
        return Err(HttpGatewayError::NoAuthorities);
    }
    Ok(roots)
}

fn add_file(
    roots: &mut RootCertStore,
    path: &Path,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    if roots.is_empty() { Err("it holds no certificate".into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn with_file(content: &str) -> Result<ClientConfig, HttpGatewayError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        let ca_file = Some(file.path().to_owned());
        client_config(&HttpGatewayConfig { ca_file, ..plain() }, false)
    }

    fn plain() -> HttpGatewayConfig {
        HttpGatewayConfig::new("http://127.0.0.1/", "t")
    }

    #[test]
    fn a_file_without_a_certificate_is_a_mistake() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for content in ["", "no certificate", broken] {
            let error = with_file(content).unwrap_err();
            assert!(matches!(error, HttpGatewayError::CaFile { .. }), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_a_mistake_even_without_tls() {
        let ca_file = Some("/does/not/exist.pem".into());
        let error = client_config(&HttpGatewayConfig { ca_file, ..plain() }, false).unwrap_err();
        assert!(error.to_string().contains("/does/not/exist.pem"), "{error}");
    }

    #[test]
    fn without_tls_no_authorities_are_needed() {
        assert!(client_config(&plain(), false).is_ok());
    }
}

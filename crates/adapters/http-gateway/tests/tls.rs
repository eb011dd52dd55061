//! Whom the gateway trusts: a certificate of an authority that it knows, made
//! out to the host that it asked for, and no other.

mod support;

use dispatcher_domain::SendOutcome;
use dispatcher_http_gateway::HttpGatewayConfig;
use dispatcher_mock_provider::{Config, MockProvider};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{io::Write, sync::Arc};
use support::{OneShotServer, accepted, config, reply, send};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;

/// An authority that nobody's system knows, and its certificate as a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(pem.as_bytes()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    /// A provider with a certificate for `name`.
    async fn provider(&self, name: &str) -> OneShotServer {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let answer = reply("200 OK", "", r#"{"messageId":"over-tls"}"#);
        OneShotServer::start_tls(answer, TlsAcceptor::from(Arc::new(tls))).await
    }

    fn trusted_by(&self, config: HttpGatewayConfig) -> HttpGatewayConfig {
        HttpGatewayConfig { ca_file: Some(self.file.path().to_owned()), ..config }
    }
}

fn https(server: &OneShotServer) -> HttpGatewayConfig {
    config(format!("https://{}/send", server.addr))
}

fn tls_failed() -> SendOutcome {
    SendOutcome::NotSent { reason: "tls_failed".to_owned(), http_status: None, retry_after: None }
}

#[tokio::test]
async fn a_provider_of_an_authority_in_the_file_is_trusted() {
    let authority = Authority::new();
    let server = authority.provider("127.0.0.1").await;
    let outcome = send(&authority.trusted_by(https(&server))).await;
    assert_eq!(accepted(&outcome), Some("over-tls"));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_provider_of_an_unknown_authority_gets_nothing() {
    let server = Authority::new().provider("127.0.0.1").await;
    let another = Authority::new();
    assert_eq!(send(&another.trusted_by(https(&server))).await, tls_failed());
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn a_provider_with_the_certificate_of_another_host_gets_nothing() {
    let authority = Authority::new();
    let server = authority.provider("another.example").await;
    assert_eq!(send(&authority.trusted_by(https(&server))).await, tls_failed());
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_speaks_no_tls_gets_nothing() {
    let provider = MockProvider::start(Config::default()).await.unwrap();
    let url = provider.send_url().replace("http://", "https://");
    let authority = Authority::new();
    assert_eq!(send(&authority.trusted_by(config(url))).await, tls_failed());
    assert_eq!(provider.requests(), []);
}

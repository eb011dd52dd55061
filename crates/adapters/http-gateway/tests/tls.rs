//! Whom the gateway trusts: a certificate of an authority that it knows, made
//! out to the host that it asked for, and no other.

mod support;

use dispatcher_domain::SendOutcome;
use dispatcher_http_gateway::HttpGatewayConfig;
use dispatcher_mock_provider::{Config, MockProvider};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{io::Write, sync::Arc};
use support::{LIMIT, OneShotServer, accepted, config, reply, send};
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
        self.provider_with(made_out_to(name), &[]).await
    }

    /// A provider with this certificate, signed, that offers these protocols.
    async fn provider_with(&self, params: CertificateParams, protocols: &[&str]) -> OneShotServer {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        serve(&certificate, &key, protocols).await
    }

    fn trusted_by(&self, config: HttpGatewayConfig) -> HttpGatewayConfig {
        HttpGatewayConfig { ca_file: Some(self.file.path().to_owned()), ..config }
    }
}

fn made_out_to(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

async fn serve(certificate: &Certificate, key: &KeyPair, protocols: &[&str]) -> OneShotServer {
    let mut tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    tls.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let answer = reply("200 OK", "", r#"{"messageId":"over-tls"}"#);
    OneShotServer::start_tls(answer, TlsAcceptor::from(Arc::new(tls))).await
}

fn https(server: &OneShotServer) -> HttpGatewayConfig {
    // A handshake that a stall of the machine cuts off would be another failure.
    let connect_timeout = Some(LIMIT / 4);
    HttpGatewayConfig { connect_timeout, ..config(format!("https://{}/send", server.addr)) }
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
async fn a_provider_whose_certificate_is_over_or_has_not_begun_gets_nothing() {
    let authority = Authority::new();
    let [mut over, mut early] = [(); 2].map(|()| made_out_to("127.0.0.1"));
    over.not_after = date_time_ymd(2020, 1, 1);
    early.not_before = date_time_ymd(3000, 1, 1);
    for params in [over, early] {
        let server = authority.provider_with(params, &[]).await;
        assert_eq!(send(&authority.trusted_by(https(&server))).await, tls_failed());
        assert_eq!(server.requests(), [""; 0]);
    }
}

#[tokio::test]
async fn a_provider_that_signed_its_certificate_itself_gets_nothing() {
    let key = KeyPair::generate().unwrap();
    let certificate = made_out_to("127.0.0.1").self_signed(&key).unwrap();
    let server = serve(&certificate, &key, &[]).await;
    assert_eq!(send(&Authority::new().trusted_by(https(&server))).await, tls_failed());
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn the_file_adds_to_the_systems_authorities_and_without_it_they_decide() {
    let server = Authority::new().provider("127.0.0.1").await;
    assert_eq!(send(&https(&server)).await, tls_failed());
    assert_eq!(server.requests(), [""; 0]);
}

/// HTTP/2 would repeat on its own what a server says it has not processed.
#[tokio::test]
async fn http_2_is_never_spoken_even_where_it_is_preferred() {
    let authority = Authority::new();
    let both = authority.provider_with(made_out_to("127.0.0.1"), &["h2", "http/1.1"]).await;
    assert_eq!(accepted(&send(&authority.trusted_by(https(&both))).await), Some("over-tls"));
    assert!(both.requests()[0].starts_with("POST /send HTTP/1.1\r\n"));

    let only = authority.provider_with(made_out_to("127.0.0.1"), &["h2"]).await;
    assert_eq!(send(&authority.trusted_by(https(&only))).await, tls_failed());
    assert_eq!(only.requests(), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_speaks_no_tls_gets_nothing() {
    let provider = MockProvider::start(Config::default()).await.unwrap();
    let url = provider.send_url().replace("http://", "https://");
    let authority = Authority::new();
    assert_eq!(send(&authority.trusted_by(config(url))).await, tls_failed());
    assert_eq!(provider.requests(), []);
}

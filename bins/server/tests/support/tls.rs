//! TLS in front of a provider that speaks none.

use dispatcher_mock_provider::MockProvider;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use std::{io::Write, net::SocketAddr, path::Path, sync::Arc};
use tempfile::NamedTempFile;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// An authority that nobody's system knows, and its certificate as a file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let mut file = NamedTempFile::new().expect("a file");
        file.write_all(pem.as_bytes()).expect("it is written");
        Self { issuer: Issuer::new(params, key), file }
    }

    /// For SMS_CA_FILE.
    pub(crate) fn file(&self) -> &str {
        let path: &Path = self.file.path();
        path.to_str().expect("a path of text")
    }

    /// `provider` over TLS, with this certificate, signed.
    pub(crate) async fn before(
        &self,
        provider: &MockProvider,
        certificate: CertificateParams,
    ) -> TlsFront {
        let key = KeyPair::generate().expect("a key");
        let certificate = certificate.signed_by(&key, &self.issuer).expect("a certificate");
        let tls = acceptor(certificate.der().clone(), &key);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(serve(listener, tls, provider.addr()));
        TlsFront { address, task }
    }
}

/// A server that ends TLS and passes on; it ends when it is dropped.
pub(crate) struct TlsFront {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl TlsFront {
    pub(crate) fn send_url(&self) -> String {
        format!("https://{}/send", self.address)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    TlsAcceptor::from(Arc::new(tls))
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, provider: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            // A client that does not trust us leaves: that is the test.
            let Ok(mut client) = tls.accept(stream).await else { return };
            let Ok(mut provider) = TcpStream::connect(provider).await else { return };
            let _ = copy_bidirectional(&mut client, &mut provider).await;
        });
    }
}

//! TLS in front of a provider that speaks none.

use dispatcher_mock_provider::MockProvider;
use dispatcher_testkit::tls::{Authority, Identity};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// An authority that nobody's system knows.
pub fn authority() -> Authority {
    Authority::new().expect("an authority")
}

/// Its certificate, for SMS_CA_FILE and its like.
pub fn file(authority: &Authority) -> &str {
    authority.file().to_str().expect("a path of text")
}

/// A server that ends TLS and passes on; it ends when it is dropped.
pub struct TlsFront {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl TlsFront {
    /// Puts one before `provider`, with this certificate.
    pub async fn before(provider: &MockProvider, identity: anyhow::Result<Identity>) -> Self {
        let tls = acceptor(&identity.expect("a certificate"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(serve(listener, tls, provider.addr()));
        Self { address, task }
    }

    pub fn send_url(&self) -> String {
        format!("https://{}/send", self.address)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("a certificate")], key)
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

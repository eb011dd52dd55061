//! `rediss://`: through a TLS end in front of a plain Redis.

mod support;

use dispatcher_domain::ports::DeliveryCache;
use dispatcher_redis::RedisConfig;
use dispatcher_testkit::TestRedis;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{io::Write, sync::Arc};
use support::{cache, config};
use tempfile::NamedTempFile;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

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

    fn acceptor(&self, name: &str) -> TlsAcceptor {
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
            );
        TlsAcceptor::from(Arc::new(tls.unwrap()))
    }
}

/// The way to `redis` through TLS, with a certificate for `name`.
async fn behind_tls(redis: &TestRedis, authority: &Authority, name: &str) -> RedisConfig {
    let (target, tls) = (config(redis), authority.acceptor(name));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (host, redis_port) = (target.host.clone(), target.port);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, to) = (tls.clone(), (host.clone(), redis_port));
            tokio::spawn(async move {
                let mut stream = tls.accept(stream).await?;
                copy_bidirectional(&mut stream, &mut TcpStream::connect(to).await?).await
            });
        }
    });
    RedisConfig { port, tls: true, ..target }
}

#[tokio::test]
async fn a_server_of_an_authority_in_the_file_is_trusted() -> anyhow::Result<()> {
    let (redis, authority) = (TestRedis::start().await?, Authority::new());
    let config = behind_tls(&redis, &authority, "127.0.0.1").await;
    cache(&RedisConfig { ca: Some(authority.file.path().to_owned()), ..config }).ping().await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_authority_another_host_and_plain_text_are_refused() -> anyhow::Result<()> {
    let (redis, authority) = (TestRedis::start().await?, Authority::new());
    let another = Authority::new();
    let ca = |authority: &Authority| Some(authority.file.path().to_owned());
    let refused = [
        RedisConfig { ca: ca(&another), ..behind_tls(&redis, &authority, "127.0.0.1").await },
        RedisConfig { ca: None, ..behind_tls(&redis, &authority, "127.0.0.1").await },
        RedisConfig { ca: ca(&authority), ..behind_tls(&redis, &authority, "x.example").await },
        RedisConfig { ca: ca(&authority), tls: true, ..config(&redis) },
    ];
    for config in refused {
        assert!(cache(&config).ping().await.is_err(), "{config:?}");
    }
    Ok(())
}

//! Servers that are not what the settings say.

use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A web page for everybody and everything.
pub(crate) const WEB_PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\
    Content-Length: 27\r\nConnection: close\r\n\r\n<html>Welcome, all!</html>\r\n";

/// What a web server says of an address that it does not know.
pub(crate) const NOT_FOUND: &str =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What a web server says to a POST to a page.
pub(crate) const NO_POST: &str =
    "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What a web server says that wants to be asked over TLS.
pub(crate) const TO_HTTPS: &str = "HTTP/1.1 301 Moved Permanently\r\n\
    Location: https://127.0.0.1/send\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// It ends when it is dropped.
pub(crate) struct Impostor {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Impostor {
    /// Answers whatever it is told with these bytes.
    pub(crate) async fn answering(answer: &'static str) -> Self {
        Self::meeting(move |mut stream| async move {
            let mut heard = [0; 4096];
            while stream.read(&mut heard).await.is_ok_and(|count| count > 0) {
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        })
        .await
    }

    /// Speaks first, as servers of mail and shells do.
    pub(crate) async fn greeting(banner: &'static str) -> Self {
        Self::meeting(move |mut stream| async move {
            // A guest who leaves at once is none of its business.
            let _ = stream.write_all(banner.as_bytes()).await;
            while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {}
        })
        .await
    }

    /// Takes connections, listens, and says nothing.
    pub(crate) async fn silent() -> Self {
        Self::meeting(|mut stream| async move {
            while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {}
        })
        .await
    }

    async fn meeting<Met>(meet: impl Fn(TcpStream) -> Met + Send + 'static) -> Self
    where
        Met: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(meet(stream));
            }
        });
        Self { address, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn send_url(&self) -> String {
        format!("http://{}/send", self.address)
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

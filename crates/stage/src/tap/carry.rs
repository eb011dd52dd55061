//! One line: bytes go both ways, until it is time to stand still.

use super::{
    Direction, Edge, Fault, Moment, Progress, Shared, Step, Wire, http, postgres::Session,
    redis::is_receipt,
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Ends, and with it both connections, when one side ends or the line breaks.
pub(super) async fn carry(client: TcpStream, server: TcpStream, shared: &Shared) {
    let mut line = Line {
        client,
        server,
        shared,
        session: Session::default(),
        owed: None,
        request: Vec::new(),
    };
    let mut cut = shared.cut.subscribe();
    tokio::select! {
        // Whoever looks at a broken line sees just that.
        _ = line.carry() => {}
        _ = cut.changed() => {}
    }
}

struct Line<'a> {
    client: TcpStream,
    server: TcpStream,
    shared: &'a Shared,
    session: Session,
    /// What the next answer of the server is the answer to.
    owed: Option<Owed>,
    /// What of a POST has gone to the provider.
    request: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Owed {
    Commit(Step),
    Receipt,
    Post,
}

impl Line<'_> {
    async fn carry(&mut self) -> io::Result<()> {
        let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
        let mut fault = self.shared.fault.subscribe();
        loop {
            let trouble = *fault.borrow_and_update();
            if trouble == Fault::Reset {
                return self.reset();
            }
            tokio::select! {
                _ = fault.changed() => {}
                read = self.client.read(&mut from_client) => match read? {
                    0 => return Ok(()),
                    count => self.client_sent(&from_client[..count], trouble).await?,
                },
                read = self.server.read(&mut from_server) => match read? {
                    0 => return Ok(()),
                    count => self.server_sent(&from_server[..count], trouble).await?,
                },
            }
        }
    }

    async fn client_sent(&mut self, bytes: &[u8], fault: Fault) -> io::Result<()> {
        if fault.swallows(Direction::ToServer) {
            return Ok(());
        }
        match self.shared.wire {
            Wire::Postgres => {
                if let Some(step) = self.session.client_says(bytes) {
                    if fault == Fault::EndBeforeCommit {
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    }
                    self.stand_still_at(Moment::Commit(step, Edge::Before)).await;
                    self.owed = Some(Owed::Commit(step));
                }
            }
            Wire::Redis if is_receipt(bytes) => {
                self.stand_still_at(Moment::Receipt(Edge::Before)).await;
                self.owed = Some(Owed::Receipt);
            }
            Wire::Redis => {}
            Wire::Http => return self.post(bytes, fault).await,
        }
        send(&mut self.server, bytes, fault).await
    }

    async fn post(&mut self, bytes: &[u8], fault: Fault) -> io::Result<()> {
        if self.request.is_empty() {
            self.stand_still_at(Moment::Post(Progress::Nothing)).await;
        }
        self.request.extend_from_slice(bytes);
        let half = Moment::Post(Progress::HalfTheRequest);
        if self.shared.is_watched(half) {
            // Nothing goes out until it is clear where its half is.
            if http::is_whole(&self.request) {
                let head = http::head(&self.request).unwrap_or(0);
                let end = head + (self.request.len() - head) / 2;
                self.server.write_all(&self.request[..end]).await?;
                self.stand_still_at(half).await;
            }
            return Ok(());
        }
        self.owed = Some(Owed::Post);
        send(&mut self.server, bytes, fault).await
    }

    async fn server_sent(&mut self, bytes: &[u8], fault: Fault) -> io::Result<()> {
        if fault.swallows(Direction::ToClient) {
            return Ok(());
        }
        self.session.server_says(bytes);
        match self.owed.take() {
            None => {}
            Some(Owed::Commit(_)) if fault == Fault::EndAfterCommit => {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(Owed::Commit(step)) => {
                self.stand_still_at(Moment::Commit(step, Edge::Unanswered)).await;
                send(&mut self.client, bytes, fault).await?;
                return self.told(Moment::Commit(step, Edge::After)).await;
            }
            Some(Owed::Receipt) => {
                self.stand_still_at(Moment::Receipt(Edge::Unanswered)).await;
                send(&mut self.client, bytes, fault).await?;
                return self.told(Moment::Receipt(Edge::After)).await;
            }
            Some(Owed::Post) => {
                self.request.clear();
                self.stand_still_at(Moment::Post(Progress::Request)).await;
                if self.shared.is_watched(Moment::Post(Progress::Head)) {
                    let head = http::head(bytes).unwrap_or(bytes.len());
                    self.client.write_all(&bytes[..head]).await?;
                    self.stand_still_at(Moment::Post(Progress::Head)).await;
                }
            }
        }
        send(&mut self.client, bytes, fault).await
    }

    async fn stand_still_at(&self, moment: Moment) {
        if !self.shared.has_come(moment) {
            return;
        }
        loop {
            let forgotten = self.shared.forgotten.notified();
            if !self.shared.is_watched(moment) {
                return;
            }
            forgotten.await;
        }
    }

    /// What was told cannot be held back any more.
    async fn told(&self, moment: Moment) -> io::Result<()> {
        self.stand_still_at(moment).await;
        Ok(())
    }

    /// Both sides see a reset, no orderly end.
    fn reset(&self) -> io::Result<()> {
        self.client.set_zero_linger()?;
        self.server.set_zero_linger()
    }
}

async fn send(to: &mut TcpStream, bytes: &[u8], fault: Fault) -> io::Result<()> {
    match fault {
        Fault::Latency(latency) => {
            wait(latency).await;
            to.write_all(bytes).await
        }
        Fault::Slices(size) => {
            to.set_nodelay(true)?;
            for slice in bytes.chunks(size.max(1)) {
                to.write_all(slice).await?;
                wait(Duration::from_micros(50)).await;
            }
            Ok(())
        }
        _ => to.write_all(bytes).await,
    }
}

#[expect(clippy::disallowed_methods, reason = "a slow line is slow by the clock")]
async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}

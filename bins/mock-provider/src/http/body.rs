//! Bodies that do not come in one piece.

use std::{convert::Infallible, io::Read, task::Poll, time::Duration};

use flate2::{Compression, read::GzEncoder};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Bytes, Frame};

use super::Dropped;
use crate::clock;

/// The body of any answer of this provider.
pub(super) type Body = UnsyncBoxBody<Bytes, Dropped>;

const CHUNK: usize = 16 * 1024;

/// All of it at once.
pub(super) fn whole(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// One byte after the other, with a pause before each.
pub(super) fn dripping(text: String, interval: Duration) -> Body {
    streamed(stream::iter(text.into_bytes()).then(move |byte| async move {
        clock::pause(interval).await;
        Ok(Bytes::from(vec![byte]))
    }))
}

/// The first half, then the connection closes.
pub(super) fn cut(text: &str) -> Body {
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    // hyper drops what it has not flushed yet when a body fails, and flushes when a body has nothing to give for the
    // moment. So there is a turn without anything between the half and the failure.
    let mut flushed = false;
    let failure = stream::once(std::future::poll_fn(move |cx| {
        if flushed {
            return Poll::Ready(Err(Dropped::Closed));
        }
        flushed = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    streamed(stream::iter([Ok(half)]).chain(failure))
}

/// `text`, which is a JSON object, with a field `padding` that brings it to `bytes` bytes.
pub(super) fn padded(text: &str, bytes: u64) -> Body {
    const OPENING: &str = r#","padding":""#;
    const CLOSING: &str = r#""}"#;
    let start = text.trim_end_matches('}').to_owned() + OPENING;
    let padding = bytes.saturating_sub((start.len() + CLOSING.len()) as u64);
    if padding == 0 {
        return whole(text.to_owned());
    }
    let pad = Bytes::from(vec![b'x'; CHUNK]);
    let middle = stream::unfold(padding, move |left| {
        let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let chunk = (size > 0).then(|| (Ok(pad.slice(..size)), left - size as u64));
        std::future::ready(chunk)
    });
    let start = stream::iter([Ok(Bytes::from(start))]);
    let end = stream::iter([Ok(Bytes::from_static(CLOSING.as_bytes()))]);
    streamed(start.chain(middle).chain(end))
}

/// So many blanks, packed a hundred times smaller and more: one packet over and over, which gzip allows.
pub(super) fn bomb(bytes: u64) -> Vec<u8> {
    const PACKET: u64 = 64 * 1024;
    let times = usize::try_from(bytes / PACKET).unwrap_or_default();
    let mut packed = zip(PACKET).repeat(times);
    packed.extend(zip(bytes % PACKET));
    packed
}

fn zip(blanks: u64) -> Vec<u8> {
    let mut packed = Vec::new();
    // Memory does not fail to be read or written.
    let _ = GzEncoder::new(std::io::repeat(b' ').take(blanks), Compression::default())
        .read_to_end(&mut packed);
    packed
}

fn streamed(chunks: impl Stream<Item = Result<Bytes, Dropped>> + Send + 'static) -> Body {
    StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))).boxed_unsync()
}

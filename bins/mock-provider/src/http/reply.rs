//! Answers, put together.

use hyper::{
    Response, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Serialize;

use super::body::{self, Body};
use crate::refusal::Refusal;

pub(super) type Reply = Response<Body>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Reply {
    match serde_json::to_string(value) {
        Ok(text) => typed(status, JSON, body::whole(text)),
        // None of our values has a key that is no string, which is the one thing that could fail here.
        Err(error) => {
            typed(StatusCode::INTERNAL_SERVER_ERROR, HTML, body::whole(error.to_string()))
        }
    }
}

/// One of the provider's own errors.
pub(super) fn refusal(refusal: &Refusal) -> Reply {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, refusal)
}

/// A text as it stands: JSON if it is JSON, else a page. 204 and 304 have none by the rules of HTTP.
pub(super) fn text(status: StatusCode, text: String) -> Reply {
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return bare(status);
    }
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    typed(status, if is_json { JSON } else { HTML }, body::whole(text))
}

/// A JSON answer whose body comes in its own way. With a length it is announced; without, it is chunked.
pub(super) fn streamed(body: Body, length: Option<usize>) -> Reply {
    let mut reply = typed(StatusCode::OK, JSON, body);
    if let Some(length) = length {
        reply.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    reply
}

/// A JSON answer that has to be unpacked.
pub(super) fn zipped(body: Vec<u8>) -> Reply {
    let mut reply = typed(StatusCode::OK, JSON, body::whole(body));
    reply.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    reply
}

/// No body at all.
pub(super) fn bare(status: StatusCode) -> Reply {
    let mut reply = Response::new(body::whole(""));
    *reply.status_mut() = status;
    reply
}

/// Sets a header to a text that someone else wrote.
pub(super) fn set_header(reply: &mut Reply, name: HeaderName, value: &str) -> Result<(), Refusal> {
    let value = HeaderValue::from_str(value).map_err(|_| {
        Refusal::cannot_be_played(format!("{name} is scripted to what no header can hold"))
    })?;
    reply.headers_mut().insert(name, value);
    Ok(())
}

/// A status code that someone else chose.
pub(super) fn status(code: u16) -> Result<StatusCode, Refusal> {
    StatusCode::from_u16(code).ok().filter(|_| (200..=599).contains(&code)).ok_or_else(|| {
        Refusal::cannot_be_played(format!("{code} is scripted, which is no final status"))
    })
}

fn typed(status: StatusCode, content_type: HeaderValue, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, content_type);
    reply
}

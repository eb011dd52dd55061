//! A behaviour, as bytes on the wire or their absence.

use hyper::{
    StatusCode,
    header::{HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
};
use serde::Serialize;

use super::{
    Dropped, body,
    reply::{self, Reply},
};
use crate::{Behaviour, ledger::Acceptance, refusal::Refusal};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const PAGE: &str = "<!doctype html><title>Welcome</title><p>Please sign in to the network.";

/// The usual answer to an accepted message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted<'a> {
    message: &'static str,
    message_id: &'a str,
}

/// Plays a behaviour. `acceptance` is there exactly for those that accept.
pub(super) async fn play(
    behaviour: Behaviour,
    acceptance: Option<&Acceptance>,
) -> Result<Reply, Dropped> {
    let usual = usual_body(acceptance);
    let played = match behaviour {
        Behaviour::HangBeforeAccept | Behaviour::HangAfterAccept => std::future::pending().await,
        Behaviour::DropBeforeAccept | Behaviour::DropAfterAccept => return Err(Dropped::Closed),
        Behaviour::ResetAfterAccept => return Err(Dropped::Reset),
        Behaviour::NoHttp => return Err(Dropped::Nonsense),
        Behaviour::Accept | Behaviour::Hold => Ok(reply::text(StatusCode::OK, usual)),
        Behaviour::AcceptWith { status, body } => {
            reply::status(status).map(|status| reply::text(status, body.unwrap_or(usual)))
        }
        Behaviour::Status { code, retry_after, body, location } => {
            refuse(code, retry_after.as_deref(), body, location.as_deref())
        }
        Behaviour::DropMidBody => Ok(reply::streamed(body::cut(&usual), Some(usual.len()))),
        Behaviour::SlowDrip { interval } => {
            let length = usual.len();
            Ok(reply::streamed(body::dripping(usual, interval), Some(length)))
        }
        Behaviour::Garbage => Ok(reply::text(StatusCode::OK, PAGE.to_owned())),
        Behaviour::EmptyBody => Ok(reply::bare(StatusCode::OK)),
        Behaviour::HugeBody { bytes } => Ok(reply::streamed(body::padded(&usual, bytes), None)),
        Behaviour::GzipBomb { bytes } => Ok(reply::zipped(body::bomb(bytes))),
    };
    let mut reply = played.unwrap_or_else(|refusal| reply::refusal(&refusal));
    if acceptance.is_some_and(|acceptance| acceptance.replayed) {
        reply.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(reply)
}

fn usual_body(acceptance: Option<&Acceptance>) -> String {
    acceptance
        .and_then(|acceptance| {
            serde_json::to_string(&Accepted {
                message: "Accepted",
                message_id: &acceptance.message_id,
            })
            .ok()
        })
        .unwrap_or_default()
}

fn refuse(
    code: u16,
    retry_after: Option<&str>,
    body: Option<String>,
    location: Option<&str>,
) -> Result<Reply, Refusal> {
    let status = reply::status(code)?;
    let mut reply = match body {
        Some(body) => reply::text(status, body),
        None if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) => {
            reply::bare(status)
        }
        None => reply::refusal(&Refusal::new(code, "scripted", format!("the script says {code}"))),
    };
    if let Some(retry_after) = retry_after {
        reply::set_header(&mut reply, RETRY_AFTER, retry_after)?;
    }
    if let Some(location) = location {
        reply::set_header(&mut reply, LOCATION, location)?;
    }
    Ok(reply)
}

//! `POST /send`: read it whole, judge it once, hold the answer back, play it.

use std::error::Error;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request,
    body::{Bytes, Incoming},
    header::AUTHORIZATION,
};

use super::{
    Dropped,
    play::play,
    reply::{self, Reply},
};
use crate::{
    Behaviour, clock,
    message::Message,
    refusal::Refusal,
    state::{State, Verdict},
};

const MOST_BYTES: usize = 1024 * 1024;

/// Answers one POST, or drops its connection, or never returns, as the script has it.
pub(super) async fn send(state: &State, request: Request<Incoming>) -> Result<Reply, Dropped> {
    let key = idempotency_key(request.headers());
    let authorized =
        state.authorizes(request.headers().get(AUTHORIZATION).map(|value| value.as_bytes()));
    let index = state.arrive(key.clone());
    // A refusal waits for the whole body too: an answer while the client still writes may be lost in a reset.
    let body = read(request.into_body()).await?;
    let message = if authorized {
        body.and_then(|body| Message::parse(&body))
    } else {
        Err(Refusal::unauthorized())
    };
    let verdict = state.judge(index, message);
    log(index, key.as_deref(), &verdict);
    clock::pause(state.latency()).await;
    match verdict {
        Verdict::Play(behaviour, acceptance, mut replaced) => {
            if behaviour == Behaviour::Hold {
                // An error: the provider is gone, and so will be this connection.
                let _ = replaced.changed().await;
            }
            play(behaviour, acceptance.as_ref()).await
        }
        Verdict::Refuse(refusal) => Ok(reply::refusal(&refusal)),
        Verdict::Stopped => Err(Dropped::Closed),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("idempotency-key")?;
    let key = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
    Some(key).filter(|key| !key.is_empty())
}

/// The body; `Err` outside when the client broke off, inside when it has too much to say.
async fn read(body: Incoming) -> Result<Result<Bytes, Refusal>, Dropped> {
    match Limited::new(body, MOST_BYTES).collect().await {
        Ok(body) => Ok(Ok(body.to_bytes())),
        Err(error) if is_too_large(error.as_ref()) => Ok(Err(Refusal::too_large(MOST_BYTES))),
        Err(_) => Err(Dropped::Closed),
    }
}

fn is_too_large(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.is::<LengthLimitError>()
}

/// One line per POST, written when its fate is decided, because some of them never end. No number, no content: of a
/// behaviour only its name, since its texts may come from a message.
fn log(index: usize, key: Option<&str>, verdict: &Verdict) {
    let number = index + 1;
    match verdict {
        Verdict::Play(behaviour, acceptance, _) => tracing::info!(
            number,
            key,
            behaviour = behaviour.name(),
            accepted = acceptance.is_some(),
            replayed = acceptance.as_ref().is_some_and(|acceptance| acceptance.replayed),
            message_id = acceptance.as_ref().map(|acceptance| acceptance.message_id.as_str()),
            "POST /send"
        ),
        Verdict::Refuse(refusal) => tracing::info!(
            number,
            key,
            status = refusal.status,
            error = refusal.error,
            field = refusal.field,
            accepted = false,
            "POST /send"
        ),
        Verdict::Stopped => {}
    }
}

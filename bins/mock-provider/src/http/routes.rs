//! Which path does what.

use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, StatusCode,
    body::Incoming,
    header::{ALLOW, AUTHORIZATION, HeaderValue},
};
use serde::Serialize;

use super::{
    Dropped, query,
    reply::{self, Reply},
    send::send,
};
use crate::{Script, refusal::Refusal, state::State};

/// What stands before an idempotency key.
const MESSAGES: &str = "/messages/";
const LONGEST_SCRIPT: usize = 64 * 1024;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct CurrentScript {
    script: String,
}

/// Answers one request. Only `POST /send` may end without an answer.
pub(super) async fn route(state: &State, request: Request<Incoming>) -> Result<Reply, Dropped> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if (&method, path.as_str()) == (&Method::POST, "/send") {
        return send(state, request).await;
    }
    let reply = match (&method, path.as_str()) {
        (&Method::GET, "/health") => reply::json(StatusCode::OK, &Health { status: "healthy" }),
        (&Method::GET, "/ledger") => query::ledger(state, request.uri()),
        (&Method::GET, "/requests") => query::requests(state, request.uri()),
        (&Method::GET, path) if path.starts_with(MESSAGES) => look_up(state, &request, path),
        (&Method::GET, "/script") => current_script(state),
        (&Method::PUT, "/script") => replace_script(state, request).await,
        (_, "/send") => wrong_method("POST"),
        (_, "/health" | "/ledger" | "/requests") => wrong_method("GET"),
        (_, "/script") => wrong_method("GET, PUT"),
        (_, path) if path.starts_with(MESSAGES) => wrong_method("GET"),
        _ => reply::refusal(&Refusal::not_found()),
    };
    // A path of the client's own making may hold anything, a phone number too.
    let path =
        if reply.status() == StatusCode::NOT_FOUND { "(an unknown path)" } else { path.as_str() };
    tracing::info!(status = reply.status().as_u16(), "{method} {path}");
    Ok(reply)
}

/// What clients of a real provider could ask as well, so they need the token.
fn look_up(state: &State, request: &Request<Incoming>, path: &str) -> Reply {
    let authorization = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if !state.authorizes(authorization) {
        return reply::refusal(&Refusal::unauthorized());
    }
    query::message(state, path.strip_prefix(MESSAGES).unwrap_or_default())
}

fn current_script(state: &State) -> Reply {
    let script = state.books().player.script().to_string();
    reply::json(StatusCode::OK, &CurrentScript { script })
}

async fn replace_script(state: &State, request: Request<Incoming>) -> Reply {
    match read_script(request.into_body()).await {
        Ok(script) => {
            state.play(script);
            current_script(state)
        }
        Err(refusal) => reply::refusal(&refusal),
    }
}

async fn read_script(body: Incoming) -> Result<Script, Refusal> {
    let body = Limited::new(body, LONGEST_SCRIPT)
        .collect()
        .await
        .map_err(|_| Refusal::too_large(LONGEST_SCRIPT))?;
    let text = String::from_utf8(body.to_bytes().into())
        .map_err(|_| Refusal::bad_script("the script is not UTF-8"))?;
    text.parse().map_err(|error: crate::ScriptError| Refusal::bad_script(error.to_string()))
}

fn wrong_method(allowed: &'static str) -> Reply {
    let mut reply = reply::refusal(&Refusal::wrong_method(allowed));
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    reply
}

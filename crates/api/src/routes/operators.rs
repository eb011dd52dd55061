//! What operators decide about one message.

use super::message;
use crate::{
    Api,
    command_body::Fields,
    dto::{CancelBody, DecisionBody, RequeueBody, ResolveBody},
    problem::{Code, Problem, ProblemBody},
};
use actix_web::{HttpRequest, HttpResponse, web};
use dispatcher_domain::{
    MessageId, OperatorRequest,
    ports::{Decided, StoreError},
};

/// What each command may answer beside its own.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code)] // It is there to be described.
enum NotCarriedOut {
    #[response(
        status = 400,
        description = "The body is no JSON object",
        content_type = "application/problem+json"
    )]
    NoObject(ProblemBody),
    #[response(
        status = 404,
        description = "There is no message with this id",
        content_type = "application/problem+json"
    )]
    NotFound(ProblemBody),
    #[response(
        status = 408,
        description = "The body took too long to arrive",
        content_type = "application/problem+json"
    )]
    TooSlow(ProblemBody),
    #[response(
        status = 413,
        description = "The body is too large",
        content_type = "application/problem+json"
    )]
    TooLarge(ProblemBody),
    #[response(
        status = 415,
        description = "The body is not application/json",
        content_type = "application/problem+json"
    )]
    NotJson(ProblemBody),
    #[response(
        status = 422,
        description = "Fields are not right; all of them are named",
        content_type = "application/problem+json"
    )]
    WrongFields(ProblemBody),
    #[response(
        status = 500,
        description = "A fault of this program",
        content_type = "application/problem+json"
    )]
    Fault(ProblemBody),
    #[response(
        status = 503,
        description = "The database does not answer or did not confirm; repeat the call",
        content_type = "application/problem+json"
    )]
    StoreDown(ProblemBody),
}

/// Takes a message out of the queue.
///
/// Only a `queued` one, scheduled or not; one that is `canceled` already stays
/// so. A request that is on its way to the provider cannot be called back.
#[utoipa::path(
    post, path = "/api/messages/{id}/cancel", tag = "operators",
    params(("id" = i64, Path, description = "Its id")),
    request_body = Option<CancelBody>,
    responses(
        (status = 200, description = "It is `canceled`", body = DecisionBody),
        (status = 409, description = "It is being sent (`message_in_flight`), its status does not allow this (`status_forbids`), or it was started since you looked (`outdated`)", body = ProblemBody, content_type = "application/problem+json"),
        NotCarriedOut,
    )
)]
pub(crate) async fn cancel(
    api: web::Data<Api>,
    id: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let id = message::parse(&id)?;
    let command = Fields::read(&request, payload).await?.cancel()?;
    decide(&api, id, command).await
}

/// Puts a message back into the queue, at its old place and due at once.
///
/// Takes `failed`, `canceled` and `expired` messages. With `force` also those
/// that may have been sent, `unconfirmed` ones included: the recipient may get
/// a second SMS, unless the provider still knows the idempotency key, which is
/// kept for `PROVIDER_KEY_WINDOW` after its first use. All others get a new key.
/// An `expires_at` that is over is taken away; one to come stays.
/// A message that is `queued` already stays as it is and goes on waiting.
#[utoipa::path(
    post, path = "/api/messages/{id}/requeue", tag = "operators",
    params(("id" = i64, Path, description = "Its id")),
    request_body = Option<RequeueBody>,
    responses(
        (status = 200, description = "It is `queued`", body = DecisionBody),
        (status = 409, description = "It may have been sent and `force` is missing (`maybe_sent`), it is being sent (`message_in_flight`), its status does not allow this (`status_forbids`), or it was started since you looked (`outdated`)", body = ProblemBody, content_type = "application/problem+json"),
        NotCarriedOut,
    )
)]
pub(crate) async fn requeue(
    api: web::Data<Api>,
    id: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let id = message::parse(&id)?;
    let command = Fields::read(&request, payload).await?.requeue()?;
    decide(&api, id, command).await
}

/// Says what became of a message, on the operator's word.
///
/// `sent`: the provider accepted it. Of an `unconfirmed`, `failed`, `canceled`
/// or `expired` message, and of any other that may have been sent.
/// `not_sent`: the provider accepted none of its attempts; an `unconfirmed`
/// message becomes `failed` without a doubt, and can be requeued without force.
#[utoipa::path(
    post, path = "/api/messages/{id}/resolve", tag = "operators",
    params(("id" = i64, Path, description = "Its id")),
    request_body = ResolveBody,
    responses(
        (status = 200, description = "It is `sent` or `failed`, as you said", body = DecisionBody),
        (status = 409, description = "It is being sent (`message_in_flight`), its status does not allow this (`status_forbids`), or it was started since you looked (`outdated`)", body = ProblemBody, content_type = "application/problem+json"),
        NotCarriedOut,
    )
)]
pub(crate) async fn resolve(
    api: web::Data<Api>,
    id: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let id = message::parse(&id)?;
    let command = Fields::read(&request, payload).await?.resolve()?;
    decide(&api, id, command).await
}

async fn decide(
    api: &Api,
    id: MessageId,
    request: OperatorRequest,
) -> Result<HttpResponse, Problem> {
    let decide = api.decide.clone();
    let decided =
        api.run(async move { decide.run(id, &request).await }).await?.map_err(not_decided)?;
    match decided {
        Decided::NotFound => Err(message::not_found(&id.to_string())),
        Decided::Refused(refusal) => Err(refusal.into()),
        Decided::Done(decision) => Ok(HttpResponse::Ok().json(DecisionBody::of(id, &decision))),
    }
}

fn not_decided(error: StoreError) -> Problem {
    tracing::warn!(error = &error as &dyn std::error::Error, "a command was not carried out");
    match error {
        StoreError::Unavailable(_) => {
            Problem::new(Code::StoreUnavailable, "nothing was changed; try again later")
        }
        StoreError::Unconfirmed(_) => Problem::new(
            Code::StoreUnconfirmed,
            "it may be done or not: make the same call again, twice is as once",
        ),
        StoreError::Unexpected(_) => Problem::internal(),
    }
}

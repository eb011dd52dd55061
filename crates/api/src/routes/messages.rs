//! Taking messages in.

use crate::{
    Api, body,
    dto::{EnqueueBody, EnqueuedBody},
    problem::{Code, Problem, ProblemBody},
};
use actix_web::{HttpRequest, HttpResponse, web};
use dispatcher_app::EnqueueError;
use dispatcher_domain::ports::StoreError;

/// Stores a message at the end of the queue.
///
/// It goes out in its turn; with `not_before` not before then, with `expires_at` not from
/// then on, and with a higher `priority` before others.
///
/// A 2xx answer means that it is on durable storage.
#[utoipa::path(
    post, path = "/api/messages", tag = "messages",
    request_body = EnqueueBody,
    responses(
        (status = 201, description = "Stored", body = EnqueuedBody,
         headers(("Location" = String, description = "Where the message can be looked at"))),
        (status = 400, description = "The body is no JSON object", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body took too long to arrive", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not application/json", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields are not right; all of them are named", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer or did not confirm", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "A fault of this program", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn enqueue(
    api: web::Data<Api>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let wanted = body::read(&request, payload, &api.enqueue).await?;
    let enqueue = api.enqueue.clone();
    let taken = api
        .run(async move { enqueue.run(&wanted.phone_number, &wanted.content, &wanted.terms).await })
        .await?
        .map_err(problem)?;
    Ok(HttpResponse::Created()
        .insert_header(("Location", format!("/api/messages/{}", taken.stored.id)))
        .json(EnqueuedBody::from(taken)))
}

fn problem(error: EnqueueError) -> Problem {
    match error {
        EnqueueError::Invalid(fields) => {
            Problem::fields(fields.into_iter().map(Into::into).collect())
        }
        EnqueueError::Store(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a message was not stored");
            store_problem(&error)
        }
    }
}

fn store_problem(error: &StoreError) -> Problem {
    match error {
        StoreError::Unavailable(_) => {
            Problem::new(Code::StoreUnavailable, "nothing was stored; try again later")
        }
        StoreError::Unconfirmed(_) => Problem::new(
            Code::StoreUnconfirmed,
            "the message may or may not be stored: look before you send it again",
        ),
        StoreError::Unexpected(_) => Problem::internal(),
    }
}

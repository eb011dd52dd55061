//! One message, whatever became of it.

use crate::{
    Api,
    dto::MessageBody,
    problem::{Code, Problem, ProblemBody},
};
use actix_web::{HttpResponse, web};
use dispatcher_domain::{MessageId, ports::StoreError};

/// Shows a message and every attempt to send it.
#[utoipa::path(
    get, path = "/api/messages/{id}", tag = "messages",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The message and its attempts", body = MessageBody),
        (status = 404, description = "There is no message with this id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "A fault of this program", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    api: web::Data<Api>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = parse(&id)?;
    let inspect = api.inspect.clone();
    let found = api.run(async move { inspect.run(id).await }).await?.map_err(not_read)?;
    let message = found.ok_or_else(|| not_found(&id.to_string()))?;
    Ok(HttpResponse::Ok().json(MessageBody::from(message)))
}

pub(super) fn not_read(error: StoreError) -> Problem {
    tracing::warn!(error = &error as &dyn std::error::Error, "messages were not read");
    match error {
        StoreError::Unexpected(_) => Problem::internal(),
        _ => Problem::new(Code::StoreUnavailable, "try again later"),
    }
}

pub(super) fn parse(text: &str) -> Result<MessageId, Problem> {
    text.parse().map(MessageId).map_err(|_| {
        let shown: String = text.chars().take(30).collect();
        Problem::new(Code::MessageNotFound, format!("ids are whole numbers; {shown} is none"))
    })
}

pub(super) fn not_found(id: &str) -> Problem {
    Problem::new(Code::MessageNotFound, format!("there is no message {id}"))
}

//! The messages of one status, page by page.

use super::message::not_read;
use crate::{
    Api, cursor,
    dto::{MessageListBody, MessageSummaryBody},
    problem::{FieldError, Problem, ProblemBody},
};
use actix_web::{HttpResponse, web};
use dispatcher_domain::{Status, ports::SentCursor};
use serde::Deserialize;
use utoipa::IntoParams;

/// Most entries of one page.
const LARGEST: u32 = 500;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Selection {
    /// `queued`, `sending`, `sent`, `delivered`, `undelivered`, `failed`,
    /// `unconfirmed`, `canceled`, `expired` or `rejected`: one of them.
    #[param(value_type = String, required, example = "unconfirmed")]
    status: Option<String>,
    /// Entries per page, 1 to 500; 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the messages of one status, oldest first.
///
/// A message that changes its status while you turn the pages may be missed or
/// met again; all others are listed exactly once.
#[utoipa::path(
    get, path = "/api/messages", tag = "operators", params(Selection),
    responses(
        (status = 200, description = "A page of the list", body = MessageListBody),
        (status = 400, description = "Parameters are not right; all of them are named", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "A fault of this program", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn of_status(
    api: web::Data<Api>,
    selection: Result<web::Query<Selection>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let (status, limit, cursor) = read(selection)?;
    let inspect = api.inspect.clone();
    let page = api.run(async move { inspect.list(status, cursor, limit).await }).await?;
    let page = page.map_err(not_read)?;
    Ok(HttpResponse::Ok().json(MessageListBody {
        messages: page.messages.into_iter().map(MessageSummaryBody::from).collect(),
        next_cursor: page.next.map(cursor::encode),
    }))
}

fn read(
    selection: Result<web::Query<Selection>, actix_web::Error>,
) -> Result<(Status, u32, Option<SentCursor>), Problem> {
    let selection = selection.map_err(|_| {
        let once = "status, limit and cursor may each be given once";
        Problem::query(vec![FieldError::new("status", "not_once", once)])
    })?;
    let status = status(selection.status.as_deref());
    let limit = limit(selection.limit.as_deref());
    let cursor = selection.cursor.as_deref().map(place).transpose();
    match (status, limit, cursor) {
        (Ok(status), Ok(limit), Ok(cursor)) => Ok((status, limit, cursor)),
        (status, limit, cursor) => {
            let errors = [status.err(), limit.err(), cursor.err()];
            Err(Problem::query(errors.into_iter().flatten().collect()))
        }
    }
}

fn status(text: Option<&str>) -> Result<Status, FieldError> {
    let all = Status::ALL.map(Status::as_str).join(", ");
    let Some(text) = text else {
        return Err(FieldError::new("status", "missing", format!("is required: one of {all}")));
    };
    text.parse()
        .map_err(|_| FieldError::new("status", "unknown_status", format!("must be one of {all}")))
}

fn limit(text: Option<&str>) -> Result<u32, FieldError> {
    let limit = text.map_or(Some(50), |text| text.parse().ok());
    limit.filter(|limit| (1..=LARGEST).contains(limit)).ok_or_else(|| {
        let right = format!("must be a number from 1 to {LARGEST}");
        FieldError::new("limit", "not_a_limit", right)
    })
}

fn place(text: &str) -> Result<SentCursor, FieldError> {
    cursor::decode(text)
        .ok_or_else(|| FieldError::new("cursor", "not_a_cursor", cursor::NOT_A_CURSOR))
}

//! The list of sent messages: whole, streamed in constant memory, or in pages.

use crate::{
    Api, cursor,
    dto::{SentListBody, SentMessageBody},
    legacy_error::{LegacyError, LegacyErrorBody},
};
use actix_web::{
    HttpResponse,
    web::{self, Bytes},
};
use dispatcher_app::{SentMessages, SentPage};
use dispatcher_domain::ports::{SentCursor, StoreError};
use futures_util::Stream;
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::mpsc;
use utoipa::IntoParams;

/// Rows of one page of the streamed list, and the most a client may ask for.
const PAGE: u32 = 1000;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Entries per page, 1 to 1000. Without it and `cursor` the whole list.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists sent messages, oldest first.
#[utoipa::path(
    get, path = "/api/messages/sent", tag = "messages", params(Part),
    responses(
        (status = 200, description = "The whole list, or a page of it", body = SentListBody),
        (status = 400, description = "`limit` or `cursor` is not right", body = LegacyErrorBody),
        (status = 503, description = "The database does not answer", body = LegacyErrorBody),
        (status = 500, description = "A fault of this program", body = LegacyErrorBody),
    )
)]
pub(crate) async fn list(
    api: web::Data<Api>,
    part: Result<web::Query<Part>, actix_web::Error>,
) -> Result<HttpResponse, LegacyError> {
    let part =
        part.map_err(|_| LegacyError::bad_request("limit and cursor may each be given once"))?;
    let list = Arc::clone(&api.sent_messages);
    if part.limit.is_none() && part.cursor.is_none() {
        return whole(&api, list).await;
    }
    let limit = limit(part.limit.as_deref())?;
    let cursor = part.cursor.as_deref().map(place).transpose()?;
    let (page, total) =
        api.run(async move {
            Ok::<_, StoreError>((list.page(cursor, limit).await?, list.total().await?))
        })
        .await??;
    Ok(HttpResponse::Ok().json(SentListBody {
        next_cursor: page.next.map(cursor::encode),
        messages: page.entries.into_iter().map(SentMessageBody::from).collect(),
        total,
    }))
}

fn limit(text: Option<&str>) -> Result<u32, LegacyError> {
    let limit = text.map_or(Some(100), |text| text.parse().ok());
    limit
        .filter(|limit| (1..=PAGE).contains(limit))
        .ok_or_else(|| LegacyError::bad_request(format!("limit must be a number from 1 to {PAGE}")))
}

fn place(text: &str) -> Result<SentCursor, LegacyError> {
    cursor::decode(text)
        .ok_or_else(|| LegacyError::bad_request(format!("cursor {}", cursor::NOT_A_CURSOR)))
}

/// Streams the list page by page. The first page is read before the answer
/// begins, so that a store that is down is a 503; should it vanish later, the
/// connection breaks and nobody takes half a list for a whole one.
async fn whole(api: &Api, list: Arc<SentMessages>) -> Result<HttpResponse, LegacyError> {
    let first = {
        let list = Arc::clone(&list);
        api.run(async move { list.page(None, PAGE).await }).await??
    };
    // Two pages ahead of a slow client at most.
    let (sender, receiver) = mpsc::channel(2);
    api.runtime.spawn(produce(list, first, sender));
    Ok(HttpResponse::Ok().content_type("application/json").streaming(body(receiver)))
}

/// A piece of the answer.
struct Piece {
    text: Bytes,
    /// Nothing follows: the list is whole.
    last: bool,
}

/// The pieces up to the last one. If that never comes, for whatever reason, the
/// body ends in an error, which breaks the connection.
fn body(receiver: mpsc::Receiver<Piece>) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    futures_util::stream::unfold(Some(receiver), async |receiver| {
        let mut receiver = receiver?;
        Some(match receiver.recv().await {
            Some(Piece { text, last }) => (Ok(text), (!last).then_some(receiver)),
            None => (Err(std::io::Error::other("the list of sent messages broke off")), None),
        })
    })
}

async fn produce(list: Arc<SentMessages>, first: SentPage, sender: mpsc::Sender<Piece>) {
    if let Err(error) = produce_pages(&list, first, &sender).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the list of sent messages broke off"
        );
    }
}

async fn produce_pages(
    list: &SentMessages,
    first: SentPage,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), StoreError> {
    let mut text = String::from(r#"{"messages":["#);
    let mut total = 0_u64;
    let mut page = first;
    loop {
        let next: Option<SentCursor> = page.next;
        for entry in page.entries {
            if total > 0 {
                text.push(',');
            }
            total += 1;
            let entry = serde_json::to_string(&SentMessageBody::from(entry));
            text.push_str(&entry.map_err(|error| StoreError::Unexpected(error.into()))?);
        }
        let Some(cursor) = next else { break };
        let piece = Piece { text: std::mem::take(&mut text).into(), last: false };
        if sender.send(piece).await.is_err() {
            return Ok(()); // The client is gone.
        }
        page = list.page(Some(cursor), PAGE).await?;
    }
    text.push_str(&format!(r#"],"total":{total}}}"#));
    // The client may be gone as well.
    let _ = sender.send(Piece { text: text.into(), last: true }).await;
    Ok(())
}

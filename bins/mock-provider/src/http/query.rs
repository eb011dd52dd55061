//! `GET /ledger` and `GET /requests`: what tests and people look at; and `GET /messages/KEY`, what clients ask.

use hyper::{StatusCode, Uri};
use serde::Serialize;

use super::reply::{self, Reply};
use crate::{refusal::Refusal, state::State};

#[derive(Serialize)]
struct Listing<'a, T> {
    entries: Vec<&'a T>,
    total: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Known<'a> {
    message: &'static str,
    message_id: &'a str,
}

/// The message that was accepted under this idempotency key, the first if there are more.
pub(super) fn message(state: &State, key: &str) -> Reply {
    let books = state.books();
    let mut entries = books.ledger.entries().iter();
    match entries.find(|entry| entry.idempotency_key.as_deref() == Some(key)) {
        Some(entry) => {
            let known = Known { message: "Accepted", message_id: &entry.message_id };
            reply::json(StatusCode::OK, &known)
        }
        None => reply::refusal(&Refusal::unknown_key()),
    }
}

/// The accepted messages, in order of acceptance; with `?key=`, those of one idempotency key.
pub(super) fn ledger(state: &State, uri: &Uri) -> Reply {
    let books = state.books();
    listing(books.ledger.entries(), uri, |entry| entry.idempotency_key.as_deref())
}

/// The POSTs, in order of arrival; with `?key=`, those of one idempotency key.
pub(super) fn requests(state: &State, uri: &Uri) -> Reply {
    let books = state.books();
    listing(&books.arrivals, uri, |arrival| arrival.idempotency_key.as_deref())
}

fn listing<T: Serialize>(all: &[T], uri: &Uri, key_of: impl Fn(&T) -> Option<&str>) -> Reply {
    let wanted = key_filter(uri);
    let entries: Vec<&T> = all
        .iter()
        .filter(|entry| wanted.as_deref().is_none_or(|wanted| key_of(entry) == Some(wanted)))
        .collect();
    let total = entries.len();
    reply::json(StatusCode::OK, &Listing { entries, total })
}

fn key_filter(uri: &Uri) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(name, _)| name == "key")
        .map(|(_, value)| value.into_owned())
}

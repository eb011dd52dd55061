//! `GET /ledger` and `GET /requests`: what tests and people look at.

use hyper::{StatusCode, Uri};
use serde::Serialize;

use super::reply::{self, Reply};
use crate::state::State;

#[derive(Serialize)]
struct Listing<'a, T> {
    entries: Vec<&'a T>,
    total: usize,
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

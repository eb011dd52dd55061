//! `GET /api/messages/sent` without a query: the whole list.

use crate::support::{FIRST, NOW, Ports, Server, accept, insert_sent, start, store};
use dispatcher_app::{SentEntry, SentMessages, SystemClock};
use dispatcher_domain::{
    CachedDelivery, Status,
    ports::{CacheError, MockDeliveryCache},
};
use dispatcher_memory::MemoryDeliveryCache;
use std::{collections::HashMap, sync::Arc};

const JSON: &str = "application/json";
const LIST: &str = "/api/messages/sent";

#[actix_web::test]
async fn an_empty_list_is_a_list() {
    Server::new().get(LIST).await.is(200, JSON, r#"{"messages":[],"total":0}"#);
}

#[actix_web::test]
async fn an_entry_leaves_out_what_is_not_known() {
    let store = store();
    insert_sent(&store, "Hello", None);
    let body = format!(
        r#"{{"messages":[{{"id":1,"phone_number":"+905551234567","content":"Hello","sent":true,"created_at":"{NOW}"}}],"total":1}}"#
    );
    Ports::over(&store).server().get(LIST).await.is(200, JSON, &body);
}

#[actix_web::test]
async fn an_entry_shows_the_providers_id_and_when_the_cache_took_it() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    accept(&store, &start(&store).await, "provider-7").await;
    let mut cache = MockDeliveryCache::new();
    let entry = CachedDelivery {
        provider_message_id: "provider-7".into(),
        cached_at: "2026-10-02T10:00:01.5Z".parse().unwrap(),
    };
    cache.expect_lookup().returning(move |_| Ok(HashMap::from([(FIRST, entry.clone())])));
    let server = Ports { cache: Arc::new(cache), ..Ports::over(&store) }.server();
    let body = format!(
        r#"{{"messages":[{{"id":1,"phone_number":"+905551234567","content":"Hello","sent":true,"created_at":"{NOW}","message_id":"provider-7","cached_at":"2026-10-02T10:00:01.5Z"}}],"total":1}}"#
    );
    server.get(LIST).await.is(200, JSON, &body);
}

#[actix_web::test]
async fn without_the_cache_the_list_is_whole() {
    let store = store();
    insert_sent(&store, "Hello", Some("provider-7"));
    let mut cache = MockDeliveryCache::new();
    cache.expect_lookup().returning(|_| Err(CacheError("no Redis".into())));
    let answer = Ports { cache: Arc::new(cache), ..Ports::over(&store) }.server().get(LIST).await;
    let entry = &answer.json()["messages"][0];
    assert_eq!((answer.status, &entry["message_id"]), (200, &"provider-7".into()));
    assert_eq!(entry.get("cached_at"), None);
}

#[actix_web::test]
async fn only_what_was_sent_is_listed_oldest_first() {
    let store = store();
    let accepted = [Status::Sent, Status::Delivered, Status::Undelivered];
    for status in Status::ALL.into_iter().rev() {
        let id = store.insert_unchecked("+905551234567", status.as_str());
        store.edit(id, |row| row.status = status);
    }
    let list = Ports::over(&store).server().get(LIST).await.json();
    assert_eq!(list["total"], accepted.len());
    let texts: Vec<_> =
        list["messages"].as_array().unwrap().iter().map(|entry| entry["content"].clone()).collect();
    assert_eq!(texts, ["undelivered", "delivered", "sent"]);
}

#[actix_web::test]
async fn a_list_of_2500_is_its_pages_one_after_the_other() {
    let store = store();
    for n in 0..2500 {
        insert_sent(&store, &format!("message {n} \"quoted\""), Some(&format!("provider-{n}")));
    }
    let cache = Arc::new(MemoryDeliveryCache::default());
    let list = SentMessages::new(Arc::new(store.clone()), cache, Arc::new(SystemClock::new()));
    let mut entries: Vec<String> = Vec::new();
    let mut cursor = None;
    loop {
        let page = list.page(cursor, 1000).await.unwrap();
        entries.extend(page.entries.iter().map(text));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(entries.len(), 2500);
    let body = format!(r#"{{"messages":[{}],"total":2500}}"#, entries.join(","));
    let answer = Ports::over(&store).server().get(LIST).await;
    assert!(answer.body == body, "the list differs from its pages");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(JSON)));
}

#[actix_web::test]
async fn a_list_that_fills_its_pages_exactly_ends_well() {
    let store = store();
    for n in 0..1000 {
        insert_sent(&store, &n.to_string(), None);
    }
    let list = Ports::over(&store).server().get(LIST).await.json();
    assert_eq!((&list["total"], list["messages"].as_array().unwrap().len()), (&1000.into(), 1000));
}

/// What an entry must look like, written by hand.
fn text(entry: &SentEntry) -> String {
    let message = &entry.message;
    format!(
        r#"{{"id":{},"phone_number":"{}","content":"{}","sent":true,"created_at":"{}","message_id":"{}"}}"#,
        message.id,
        message.phone_number,
        message.content.replace('"', "\\\""),
        message.created_at,
        message.provider_message_id.as_deref().unwrap(),
    )
}

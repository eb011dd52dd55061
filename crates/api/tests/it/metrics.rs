//! `GET /metrics`, and what requests leave there.

use crate::support::{Answer, FIRST, Ports, Server, accept, down, insert_sent, start, store};
use actix_web::test::TestRequest;
use dispatcher_domain::ports::{MockDispatchControl, MockQueueStats};
use dispatcher_testkit::exposition::Exposition;
use std::sync::Arc;

async fn scrape(server: &Server) -> Exposition {
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4"));
    read(&answer)
}

fn read(answer: &Answer) -> Exposition {
    Exposition::read(&answer.body).unwrap_or_else(|error| panic!("{error:#}\n{}", answer.body))
}

fn requests(read: &Exposition, method: &str, route: &str, status: &str) -> Option<f64> {
    let labels = [("method", method), ("route", route), ("status", status)];
    read.value("message_dispatcher_http_requests_total", &labels)
}

#[actix_web::test]
async fn the_queue_is_told() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    store.insert_unchecked("+905551234567", "Hello again");
    let message = start(&store).await;
    assert_eq!(message.id, FIRST);
    accept(&store, &message, "provider-1").await;
    insert_sent(&store, "old", None);
    let read = scrape(&Ports::over(&store).server()).await;
    let queued = read.value("message_dispatcher_queue_messages", &[("status", "queued")]);
    assert_eq!(queued, Some(1.0));
    assert_eq!(read.value("message_dispatcher_sent_messages_estimate", &[]), Some(2.0));
    let database = [("dependency", "database")];
    assert_eq!(read.value("message_dispatcher_dependency_up", &database), Some(1.0));
}

#[actix_web::test]
async fn requests_count_by_the_pattern_of_their_route() {
    let server = Server::new();
    for id in ["1", "2", "+905551234567"] {
        assert_eq!(server.get(&format!("/api/messages/{id}")).await.status, 404);
    }
    assert_eq!(server.get("/health").await.status, 200);
    let read = scrape(&server).await;
    assert_eq!(requests(&read, "GET", "/api/messages/{id}", "4xx"), Some(3.0));
    assert_eq!(requests(&read, "GET", "/api/messages/{id}", "2xx"), Some(0.0));
    assert_eq!(requests(&read, "GET", "/health", "2xx"), Some(1.0));
    let labels = [("method", "GET"), ("route", "/health")];
    let count = read.value("message_dispatcher_http_request_duration_seconds_count", &labels);
    assert_eq!(count, Some(1.0));
}

#[actix_web::test]
async fn strangers_make_up_no_series() {
    let server = Server::new();
    let before = server.get("/metrics").await.body.lines().count();
    for path in ["/a", "/b", "/api/messages/1/2", "/%F0%9F%8D%8B"] {
        server.get(path).await;
        server.call(TestRequest::default().method("BREW".parse().unwrap()).uri(path)).await;
    }
    server.call(TestRequest::default().method("BREW".parse().unwrap()).uri("/health")).await;
    let answer = server.get("/metrics").await;
    let read = read(&answer);
    assert_eq!(requests(&read, "other", "unmatched", "4xx"), Some(8.0));
    assert_eq!(requests(&read, "other", "/health", "4xx"), Some(1.0));
    // One for the method that /health does not take: a histogram and a counter.
    assert_eq!(answer.body.lines().count(), before + 12 + 2 + 1);
}

#[actix_web::test]
async fn while_the_database_is_down_its_numbers_are_absent_and_the_rest_is_there() {
    let (mut control, mut stats) = (MockDispatchControl::new(), MockQueueStats::new());
    control.expect_snapshot().returning(|| Err(down()));
    stats.expect_queue_depth().returning(|| Err(down()));
    let ports =
        Ports { control: Arc::new(control), stats: Arc::new(stats), ..Ports::over(&store()) };
    let read = scrape(&ports.server()).await;
    let up = |name| read.value("message_dispatcher_dependency_up", &[("dependency", name)]);
    assert_eq!((up("database"), up("redis")), (Some(0.0), None), "its cache is no Redis");
    assert!(!read.families().contains_key("message_dispatcher_queue_messages"));
    let build = [("version", "1.2.3"), ("commit", "0123abc")];
    assert_eq!(read.value("message_dispatcher_build_info", &build), Some(1.0));
}

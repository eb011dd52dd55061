//! `GET /livez` and `GET /readyz`.

use crate::support::{Ports, Server, down, store};
use dispatcher_domain::ports::{CacheError, MockDeliveryCache, MockDispatchControl};
use std::sync::Arc;

const TEXT: &str = "text/plain; charset=utf-8";

fn database_down() -> Server {
    let mut control = MockDispatchControl::new();
    control.expect_snapshot().returning(|| Err(down()));
    Ports { control: Arc::new(control), ..Ports::over(&store()) }.server()
}

#[actix_web::test]
async fn a_process_is_alive_whatever_its_stores_do() {
    for server in [Server::new(), database_down()] {
        server.get("/livez").await.is(200, TEXT, "ok");
    }
}

#[actix_web::test]
async fn a_replica_is_ready_once_its_store_was_until_it_drains() {
    let server = Server::new();
    server.get("/readyz").await.is(503, TEXT, "starting");
    server.ready.mark();
    server.get("/readyz").await.is(200, TEXT, "ready");
    server.switch.request();
    server.get("/readyz").await.is(503, TEXT, "draining");
    server.get("/livez").await.is(200, TEXT, "ok");
}

#[actix_web::test]
async fn a_replica_without_its_database_is_not_ready() {
    let server = database_down();
    server.ready.mark();
    server.get("/readyz").await.is(503, TEXT, "database_down");
}

#[actix_web::test]
async fn a_replica_without_redis_is_ready() {
    let mut cache = MockDeliveryCache::new();
    cache.expect_ping().returning(|| Err(CacheError("no Redis".into())));
    let server = Ports { cache: Arc::new(cache), ..Ports::over(&store()) }.server();
    server.ready.mark();
    server.get("/readyz").await.is(200, TEXT, "ready");
}

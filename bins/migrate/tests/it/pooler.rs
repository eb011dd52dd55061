//! Through PgBouncer it changes nothing, and tells whom to connect to instead.

use crate::helpers::run;
use dispatcher_testkit::{TestDatabase, TestPgBouncer};

const USAGE: i32 = 64;

#[tokio::test]
async fn a_pooler_is_a_wrong_setting_and_told_at_once() {
    let database = TestDatabase::create().await.unwrap();
    let pooler = TestPgBouncer::start(database.parts()).await.unwrap();
    for command in ["up", "status"] {
        let ended = run(&[command], pooler.parts());
        ended.assert_code(USAGE);
        let told = "a connection pooler answers there";
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    run(&[], database.parts()).assert_code(0);
}

//! The memory store passes the suite of every message store.

mod support;

use support::new_fixture;

dispatcher_contract::message_store_suite!(new_fixture);

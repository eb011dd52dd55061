//! How the program starts, and how it ends when it cannot: everything that can
//! go wrong is a row of one table, tried with the real program.

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod command_line;
mod dev;
mod handbook;
mod impostors;
mod listening;
mod looks;
mod postgres;
mod process;
mod provider;
mod redis;
mod row;
mod scene;
mod sqlite;

use handbook::Chapter;

const LISTENING: Chapter = ("Where it listens", listening::ROWS);
const POSTGRES: Chapter = ("PostgreSQL", postgres::ROWS);
const SQLITE: Chapter = ("A SQLite file", sqlite::ROWS);
const REDIS: Chapter = ("Redis", redis::ROWS);
const PROVIDER: Chapter = ("The provider", provider::ROWS);
const CLOCK: Chapter = ("The clock", clock::ROWS);
const PROCESS: Chapter = ("The process and its surroundings", process::ROWS);
const DEV: Chapter = ("Trying it out with dev", dev::ROWS);

#[test]
fn the_page_on_trouble_says_what_the_rows_say() {
    handbook::check(&[LISTENING, POSTGRES, SQLITE, REDIS, PROVIDER, CLOCK, PROCESS, DEV]);
}

macro_rules! try_all {
    ($($name:ident: $chapter:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            row::try_all($chapter.1).await;
        }
    )*};
}

try_all! {
    every_place_to_listen: LISTENING;
    every_trouble_with_postgres: POSTGRES;
    every_trouble_with_a_sqlite_file: SQLITE;
    every_trouble_with_redis: REDIS;
    every_trouble_with_the_provider: PROVIDER;
    every_trouble_with_the_clock: CLOCK;
    every_trouble_of_the_process: PROCESS;
    every_trouble_with_dev: DEV;
}

//! How the program starts, and how it ends when it cannot: everything that can
//! go wrong is a row of one table, tried with the real program.
// Permissions, limits and `/proc` are how most of it is provoked.
#![cfg(target_os = "linux")]

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
mod stores;

use handbook::Chapter;

const LISTENING: Chapter = ("Where it listens", listening::ROWS);
const ADDRESS: Chapter = ("PostgreSQL: whether it answers", postgres::address::ROWS);
const RIGHTS: Chapter = ("PostgreSQL: whether it lets us in", postgres::rights::ROWS);
const TABLES: Chapter = ("PostgreSQL: its tables", postgres::tables::ROWS);
const FILE: Chapter = ("SQLite: the file", sqlite::file::ROWS);
const TABLES_IN_IT: Chapter = ("SQLite: the tables in it", sqlite::tables::ROWS);
const REDIS: Chapter = ("Redis", redis::ROWS);
const PROVIDER: Chapter = ("The provider", provider::ROWS);
const CLOCK: Chapter = ("The clock", clock::ROWS);
const PROCESS: Chapter = ("The process and its surroundings", process::ROWS);
const DEV: Chapter = ("Trying it out with dev", dev::ROWS);

#[test]
fn the_page_on_trouble_says_what_the_rows_say() {
    handbook::check(&[
        LISTENING,
        ADDRESS,
        RIGHTS,
        TABLES,
        FILE,
        TABLES_IN_IT,
        REDIS,
        PROVIDER,
        CLOCK,
        PROCESS,
        DEV,
    ]);
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
    every_trouble_with_the_address_of_postgres: ADDRESS;
    every_trouble_with_rights_in_postgres: RIGHTS;
    every_trouble_with_tables_in_postgres: TABLES;
    every_trouble_with_a_sqlite_file: FILE;
    every_trouble_with_tables_in_a_file: TABLES_IN_IT;
    every_trouble_with_redis: REDIS;
    every_trouble_with_the_provider: PROVIDER;
    every_trouble_with_the_clock: CLOCK;
    every_trouble_of_the_process: PROCESS;
    every_trouble_with_dev: DEV;
}

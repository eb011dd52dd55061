//! What both stores understand: plain SQL, and rows whose values are texts.

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use std::{fmt::Debug, str::FromStr};
use tokio_postgres::{Client, SimpleQueryMessage};

/// A connection of ours to a store, as any program may have one.
pub trait Sql {
    /// The moment, in the words of the store.
    const NOW: &str;

    /// A time as whole microseconds since 1970, in the words of the store.
    fn micros(time: &str) -> String;

    /// A time and so many seconds, in the words of the store.
    fn after(time: &str, seconds: &str) -> String;

    /// Asks something.
    async fn rows(&self, sql: &str) -> Vec<Row>;

    /// Changes something; one transaction.
    async fn run(&self, sql: &str);
}

impl Sql for Client {
    const NOW: &str = "clock_timestamp()";

    fn micros(time: &str) -> String {
        format!("(extract(epoch FROM {time}) * 1000000)::bigint")
    }

    fn after(time: &str, seconds: &str) -> String {
        format!("{time} + ({seconds}) * interval '1 second'")
    }

    async fn rows(&self, sql: &str) -> Vec<Row> {
        rows_of(self.simple_query(sql).await.expect("an answer"))
    }

    async fn run(&self, sql: &str) {
        self.batch_execute(sql).await.expect("a change");
    }
}

/// The rows among what a simple query brings.
pub(crate) fn rows_of(messages: Vec<SimpleQueryMessage>) -> Vec<Row> {
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    };
    messages.into_iter().filter_map(row).map(|row| Row::of_postgres(&row)).collect()
}

impl Sql for rusqlite::Connection {
    const NOW: &str = "cast((julianday('now') - 2440587.5) * 86400000000 AS integer)";

    fn micros(time: &str) -> String {
        time.to_owned()
    }

    fn after(time: &str, seconds: &str) -> String {
        format!("{time} + ({seconds}) * 1000000")
    }

    async fn rows(&self, sql: &str) -> Vec<Row> {
        let mut statement = self.prepare(sql).expect("a statement");
        let rows = statement.query_map([], Row::of_sqlite).expect("an answer");
        rows.collect::<Result<_, _>>().expect("rows")
    }

    async fn run(&self, sql: &str) {
        self.execute(sql, []).expect("a change");
    }
}

/// One row.
#[derive(Debug, PartialEq)]
pub struct Row(Vec<(String, Option<String>)>);

impl Row {
    fn of_postgres(row: &tokio_postgres::SimpleQueryRow) -> Self {
        let names = row.columns().iter().map(|column| column.name().to_owned());
        Self(names.enumerate().map(|(at, name)| (name, row.get(at).map(str::to_owned))).collect())
    }

    fn of_sqlite(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let statement: &rusqlite::Statement<'_> = row.as_ref();
        let names = statement.column_names().into_iter().map(str::to_owned);
        let value = |(at, name)| Ok((name, text(row.get_ref(at)?)));
        names.enumerate().map(value).collect::<Result<_, _>>().map(Self)
    }

    /// The value of a column.
    pub fn text(&self, column: &str) -> Option<String> {
        let found = self.0.iter().find(|(name, _)| name == column);
        found.unwrap_or_else(|| panic!("no {column} in {self:?}")).1.clone()
    }

    /// The value of a column, read; none when it is NULL.
    pub fn find<T: FromStr<Err: Debug>>(&self, column: &str) -> Option<T> {
        Some(self.text(column)?.parse().unwrap_or_else(|error| panic!("{column}: {error:?}")))
    }

    /// The same, of a column that is not NULL.
    pub fn get<T: FromStr<Err: Debug>>(&self, column: &str) -> T {
        self.find(column).unwrap_or_else(|| panic!("{column} is NULL in {self:?}"))
    }

    /// The time that [`Sql::micros`] gave.
    pub fn time(&self, column: &str) -> Option<Timestamp> {
        Some(Timestamp::from_microsecond(self.find(column)?).expect("a time"))
    }

    /// The only value.
    fn only(&self) -> &str {
        let [(_, Some(value))] = &self.0[..] else { panic!("one value, not {self:?}") };
        value
    }
}

/// The only value of the only row.
pub async fn value(sql: &impl Sql, query: &str) -> String {
    let rows = sql.rows(query).await;
    let [row] = &rows[..] else { panic!("one row, not {rows:?}") };
    row.only().to_owned()
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

//! What follows from the texts of a message, in its columns.

use dispatcher_domain::{Derived, Status};
use tokio_postgres::Row;

/// The column `segments`.
pub(crate) fn segments(derived: &Derived) -> i32 {
    i32::try_from(derived.text.segments).unwrap_or(i32::MAX)
}

/// The column `phone_e164`.
pub(crate) fn phone_e164(derived: &Derived) -> Option<String> {
    derived.phone_e164.map(|number| number.to_string())
}

/// What to show of a row.
pub(crate) fn of(row: &Row, status: Status) -> Derived {
    let segments = row.get::<_, Option<i32>>("segments").map(i64::from);
    let stored = Derived::of_columns(row.get("encoding"), segments, row.get("phone_e164"));
    Derived::of_row(status, stored, row.get("phone_number"), row.get("content"))
}

//! What follows from the texts of a message, in its columns.

use dispatcher_domain::{Derived, Status};
use rusqlite::Row;

/// The column `phone_e164`.
pub(crate) fn phone_e164(derived: &Derived) -> Option<String> {
    derived.phone_e164.map(|number| number.to_string())
}

/// What to show of a row with these texts. A column that holds what it should
/// not counts as empty.
pub(crate) fn of(
    row: &Row<'_>,
    status: Status,
    phone_number: &str,
    content: &str,
) -> rusqlite::Result<Derived> {
    let (encoding, number) = (row.get_ref("encoding")?, row.get_ref("phone_e164")?);
    let segments = row.get_ref("segments")?.as_i64().ok();
    let stored = Derived::of_columns(encoding.as_str().ok(), segments, number.as_str().ok());
    Ok(Derived::of_row(status, stored, phone_number, content))
}

//! When a new message may go out: the fields that may be left out.

use crate::problem::FieldError;
use dispatcher_app::Enqueue;
use dispatcher_domain::{Priority, Terms, storable};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Takes them out of `object`; all faults together. Null is as if left out.
pub(super) fn take(
    object: &mut Map<String, Value>,
    rules: &Enqueue,
) -> Result<Terms, Vec<FieldError>> {
    let not_before = time(object, "not_before");
    let expires_at = time(object, "expires_at");
    let priority = priority(object);
    match (not_before, expires_at, priority) {
        (Ok(not_before), Ok(expires_at), Ok(priority)) => {
            let terms = Terms { not_before, expires_at, priority };
            rules.terms(&terms).map(|()| terms).map_err(|fault| vec![fault.into()])
        }
        (not_before, expires_at, priority) => {
            let faults = [not_before.err(), expires_at.err(), priority.err()];
            Err(faults.into_iter().flatten().collect())
        }
    }
}

fn time(object: &mut Map<String, Value>, field: &str) -> Result<Option<Timestamp>, FieldError> {
    let text = match object.remove(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err(not_a_time(field)),
    };
    let time: Timestamp = text.parse().map_err(|_| not_a_time(field))?;
    storable(time).map(Some).ok_or_else(|| {
        FieldError::new(field, "time_out_of_range", "must be in the years 1 to 9999")
    })
}

fn not_a_time(field: &str) -> FieldError {
    let right = "must be a time with its offset from UTC (RFC 3339), in quotes, such as \
                 2025-10-02T10:00:00Z or 2025-10-02T13:00:00+03:00";
    FieldError::new(field, "not_a_time", right)
}

fn priority(object: &mut Map<String, Value>) -> Result<Priority, FieldError> {
    let number = match object.remove("priority") {
        None | Some(Value::Null) => return Ok(Priority::default()),
        Some(value) => value.as_i64(),
    };
    number.and_then(Priority::new).ok_or_else(|| {
        let (low, high) = (Priority::RANGE.start(), Priority::RANGE.end());
        let right = format!("must be a whole number from {low} to {high}; higher goes first");
        FieldError::new("priority", "invalid_priority", &right)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher_app::{SystemClock, Wake};
    use dispatcher_domain::MessageLimits;
    use dispatcher_memory::MemoryStore;
    use std::sync::Arc;

    fn read(body: &str) -> Result<Terms, String> {
        let store = Arc::new(MemoryStore::new(|| Timestamp::UNIX_EPOCH));
        let (clock, limits) = (Arc::new(SystemClock::new()), MessageLimits::default());
        let rules = Enqueue::new(store, clock, limits, Wake::default());
        let mut object = serde_json::from_str(body).unwrap();
        take(&mut object, &rules).map_err(|faults| format!("{faults:?}"))
    }

    #[test]
    fn nothing_and_null_are_the_default() {
        let null = r#"{"not_before":null,"expires_at":null,"priority":null}"#;
        for body in ["{}", null] {
            assert_eq!(read(body), Ok(Terms::default()));
        }
    }

    #[test]
    fn a_time_is_taken_with_any_offset_to_the_microsecond() {
        let body = r#"{"not_before":"2025-10-02T13:00:00.1234567+03:00","priority":-100,
                       "expires_at":"9999-01-01t00:00:00z"}"#;
        let terms = read(body).unwrap();
        assert_eq!(terms.not_before.unwrap().to_string(), "2025-10-02T10:00:00.123456Z");
        assert_eq!(terms.expires_at.unwrap().to_string(), "9999-01-01T00:00:00Z");
        assert_eq!(terms.priority.get(), -100);
    }

    #[test]
    fn what_is_no_time_with_an_offset_is_told_what_would_be_right() {
        for wrong in [
            r#""tomorrow""#,
            r#""2025-10-02""#,
            r#""2025-10-02T10:00:00""#,
            r#""2025-13-02T10:00:00Z""#,
            "1759399200",
            "true",
        ] {
            for field in ["not_before", "expires_at"] {
                let told = read(&format!("{{\"{field}\":{wrong}}}")).unwrap_err();
                assert!(told.contains(field) && told.contains("not_a_time"), "{wrong}: {told}");
                assert!(told.contains("2025-10-02T13:00:00+03:00"), "{told}");
            }
        }
    }

    #[test]
    fn a_time_that_no_database_holds_is_refused() {
        let told = read(r#"{"not_before":"-000009-01-01T00:00:00Z"}"#).unwrap_err();
        assert!(told.contains("years 1 to 9999"), "{told}");
    }

    #[test]
    fn a_priority_is_a_whole_number_within_bounds() {
        for wrong in ["101", "-101", "1.5", "\"7\"", "99999999999999999999"] {
            let told = read(&format!("{{\"priority\":{wrong}}}")).unwrap_err();
            assert!(told.contains("whole number from -100 to 100"), "{wrong}: {told}");
        }
    }

    #[test]
    fn an_end_that_is_over_or_comes_before_the_message_is_due_is_refused() {
        let told = read(r#"{"expires_at":"2020-01-01T00:00:00Z"}"#).unwrap_err();
        assert!(told.contains("expires_in_the_past") && told.contains("later than now"), "{told}");
        let body = r#"{"expires_at":"9000-01-01T00:00:00Z","not_before":"9000-01-01T00:00:00Z"}"#;
        let told = read(body).unwrap_err();
        assert!(told.contains("expires_before_it_is_due"), "{told}");
    }

    #[test]
    fn all_faults_are_told_together() {
        let told = read(r#"{"not_before":1,"expires_at":2,"priority":"high"}"#).unwrap_err();
        for field in ["not_before", "expires_at", "priority"] {
            assert!(told.contains(field), "{told}");
        }
    }
}

//! One JSON object a line, flat: time, level, target, then the event's own
//! fields. An error is shown with its causes, which the subscriber's own format
//! leaves out, and without which "the message store is unavailable" is all that
//! an operator learns.

use serde::ser::{SerializeMap, Serializer as _};
use std::{
    error::Error,
    fmt::{self, Debug},
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The format.
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Vec::with_capacity(256);
        write_line(&mut line, &time, event).map_err(|_| fmt::Error)?;
        writer.write_str(std::str::from_utf8(&line).map_err(|_| fmt::Error)?)?;
        writer.write_char('\n')
    }
}

fn write_line(line: &mut Vec<u8>, time: &str, event: &Event<'_>) -> serde_json::Result<()> {
    let mut serializer = serde_json::Serializer::new(line);
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("timestamp", time)?;
    map.serialize_entry("level", event.metadata().level().as_str())?;
    map.serialize_entry("target", event.metadata().target())?;
    let mut fields = Fields { map, result: Ok(()) };
    event.record(&mut fields);
    fields.result?;
    fields.map.end()
}

/// Writes fields; keeps the first failure.
struct Fields<'a> {
    map: serde_json::ser::Compound<'a, &'a mut Vec<u8>, serde_json::ser::CompactFormatter>,
    result: serde_json::Result<()>,
}

impl Fields<'_> {
    fn entry(&mut self, field: &Field, value: &(impl serde::Serialize + ?Sized)) {
        if self.result.is_ok() {
            self.result = self.map.serialize_entry(field.name(), value);
        }
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.entry(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.entry(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.entry(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.entry(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.entry(field, &value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.entry(field, &with_causes(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.entry(field, &format!("{value:?}"));
    }
}

/// The error and its causes, each once: some repeat their cause themselves.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| (*cause).source()) {
        let cause = cause.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io,
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::{fmt::MakeWriter, prelude::*};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn logged(log: impl FnOnce()) -> serde_json::Value {
        let lines = Lines::default();
        let layer =
            tracing_subscriber::fmt::layer().with_writer(lines.clone()).event_format(JsonLines);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let bytes = lines.0.lock().unwrap().clone();
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the store is unavailable")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("no connection: {0}")]
    struct Middle(#[source] io::Error);

    #[test]
    fn an_error_is_shown_with_each_of_its_causes_once() {
        let error = Outer(Middle(io::Error::other("refused")));
        let error: &(dyn Error + 'static) = &error;
        let line = logged(|| tracing::warn!(error, "it fails"));
        assert_eq!(line["error"], "the store is unavailable: no connection: refused");
        assert_eq!((&line["level"], &line["message"]), (&"WARN".into(), &"it fails".into()));
    }

    #[test]
    fn values_keep_their_types_and_texts_their_characters() {
        let line = logged(|| {
            tracing::info!(count = 3, ratio = 0.5, open = true, id = %7, text = "a\n\"b\"", "done");
        });
        assert_eq!(line["count"], 3);
        assert_eq!(line["ratio"], 0.5);
        assert_eq!(line["open"], true);
        assert_eq!((&line["id"], &line["text"]), (&"7".into(), &"a\n\"b\"".into()));
        assert!(line["target"].as_str().unwrap().starts_with("dispatcher_wiring"));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}

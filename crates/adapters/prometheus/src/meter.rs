//! The meter: counts events, and writes everything down.

use crate::{events::Events, observed, register::Register};
use dispatcher_domain::ports::{Meter, MeterEvent, MetricsError, MetricsText, Observed};
use prometheus::{Registry, Result, TEXT_FORMAT, TextEncoder};

/// What a meter has to know from the start.
#[derive(Debug, Clone, Default)]
pub struct MeterConfig {
    /// Version of the program.
    pub version: String,
    /// The commit that it was built from.
    pub commit: String,
    /// Method and pattern of every route of our API.
    pub routes: Vec<(&'static str, &'static str)>,
}

/// Counts, and writes down.
pub struct PrometheusMeter {
    registry: Registry,
    events: Events,
}

impl PrometheusMeter {
    /// A meter that has counted nothing yet.
    ///
    /// # Errors
    /// None in practice: all names are constants.
    pub fn new(config: &MeterConfig) -> Result<Self> {
        let registry = Registry::new();
        let register = Register(&registry);
        let build = vec![config.version.as_str(), config.commit.as_str()];
        let help = "Which program this is; always 1";
        register.gauges("build_info", help, &["version", "commit"], [(build, 1.0)])?;
        let events = Events::new(&register, &config.routes)?;
        register_process(&registry)?;
        Ok(Self { registry, events })
    }
}

impl Meter for PrometheusMeter {
    fn note(&self, event: MeterEvent) {
        self.events.note(event);
    }
}

impl MetricsText for PrometheusMeter {
    fn content_type(&self) -> &'static str {
        TEXT_FORMAT
    }

    fn render(&self, observed: &Observed) -> std::result::Result<String, MetricsError> {
        self.text(observed).map_err(|error| MetricsError(error.into()))
    }
}

impl PrometheusMeter {
    fn text(&self, observed: &Observed) -> Result<String> {
        // A registry for this scrape alone: two scrapes at a time do not see
        // each other's numbers, and what was not observed is not there.
        let now = Registry::new();
        observed::write(&Register(&now), observed)?;
        let mut families = self.registry.gather();
        families.extend(now.gather());
        families.sort_by(|a, b| a.name().cmp(b.name()));
        TextEncoder::new().encode_to_string(&families)
    }
}

/// Processor time, memory, open files and start of this process.
#[cfg(target_os = "linux")]
fn register_process(registry: &Registry) -> Result<()> {
    registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))
}

/// Only Linux tells them in a way that the library knows.
#[cfg(not(target_os = "linux"))]
fn register_process(_: &Registry) -> Result<()> {
    Ok(())
}

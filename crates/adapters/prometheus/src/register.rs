//! Making metrics: each is registered as it is made.

use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    Result,
};

/// In front of every name.
const PREFIX: &str = "message_dispatcher";

/// Makes metrics in one registry.
pub(crate) struct Register<'a>(pub(crate) &'a Registry);

impl Register<'_> {
    pub(crate) fn counter(&self, name: &str, help: &str) -> Result<IntCounter> {
        let counter = IntCounter::with_opts(opts(name, help))?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    /// A counter that is 0 for each of `words` from the start.
    pub(crate) fn counters(
        &self,
        name: &str,
        help: &str,
        label: &str,
        words: impl IntoIterator<Item = &'static str>,
    ) -> Result<IntCounterVec> {
        let counters = self.counters_of(name, help, &[label])?;
        for word in words {
            counters.get_metric_with_label_values(&[word])?;
        }
        Ok(counters)
    }

    /// A counter of several labels; whoever makes it sets their values.
    pub(crate) fn counters_of(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec> {
        let counters = IntCounterVec::new(opts(name, help), labels)?;
        self.0.register(Box::new(counters.clone()))?;
        Ok(counters)
    }

    pub(crate) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram> {
        let histogram = Histogram::with_opts(histogram_opts(name, help, buckets))?;
        self.0.register(Box::new(histogram.clone()))?;
        Ok(histogram)
    }

    pub(crate) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> Result<HistogramVec> {
        let histograms = HistogramVec::new(histogram_opts(name, help, buckets), labels)?;
        self.0.register(Box::new(histograms.clone()))?;
        Ok(histograms)
    }

    /// A gauge without labels.
    pub(crate) fn gauge(&self, name: &str, help: &str, value: f64) -> Result<()> {
        self.gauges(name, help, &[], [(vec![], value)])
    }

    /// A gauge, with the values of its labels and its own.
    pub(crate) fn gauges<'v>(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        rows: impl IntoIterator<Item = (Vec<&'v str>, f64)>,
    ) -> Result<()> {
        let gauges = GaugeVec::new(opts(name, help), labels)?;
        for (values, value) in rows {
            gauges.get_metric_with_label_values(&values)?.set(value);
        }
        self.0.register(Box::new(gauges))
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(PREFIX)
}

fn histogram_opts(name: &str, help: &str, buckets: &[f64]) -> HistogramOpts {
    HistogramOpts::new(name, help).namespace(PREFIX).buckets(buckets.to_vec())
}

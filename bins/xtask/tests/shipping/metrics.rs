//! Alerts, the dashboard and the autoscaler ask for metrics that exist, with labels that exist. docs/metrics.md has
//! them all: a test of the crate that exports them says so.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::read;

const PREFIX: &str = "message_dispatcher_";

/// A documented metric.
struct Metric {
    kind: String,
    labels: BTreeSet<String>,
}

#[test]
fn alerts_ask_for_metrics_that_exist() -> anyhow::Result<()> {
    let alerts = read("deploy/prometheus/alerts.yml")?;
    check(&alerts, 15, "alerts.yml")
}

#[test]
fn the_prometheus_operator_gets_the_same_alerts() -> anyhow::Result<()> {
    let (file, alerts) = ("components/prometheus-operator/prometheus-rule.yaml", "groups:\n");
    let ours = read("deploy/prometheus/alerts.yml")?;
    let (_, ours) = ours.split_once(alerts).context("alerts.yml has no groups")?;
    let rule = read(&format!("deploy/kubernetes/{file}"))?;
    let (_, rule) = rule.split_once("spec:\n  groups:\n").context("the rule has no groups")?;
    let indent = |line: &str| if line.is_empty() { String::new() } else { format!("  {line}") };
    let wanted: Vec<String> = ours.lines().map(indent).collect();
    ensure!(wanted == rule.lines().collect::<Vec<_>>(), "{file} is not alerts.yml, indented");
    Ok(())
}

#[test]
fn the_tests_of_alerts_feed_metrics_that_exist() -> anyhow::Result<()> {
    check(&read("deploy/prometheus/alerts.test.yml")?, 30, "alerts.test.yml")
}

#[test]
fn the_dashboard_asks_for_metrics_that_exist() -> anyhow::Result<()> {
    let text = read("deploy/grafana/dashboards/message-dispatcher.json")?;
    let dashboard: Value = serde_json::from_str(&text).context("the dashboard is no JSON")?;
    let mut queries = Vec::new();
    strings_of(&dashboard, &["expr", "definition"], &mut queries);
    ensure!(queries.len() > 20, "only {} queries were found", queries.len());
    check(&queries.join("\n"), 30, "the dashboard")
}

#[test]
fn the_dashboard_shows_every_metric_of_ours() -> anyhow::Result<()> {
    let text = read("deploy/grafana/dashboards/message-dispatcher.json")?;
    // For capacity, once a year.
    let not_shown = ["message_dispatcher_sent_messages_estimate"];
    for name in documented()?.into_keys().filter(|name| name.starts_with(PREFIX)) {
        ensure!(
            text.contains(&name) || not_shown.contains(&name.as_str()),
            "{name} is in no panel: add one, or say here why not"
        );
    }
    Ok(())
}

#[test]
fn the_autoscaler_asks_for_a_metric_that_exists() -> anyhow::Result<()> {
    for file in ["horizontal-pod-autoscaler.yaml", "prometheus-adapter.values.yaml"] {
        let text = read(&format!("deploy/kubernetes/components/autoscaling/{file}"))?;
        check(&text, 1, file)?;
    }
    Ok(())
}

/// Every metric that `text` names is documented, and so is every label that it compares.
fn check(text: &str, at_least: usize, place: &str) -> anyhow::Result<()> {
    let metrics = documented()?;
    let mut found = 0;
    for (name, selector) in named(text) {
        let metric = metrics.get(&name).or_else(|| histogram(&metrics, &name));
        let metric =
            metric.with_context(|| format!("{place} asks for {name}, which nobody exports"))?;
        for label in labels_in(&selector) {
            // Prometheus adds these itself.
            let known = ["job", "instance", "namespace"].contains(&label.as_str());
            ensure!(
                known || metric.labels.contains(&label),
                "{place} asks for {name}{{{label}=…}}, a label that it does not have"
            );
        }
        found += 1;
    }
    ensure!(found >= at_least, "{place} names only {found} metrics: was it read rightly?");
    Ok(())
}

/// `name_bucket`, `name_sum` and `name_count` of a histogram.
fn histogram<'a>(metrics: &'a BTreeMap<String, Metric>, name: &str) -> Option<&'a Metric> {
    let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end))?;
    metrics.get(base).filter(|metric| metric.kind == "histogram")
}

/// The rows of the tables of docs/metrics.md, and the metrics of the process, which are a sentence.
fn documented() -> anyhow::Result<BTreeMap<String, Metric>> {
    let text = read("docs/metrics.md")?;
    let mut metrics = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `message_dispatcher_")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, ..] = cells.as_slice() else { continue };
        let labels = labels.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let name = name.trim_matches('`').to_owned();
        metrics.insert(name, Metric { kind: (*kind).to_owned(), labels });
    }
    for word in text.split('`').filter(|word| word.starts_with("process_")) {
        metrics.insert(word.to_owned(), Metric { kind: String::new(), labels: BTreeSet::new() });
    }
    ensure!(metrics.len() > 30, "docs/metrics.md has only {} metrics", metrics.len());
    Ok(metrics)
}

/// Each name of a metric, with what stands in braces after it.
fn named(text: &str) -> Vec<(String, String)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        rest = &rest[start..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.starts_with(PREFIX) || name.starts_with("process_") {
            let selector = after.strip_prefix('{').and_then(|after| after.split_once('}'));
            found.push((name.to_owned(), selector.unwrap_or_default().0.to_owned()));
        }
        rest = after;
    }
    found
}

/// The labels of `job="a",status=~"b"`.
fn labels_in(selector: &str) -> Vec<String> {
    let pairs = selector.split(',').filter_map(|pair| pair.split_once(['=', '!']));
    pairs.map(|(label, _)| label.trim().to_owned()).collect()
}

fn strings_of(value: &Value, keys: &[&str], found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if keys.contains(&key.as_str()) => found.push(text.clone()),
                    other => strings_of(other, keys, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings_of(item, keys, found)),
        _ => {}
    }
}

#[test]
fn a_metric_or_label_that_nobody_exports_is_noticed() {
    let wrong = |text: &str| check(text, 1, "a test").unwrap_err().to_string();
    assert!(wrong("sum(message_dispatcher_nonsense_total)").contains("nobody exports"));
    let label = wrong("message_dispatcher_sends_total{outcom=\"accepted\"}");
    assert!(label.contains("a label that it does not have"), "{label}");
    // A histogram's parts, and no other metric's.
    check("message_dispatcher_send_duration_seconds_bucket{job=\"x\"}", 1, "a test").unwrap();
    assert!(wrong("message_dispatcher_sends_total_bucket").contains("nobody exports"));
}

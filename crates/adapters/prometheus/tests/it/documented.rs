//! `docs/metrics.md` names every metric, and no other.

use crate::support::{all, meter, read};
use std::collections::{BTreeMap, BTreeSet};

const MANUAL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/metrics.md"));

/// Type and labels.
type Shape = (String, BTreeSet<String>);

/// The rows of the tables whose first cell is a metric of ours.
fn documented() -> BTreeMap<String, Shape> {
    let rows = MANUAL.lines().filter(|line| line.starts_with("| `message_dispatcher_"));
    let mut found = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, unit, meaning, alert] = cells[..] else {
            panic!("six cells, please: {row}")
        };
        assert!(![unit, meaning, alert].contains(&""), "an empty cell: {row}");
        let seconds = name.trim_matches('`').ends_with("_seconds");
        assert_eq!(unit == "seconds", seconds, "the name tells the unit: {row}");
        let labels = labels.split(',').map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| label != "–").collect();
        let name = name.trim_matches('`').to_owned();
        let before = found.insert(name, (kind.to_owned(), labels));
        assert_eq!(before, None, "twice: {row}");
    }
    found
}

#[test]
fn the_manual_and_the_code_tell_the_same_metrics() {
    let read = read(&meter(), &all());
    let ours = read.families().iter().filter(|(name, _)| name.starts_with("message_dispatcher_"));
    let coded: BTreeMap<String, Shape> = ours
        .map(|(name, family)| (name.clone(), (family.kind.clone(), family.labels.clone())))
        .collect();
    let documented = documented();
    for (name, shape) in &coded {
        assert_eq!(documented.get(name), Some(shape), "docs/metrics.md, {name}");
    }
    for name in documented.keys() {
        assert!(coded.contains_key(name), "docs/metrics.md tells of {name}, which is no more");
    }
}

//! Reads the text that a program shows to Prometheus, and refuses what is not in order.
//!
//! It is stricter than the format: each family has HELP and TYPE and stands in one piece, counters end in
//! `_total` and nothing else does, no series comes twice, and buckets add up. So a test that reads numbers
//! checks the text on the way.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};

/// A text that is in order.
#[derive(Debug, Default)]
pub struct Exposition {
    families: BTreeMap<String, Family>,
    samples: BTreeMap<Series, f64>,
}

/// All series of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// What it means.
    pub help: String,
    /// The names of its labels, without the `le` of a histogram.
    pub labels: BTreeSet<String>,
}

/// A name and its labels.
type Series = (String, BTreeMap<String, String>);

impl Exposition {
    /// Reads a text.
    ///
    /// # Errors
    /// The first line that is not in order, and why.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        ensure!(text.ends_with('\n'), "the last line does not end");
        let mut read = Self::default();
        let mut current = None;
        for line in text.lines() {
            read.line(line, &mut current).with_context(|| format!("in the line {line:?}"))?;
        }
        for (name, family) in &read.families {
            read.check(name, family).with_context(|| format!("in {name}"))?;
        }
        Ok(read)
    }

    /// The families, by name.
    pub fn families(&self) -> &BTreeMap<String, Family> {
        &self.families
    }

    /// The value of a series, if it is there.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        self.samples.get(&(name.to_owned(), labels.collect())).copied()
    }

    /// The sum over all series of a name.
    pub fn sum(&self, name: &str) -> f64 {
        self.samples.iter().filter(|((its, _), _)| its == name).map(|(_, value)| value).sum()
    }

    fn line(&mut self, line: &str, current: &mut Option<String>) -> anyhow::Result<()> {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').context("no text")?;
            ensure!(!help.trim().is_empty(), "no text");
            let family = Family { kind: String::new(), help: help.into(), labels: BTreeSet::new() };
            ensure!(self.families.insert(name.into(), family).is_none(), "it stands there twice");
            *current = Some(name.to_owned());
            return Ok(());
        }
        let name = current.as_deref().context("no HELP before it")?;
        let family = self.families.get_mut(name).context("no HELP before it")?;
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (of, kind) = rest.split_once(' ').context("no type")?;
            ensure!(of == name && family.kind.is_empty(), "it belongs to another HELP");
            ensure!(["counter", "gauge", "histogram"].contains(&kind), "an unknown type");
            family.kind = kind.to_owned();
            return Ok(());
        }
        let (series, value) = sample(line)?;
        let suffix = series.0.strip_prefix(name).context("it belongs to another family")?;
        let allowed: &[&str] =
            if family.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        ensure!(allowed.contains(&suffix), "it belongs to another family");
        family.labels.extend(series.1.keys().filter(|label| *label != "le").cloned());
        ensure!(self.samples.insert(series, value).is_none(), "the series comes twice");
        Ok(())
    }

    fn check(&self, name: &str, family: &Family) -> anyhow::Result<()> {
        let is_counter = family.kind == "counter";
        ensure!(!family.kind.is_empty(), "it has no TYPE");
        ensure!(is_counter == name.ends_with("_total"), "counters, and only they, end in _total");
        let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        ensure!(plain, "small letters, digits and _ make a name");
        if family.kind == "histogram" { self.check_buckets(name) } else { Ok(()) }
    }

    fn check_buckets(&self, name: &str) -> anyhow::Result<()> {
        let count = format!("{name}_count");
        for ((_, labels), count) in self.samples.iter().filter(|((its, _), _)| *its == count) {
            let mut buckets = self.buckets(name, labels)?;
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            ensure!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "a bucket holds less than the last");
            let last = buckets.last().context("no buckets")?;
            ensure!(last.0 == f64::INFINITY && last.1 == *count, "+Inf is not the count");
        }
        Ok(())
    }

    fn buckets(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
    ) -> anyhow::Result<Vec<(f64, f64)>> {
        let name = format!("{name}_bucket");
        let ours = self.samples.iter().filter(|((its, of), _)| {
            *its == name && of.iter().filter(|(label, _)| *label != "le").eq(labels)
        });
        ours.map(|((_, labels), held)| {
            let le = labels.get("le").context("a bucket without le")?;
            Ok((le.replace("+Inf", "inf").parse()?, *held))
        })
        .collect()
    }
}

/// `name{label="value",…} number`.
fn sample(line: &str) -> anyhow::Result<(Series, f64)> {
    let end = line.find(['{', ' ']).context("no value")?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").context("no label")?;
            let (value, after) = unquote(after)?;
            ensure!(labels.insert(label.to_owned(), value).is_none(), "a label comes twice");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &rest[1..];
    }
    let value = rest.trim().parse().context("no number at the end")?;
    Ok(((name.to_owned(), labels), value))
}

/// A value up to its closing quotation mark, and what follows.
fn unquote(text: &str) -> anyhow::Result<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, letter @ ('\\' | '"'))) => value.push(letter),
                _ => bail!("an unknown escape"),
            },
            letter => value.push(letter),
        }
    }
    bail!("a value has no end")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# HELP a_total As.
# TYPE a_total counter
a_total{of=\"x\"} 1
a_total{of=\"say \\\"y\\\"\\\\\"} 2
# HELP b_seconds Bs.
# TYPE b_seconds histogram
b_seconds_bucket{le=\"0.5\"} 1
b_seconds_bucket{le=\"+Inf\"} 2
b_seconds_sum 7.5
b_seconds_count 2
";

    #[test]
    fn numbers_are_found_by_name_and_labels() {
        let read = Exposition::read(GOOD).unwrap();
        assert_eq!(read.value("a_total", &[("of", "x")]), Some(1.0));
        assert_eq!(read.value("a_total", &[("of", "say \"y\"\\")]), Some(2.0));
        assert_eq!(read.value("a_total", &[]), None);
        assert_eq!(read.sum("a_total"), 3.0);
        assert_eq!(read.value("b_seconds_bucket", &[("le", "0.5")]), Some(1.0));
        assert_eq!(read.families()["a_total"].labels, BTreeSet::from(["of".to_owned()]));
        assert_eq!(read.families()["b_seconds"].labels, BTreeSet::new());
    }

    #[test]
    fn what_is_not_in_order_is_refused_and_says_why() {
        for (from, to, why) in [
            ("# HELP a_total As.\n", "", "no HELP"),
            ("# TYPE a_total counter\n", "", "no TYPE"),
            ("a_total", "a", "only they, end in _total"),
            ("of=\"x\"} 1", "of=\"x\"} one", "no number"),
            ("a_total{of=\"x\"} 1", "a_total{of=\"x\"} 1\na_total{of=\"x\"} 1", "comes twice"),
            ("a_total{of=\"x\"} 1", "c_total 1", "another family"),
            ("# HELP b_seconds Bs.", "# HELP a_total As.", "stands there twice"),
            ("le=\"0.5\"} 1", "le=\"0.5\"} 3", "less than the last"),
            ("_count 2", "_count 3", "not the count"),
        ] {
            let text = GOOD.replace(from, to);
            let error = format!("{:#}", Exposition::read(&text).unwrap_err());
            assert!(error.contains(why), "{from} -> {to}: {error}");
        }
        assert!(Exposition::read(GOOD.trim_end()).is_err());
    }
}

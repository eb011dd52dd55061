//! What must hold for everything that reads a stranger's bytes.
//!
//! Each target takes any bytes and panics when its sentences do not hold for
//! them. `fuzz/` lets libFuzzer look for such bytes (`cargo xtask fuzz`); the
//! tests here try the seeds in `fuzz/seeds` and what a few dice make of them.

mod api_json;
mod connection_url;
mod phone_number;
mod provider_reply;
mod redis_entry;
mod retry_after;
mod segmenter;
mod settings;

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them: `fuzz/fuzz_targets` has a program for each.
pub const TARGETS: [Target; 8] = [
    ("api_json", api_json::run),
    ("connection_url", connection_url::run),
    ("phone_number", phone_number::run),
    ("provider_reply", provider_reply::run),
    ("redis_entry", redis_entry::run),
    ("retry_after", retry_after::run),
    ("segmenter", segmenter::run),
    ("settings", settings::run),
];

/// Runs the target of this name.
///
/// # Panics
/// When a sentence does not hold for `bytes`, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.unwrap_or_else(|| panic!("there is no target {name}"));
    target(bytes);
}

/// The first line, and what follows it.
fn line_and_rest(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.map_or((bytes, &[]), |end| (&bytes[..end], &bytes[end + 1..]))
}

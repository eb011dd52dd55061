//! Standard output.

use std::io::Write;

/// Prints `text` as it is.
pub(crate) fn print(text: &str) {
    // Who reads may have seen enough: that is no reason to stop half-way.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

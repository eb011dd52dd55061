//! Values as they may be shown.

use crate::{
    groups::{LookUpUrl, ProviderUrl, shows_no_secret},
    variables::{DATABASE_URL, PROVIDER_LOOKUP_URL, SMS_API_URL, Variable},
};

/// Stands for what must not be shown, whatever its length.
const HIDDEN: &str = "***";

/// `None` for an empty one: unset.
pub(super) fn shown(variable: Variable, text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    Some(match variable {
        SMS_API_URL => ProviderUrl::parse(text).map_or(HIDDEN.to_owned(), |url| url.to_string()),
        PROVIDER_LOOKUP_URL => {
            LookUpUrl::parse(text).map_or(HIDDEN.to_owned(), |url| url.to_string())
        }
        DATABASE_URL if shows_no_secret(text) => text.to_owned(),
        // A URL in the wrong variable may carry a password too.
        _ if variable.secret || text.contains("://") || text.contains('@') => HIDDEN.to_owned(),
        _ if is_plain(text) => text.to_owned(),
        _ => format!("{text:?}"),
    })
}

/// Whether it is clear where `text` begins and ends.
fn is_plain(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c == '"';
    text.trim() == text && !text.contains(odd)
}

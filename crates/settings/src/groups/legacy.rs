//! Taking over from the Go service.

use crate::{
    parse::Parsed,
    reader::Reader,
    variables::{Group, LEGACY_TIMEZONE},
};

/// What the Go service's database and environment need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacySettings {
    /// Name of the time zone of its timestamps. Looks like one of the IANA
    /// database; whether it is one shows when it is used.
    pub timezone: String,
    /// Variables of its lock that are set, and have no effect.
    pub distributed_lock_ignored: Vec<&'static str>,
}

pub(crate) fn read(reader: &mut Reader) -> LegacySettings {
    LegacySettings {
        timezone: reader.required(LEGACY_TIMEZONE, timezone),
        distributed_lock_ignored: reader.given_in(Group::Ignored),
    }
}

fn timezone(text: &str) -> Parsed<String> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    let name = text.trim();
    if name.len() <= 64 && name.split('/').all(part) {
        return Ok(name.to_owned());
    }
    Err("must be the name of a time zone such as UTC or Europe/Istanbul".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_zones_are_told_from_other_texts() {
        for right in ["UTC", "Europe/Istanbul", "America/Port-au-Prince", "Etc/GMT+3", "EST5EDT"] {
            assert_eq!(timezone(right).as_deref(), Ok(right));
        }
        for wrong in ["", "+03:00", "Europe/", "/etc/localtime", "UTC+3h; x", "Europe Istanbul"] {
            assert!(timezone(wrong).is_err(), "{wrong}");
        }
    }
}

//! The day of a release, without a crate for it: this program is to compile in seconds.

use anyhow::Context;

const SECONDS: i64 = 86_400;

/// The day that the commit will carry, out of what `git var GIT_COMMITTER_IDENT` says: `Name <mail> seconds +0300`.
pub(super) fn of_identity(identity: &str) -> anyhow::Result<String> {
    let mut words = identity.rsplit(' ');
    let (zone, seconds) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let numbers = || Some((seconds.parse::<i64>().ok()?, zone.parse::<i64>().ok()?));
    let (seconds, zone) = numbers().with_context(|| format!("no time in {identity:?}"))?;
    let ahead = (zone / 100) * 3600 + (zone % 100) * 60;
    let (year, month, day) = civil((seconds + ahead).div_euclid(SECONDS));
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

/// The date of a day counted from 1970. Years begin in March here, so that the leap day is the last one.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(time: &str) -> String {
        of_identity(&format!("A Name <a@b.example> {time}")).unwrap()
    }

    #[test]
    fn a_day_is_that_of_the_committer() {
        assert_eq!(day("0 +0000"), "1970-01-01");
        assert_eq!(day("951782400 +0000"), "2000-02-29");
        assert_eq!(day("4107542399 +0000"), "2100-02-28");
        assert_eq!(day("4107542400 +0000"), "2100-03-01");
        assert_eq!(day("1767225599 +0000"), "2025-12-31");
        assert_eq!(day("1767225599 +0300"), "2026-01-01");
        assert_eq!(day("1767225600 -0330"), "2025-12-31");
    }

    #[test]
    fn what_has_no_time_is_refused() {
        assert!(of_identity("nobody").is_err());
    }
}

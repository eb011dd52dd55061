//! Whether the end of a terminal is meant for this process: `nohup` says no, by having SIGHUP
//! ignored, and whoever listens to a signal ignores it no more.

#[cfg(target_os = "linux")]
pub(super) fn is_meant() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| is_not_ignored(&status))
}

/// Elsewhere it cannot be told: SIGHUP stays what it is.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_meant() -> bool {
    false
}

/// The lowest bit of the mask is signal 1, SIGHUP.
#[cfg(target_os = "linux")]
fn is_not_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|m| m & 1 == 0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::is_not_ignored;

    #[test]
    fn nohup_is_seen_in_the_mask_of_ignored_signals() {
        let status = |mask| format!("Name:\tserver\nSigBlk:\t0001\nSigIgn:\t{mask}\nSigCgt:\t1\n");
        assert!(is_not_ignored(&status("0000000000001000")), "SIGPIPE alone");
        assert!(!is_not_ignored(&status("0000000000001001")), "SIGHUP as well");
    }

    #[test]
    fn what_cannot_be_told_is_left_as_it_is() {
        assert!(!is_not_ignored(""));
        assert!(!is_not_ignored("SigIgn:\tnothing\n"));
    }
}

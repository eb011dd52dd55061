//! What a process takes of its machine.

/// Memory and open files, as only Linux tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// In memory now, in KiB.
    pub memory: u64,
    /// The most that it ever had in memory, in KiB.
    pub peak: u64,
    /// Files and sockets that are open.
    pub descriptors: usize,
}

impl Footprint {
    /// Of the process with this number.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let size = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse().ok()
        };
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
        Some(Self { memory: size("VmRSS:")?, peak: size("VmHWM:")?, descriptors })
    }

    /// Elsewhere nobody tells.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_pid: u32) -> Option<Self> {
        None
    }
}

//! A disk of a test's own, which can be full or read only. It needs root.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

/// A small file system in memory; unmounted when dropped.
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one on this directory. None, and says so, where we may not.
    pub fn mount(directory: &Path, megabytes: u32) -> Option<Self> {
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "message-dispatcher-test"]).arg(directory);
        match mount.output() {
            Ok(done) if done.status.success() => Some(Self(directory.to_owned())),
            refused => {
                // Past the harness, which shows nothing of tests that pass.
                let why = "NOT TESTED: only root may mount a small disk";
                let _ = writeln!(std::io::stderr(), "{why}: {refused:?}");
                None
            }
        }
    }

    /// Leaves no room.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file");
        let full = loop {
            if let Err(error) = ballast.write_all(&[0; 4096]) {
                break error.kind();
            }
        };
        assert_eq!(full, ErrorKind::StorageFull);
    }

    pub fn make_room(&self) {
        fs::remove_file(self.ballast()).expect("room");
    }

    /// Nobody must have a file on it open to write.
    pub fn make_read_only(&self) {
        let mut mount = Command::new("mount");
        let done = mount.args(["-o", "remount,ro"]).arg(&self.0).status().expect("an end");
        assert!(done.success(), "it cannot be made read only: {done}");
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test leaves behind may still use it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

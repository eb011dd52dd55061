//! A disk that is full.

use crate::scene::{CannotTry, Scene};
use std::{fs, path::PathBuf, process::Command};

/// A small disk of its own, which only root can have.
pub(super) struct Disk(PathBuf);

impl Disk {
    pub(super) fn mount(scene: &Scene) -> Result<Self, CannotTry> {
        let path = scene.folder.join("disk");
        fs::create_dir(&path).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&path);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        let why = || CannotTry("this user may not mount a small disk".to_owned());
        mounted.then_some(Self(path)).ok_or_else(why)
    }

    /// To the last byte.
    pub(super) fn fill(&self) {
        let full = fs::write(self.0.join("filler"), vec![0; 2 << 20]);
        assert!(full.is_err(), "the disk is larger than it should be");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever is still there ends soon.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

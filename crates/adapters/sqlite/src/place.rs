//! Whether the file is still where it was opened.

use crate::FileError;
use std::{io, path::Path, sync::Arc};

/// A path and the file that was found there.
///
/// A file that is moved, deleted or replaced while it is open goes on taking
/// what is written, and loses it when it is closed: nothing must be acknowledged
/// then. Systems that keep an open file from being moved need no check.
#[derive(Clone)]
pub(crate) struct Place(Arc<(Box<Path>, Option<Identity>)>);

impl Place {
    pub(crate) fn of(path: &Path) -> Self {
        Self(Arc::new((path.into(), identity(path).ok())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0.0
    }

    pub(crate) fn check(&self) -> Result<(), FileError> {
        let (path, opened) = &*self.0;
        if identity(path).ok() == *opened {
            Ok(())
        } else {
            Err(FileError::Moved { path: path.to_path_buf() })
        }
    }
}

/// Device and number of a file on it.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> io::Result<Identity> {
    Ok((0, 0))
}

//! The ledger on disk: one JSON line per accepted message, handed to the operating system before the answer leaves.
//!
//! That survives a kill of this process at any moment. It is no `fsync`: the power cut is not what this provider is for.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::Path,
};

use anyhow::{Context, bail};

use crate::LedgerEntry;

/// The open file. It is locked while it is open: two providers on one file would each miss the other's keys.
pub(crate) struct LedgerFile {
    file: File,
    /// The length up to the end of the last whole line.
    whole: u64,
}

impl LedgerFile {
    /// Opens or creates the file and reads what it holds.
    pub(crate) fn open(path: &Path) -> anyhow::Result<(Self, Vec<LedgerEntry>)> {
        let about = || format!("the ledger file {}", path.display());
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .with_context(about)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{} is in use by another provider", about()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(about),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(about)?;
        let (whole, entries) = read(&bytes).with_context(about)?;
        cut_torn_end(&file, whole, bytes.len()).with_context(about)?;
        let whole = whole as u64;
        Ok((Self { file, whole }, entries))
    }

    /// Appends one entry. On an error the file ends as it did before, so that no half line spoils the next one.
    pub(crate) fn append(&mut self, entry: &LedgerEntry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.whole)?;
            return Err(error);
        }
        self.whole += line.len() as u64;
        Ok(())
    }
}

/// The entries, and how many bytes they take. What follows the last line end is not looked at.
fn read(bytes: &[u8]) -> anyhow::Result<(usize, Vec<LedgerEntry>)> {
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let entries = bytes[..whole]
        .split(|b| *b == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            serde_json::from_slice(line)
                .map_err(|error| anyhow::anyhow!("line {} is no ledger entry: {error}", index + 1))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok((whole, entries))
}

/// A line without its end was being written when the process was killed. Its answer never left, so that its client
/// knows nothing of it: it was not accepted.
fn cut_torn_end(file: &File, whole: usize, length: usize) -> io::Result<()> {
    if whole < length {
        tracing::warn!(bytes = length - whole, "a torn last line of the ledger file is cut off");
        file.set_len(whole as u64)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str) -> LedgerEntry {
        LedgerEntry {
            idempotency_key: Some(key.into()),
            phone_number: "+1".into(),
            content: "line\nbreak".into(),
            message_id: "id".into(),
            accepted_at: crate::clock::now(),
        }
    }

    #[test]
    fn what_was_appended_is_read_back_and_appended_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.jsonl");
        let (mut file, entries) = LedgerFile::open(&path).unwrap();
        assert!(entries.is_empty());
        let (one, two) = (entry("1"), entry("2"));
        file.append(&one).unwrap();
        drop(file);
        let (mut file, entries) = LedgerFile::open(&path).unwrap();
        assert_eq!(entries, std::slice::from_ref(&one));
        file.append(&two).unwrap();
        drop(file);
        assert_eq!(LedgerFile::open(&path).unwrap().1, [one, two]);
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_next_entry_starts_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.jsonl");
        let (mut file, _) = LedgerFile::open(&path).unwrap();
        file.append(&entry("1")).unwrap();
        file.file.write_all(b"{\"idempotency_key\":\"2\",\"pho").unwrap();
        drop(file);
        let (mut file, entries) = LedgerFile::open(&path).unwrap();
        assert_eq!(entries.len(), 1);
        file.append(&entry("3")).unwrap();
        drop(file);
        let keys: Vec<_> = LedgerFile::open(&path).unwrap().1;
        assert_eq!(
            keys.iter().filter_map(|e| e.idempotency_key.as_deref()).collect::<Vec<_>>(),
            ["1", "3"]
        );
    }

    #[test]
    fn a_line_that_is_no_entry_is_an_error_with_its_number_and_the_file_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.jsonl");
        std::fs::write(&path, "\nnonsense\n").unwrap();
        let error = format!("{:#}", LedgerFile::open(&path).err().unwrap());
        assert!(error.contains("line 2") && error.contains("ledger.jsonl"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "\nnonsense\n");
    }

    #[test]
    fn a_second_provider_cannot_open_the_same_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.jsonl");
        let first = LedgerFile::open(&path).unwrap();
        let error = LedgerFile::open(&path).err().unwrap().to_string();
        assert!(error.contains("in use"), "{error}");
        drop(first);
        assert!(LedgerFile::open(&path).is_ok());
    }
}

//! The files of the project, as text.

use super::manifest::Manifest;
use crate::error::Error;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours; the same names stand in `.gitignore`.
const SKIPPED: &[&str] = &[".git", "target", "node_modules", "dist", "mutants.out", "test-results"];

/// Files above this many bytes are data, not text to be judged.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Path from the root, with `/`, to text. Files that are not UTF-8 are listed with an empty text.
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads every file below `root` but build output.
    ///
    /// # Errors
    /// If a folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let shown = root.join(&folder);
            let read = |error| Error::file("read", &shown, error);
            for entry in std::fs::read_dir(&shown).map_err(read)? {
                let entry = entry.map_err(read)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = entry.file_type().map_err(read)?;
                if kind.is_dir() && !skipped(&name) {
                    folders.push(folder.join(&name));
                } else if kind.is_file() {
                    let path = folder.join(&name).to_string_lossy().replace('\\', "/");
                    files.insert(path, text(&entry.path())?);
                }
            }
        }
        Ok(Self { files })
    }

    /// A tree from snippets.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect() }
    }

    /// All files.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Files with this ending.
    pub(crate) fn ending(&self, ending: &'static str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.ends_with(ending))
    }

    /// Files below a folder.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        self.files().filter(move |(path, _)| path.starts_with(&prefix))
    }

    /// One file.
    pub(crate) fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Is there such a file, or a folder with a file in it?
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty() || self.files.contains_key(path) || self.below(path).next().is_some()
    }

    /// The manifests of all crates, without the root's.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = Manifest<'_>> {
        self.ending("/Cargo.toml").filter_map(|(path, text)| Manifest::parse(path, text))
    }
}

fn skipped(name: &str) -> bool {
    SKIPPED.contains(&name) || name.starts_with("target-")
}

fn text(path: &Path) -> Result<String, Error> {
    let read = |error| Error::file("read", path, error);
    if std::fs::metadata(path).map_err(read)?.len() > FILE_BYTES_MAX {
        return Ok(String::new());
    }
    Ok(String::from_utf8(std::fs::read(path).map_err(read)?).unwrap_or_default())
}

/// The line, from 1, of a byte of `text`.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < offset).filter(|(_, character)| *character == '\n').count()
        + 1
}

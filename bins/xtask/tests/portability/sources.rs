//! Our sources, and which of their files a system does not compile.

use crate::{
    cfg::{System, holds},
    detector::{Attribute, item_length},
};
use anyhow::{Context, anyhow};
use proc_macro2::{TokenStream, TokenTree};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A file, by its path from the root of the repository.
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) tokens: TokenStream,
}

/// Every Rust file of ours.
pub(crate) fn all(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for folder in ["bins", "crates"] {
        collect(&root.join(folder), root, &mut files)?;
    }
    Ok(files)
}

fn collect(folder: &Path, root: &Path, files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, root, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let tokens = fs::read_to_string(&path)?.parse();
            let tokens = tokens.map_err(|error| anyhow!("{}: {error}", path.display()))?;
            files.push(SourceFile { path: path.strip_prefix(root)?.to_owned(), tokens });
        }
    }
    Ok(())
}

/// Files that `system` does not compile.
pub(crate) fn missing_on(system: System, files: &[SourceFile]) -> BTreeSet<PathBuf> {
    behind(files, |predicate| holds(predicate, system) == Some(false))
}

/// Files of unit tests.
pub(crate) fn of_unit_tests(files: &[SourceFile]) -> BTreeSet<PathBuf> {
    behind(files, |predicate| predicate.to_string() == "test")
}

/// Files of modules whose declaration is behind such a `cfg`, with those below them.
fn behind(files: &[SourceFile], gate: impl Fn(TokenStream) -> bool) -> BTreeSet<PathBuf> {
    let modules: Vec<PathBuf> = files.iter().flat_map(|file| modules_behind(file, &gate)).collect();
    let is_behind = |path: &Path| {
        modules.iter().any(|module| path.starts_with(module) || path == module.with_extension("rs"))
    };
    files.iter().map(|file| file.path.clone()).filter(|path| is_behind(path)).collect()
}

/// Paths, without extension, of the modules that this file declares behind such a `cfg`.
fn modules_behind(file: &SourceFile, gate: impl Fn(TokenStream) -> bool) -> Vec<PathBuf> {
    let folder = folder_of_modules(&file.path);
    let tokens: Vec<TokenTree> = file.tokens.clone().into_iter().collect();
    let mut modules = Vec::new();
    for at in 0..tokens.len() {
        let Some(attribute) = Attribute::at(&tokens[at..]) else { continue };
        if !attribute.cfg().is_some_and(&gate) {
            continue;
        }
        if attribute.inner {
            modules.push(module_of(&file.path));
            continue;
        }
        let item = &tokens[at + attribute.length..];
        modules.extend(declared(&item[..item_length(item)]).map(|name| folder.join(name)));
    }
    modules
}

/// The path, without extension, of the module that a file is: of the root of a crate or a folder, that folder.
fn module_of(path: &Path) -> PathBuf {
    let is_root =
        ["lib", "main", "mod"].iter().any(|root| path.file_stem().is_some_and(|it| it == *root));
    if is_root {
        path.parent().map(Path::to_owned).unwrap_or_default()
    } else {
        path.with_extension("")
    }
}

/// The name in `mod name;`.
fn declared(item: &[TokenTree]) -> Option<String> {
    match item {
        [.., TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(_)]
            if word == "mod" =>
        {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// Where the modules of a file lie: beside the root of a crate or a folder, else in a folder of its name.
fn folder_of_modules(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().unwrap_or_default();
    let is_test = folder.file_name().is_some_and(|name| name == "tests");
    let beside = is_test || ["lib", "main", "mod"].iter().any(|root| stem == *root);
    if beside { folder.to_owned() } else { folder.join(stem) }
}

#[test]
fn a_module_behind_cfg_is_missing_with_all_that_is_in_it() {
    let file = |path: &str, source: &str| SourceFile {
        path: path.into(),
        tokens: source.parse().unwrap(),
    };
    let files = [
        file(
            "a/src/lib.rs",
            "#[cfg(unix)] pub(crate) mod socket; #[cfg(windows)] mod pipe; mod b;",
        ),
        file("a/src/socket.rs", "mod deep;"),
        file("a/src/socket/deep.rs", ""),
        file("a/src/pipe/mod.rs", ""),
        file("a/src/b.rs", "#[cfg(target_os = \"linux\")] mod c; #[cfg(test)] mod tests;"),
        file("a/src/b/c.rs", ""),
        file("a/src/b/tests.rs", ""),
        file("a/tests/it.rs", "#[cfg(unix)] mod helper;"),
        file("a/tests/helper.rs", ""),
        file("a/tests/unix/main.rs", "#![cfg(unix)] mod part;"),
        file("a/tests/unix/part.rs", ""),
        file("a/tests/kills.rs", "#![cfg(target_os = \"linux\")]"),
    ];
    let paths = |paths: &[&str]| -> BTreeSet<PathBuf> { paths.iter().map(PathBuf::from).collect() };
    let windows = [
        "a/src/b/c.rs",
        "a/src/socket.rs",
        "a/src/socket/deep.rs",
        "a/tests/helper.rs",
        "a/tests/kills.rs",
        "a/tests/unix/main.rs",
        "a/tests/unix/part.rs",
    ];
    assert_eq!(missing_on(System::Windows, &files), paths(&windows));
    assert_eq!(
        missing_on(System::MacOs, &files),
        paths(&["a/src/b/c.rs", "a/src/pipe/mod.rs", "a/tests/kills.rs"])
    );
    assert_eq!(of_unit_tests(&files), paths(&["a/src/b/tests.rs"]));
}

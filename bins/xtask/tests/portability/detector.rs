//! Finds what a system lacks in the tokens of a file, leaving out what is not compiled there.
//!
//! It knows tokens and no grammar, so macros are read like everything else. Where it cannot see the end of an
//! item behind `cfg`, it takes the end too early and reports too much, never too little.

use crate::cfg::{System, holds};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use std::fmt;

/// Modules, crates and types that Windows lacks, wherever they are imported from.
const NOT_ON_WINDOWS: [&str; 14] = [
    "unix",
    "linux",
    "fd",
    "libc",
    "nix",
    "rustix",
    "procfs",
    "AsRawFd",
    "OwnedFd",
    "RawFd",
    "UnixDatagram",
    "UnixListener",
    "UnixStream",
    "PermissionsExt",
];

const NOT_ON_MACOS: [&str; 2] = ["linux", "procfs"];

/// Where paths of Unix begin.
const FOLDERS: [&str; 8] =
    ["/bin/", "/dev/", "/etc/", "/home/", "/proc/", "/tmp", "/usr/", "/var/"];

/// Programs that come with Unix.
const PROGRAMS: [&str; 9] =
    ["bash", "chmod", "chown", "env", "id", "kill", "runuser", "sh", "sudo"];

/// Something that a system lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    line: usize,
    what: String,
}

/// As it stands behind the name of the file.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// Names of what `system` lacks. A path of `/proc` is such a name too.
pub(crate) fn foreign_names(file: &TokenStream, system: System) -> Vec<Finding> {
    let foreign: &[&str] = match system {
        System::Windows => &NOT_ON_WINDOWS,
        System::MacOs => &NOT_ON_MACOS,
    };
    let mut found = Vec::new();
    walk(file, system, &mut |token, _| match token {
        TokenTree::Ident(word) if foreign.contains(&word.to_string().as_str()) => {
            found.push(finding(word.span(), &word.to_string()));
        }
        TokenTree::Literal(text)
            if text.to_string().strip_prefix("\"/proc/").is_some_and(|rest| rest != "\"") =>
        {
            found.push(finding(text.span(), &text.to_string()));
        }
        _ => {}
    });
    found
}

/// Texts that are paths or programs of Unix, outside of unit tests.
pub(crate) fn foreign_texts(file: &TokenStream, system: System) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut last = String::new();
    let mut look = |token: &TokenTree, in_test: bool| {
        if let TokenTree::Literal(text) = token
            && !in_test
        {
            let shown = text.to_string();
            let bare = shown.trim_matches('"');
            let starts = last == "new" && PROGRAMS.contains(&bare);
            if starts || FOLDERS.iter().any(|folder| bare.starts_with(folder)) {
                found.push(finding(text.span(), &shown));
            }
        }
        // A program is what `Command::new` is told: the group between is no word.
        if !matches!(token, TokenTree::Group(_)) {
            last = token.to_string();
        }
    };
    walk(file, system, &mut look);
    found
}

fn finding(span: Span, what: &str) -> Finding {
    Finding { line: span.start().line, what: what.to_owned() }
}

/// Shows every token that is compiled on `system`, and whether it stands in a unit test.
fn walk(file: &TokenStream, system: System, look: &mut dyn FnMut(&TokenTree, bool)) {
    descend(file, system, false, look);
}

fn descend(
    tokens: &TokenStream,
    system: System,
    mut in_test: bool,
    look: &mut dyn FnMut(&TokenTree, bool),
) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut at = 0;
    let mut test_until = 0;
    while at < tokens.len() {
        if let Some(attribute) = Attribute::at(&tokens[at..]) {
            let after = at + attribute.length;
            let cfg = attribute.cfg();
            let compiled = cfg.clone().and_then(|predicate| holds(predicate, system));
            let of_tests = cfg.is_some_and(|predicate| predicate.to_string() == "test");
            match (attribute.inner, compiled) {
                // The rest of the file, or of the module.
                (true, Some(false)) => return,
                (true, _) => in_test |= of_tests,
                (false, Some(false)) => {
                    at = after + item_length(&tokens[after..]);
                    continue;
                }
                (false, _) if of_tests => test_until = after + item_length(&tokens[after..]),
                (false, _) => {}
            }
            at = after;
            continue;
        }
        // `cfg!(…)` asks, and is compiled everywhere.
        if is_cfg_macro(&tokens[at..]) {
            at += 3;
            continue;
        }
        let in_test = in_test || at < test_until;
        look(&tokens[at], in_test);
        if let TokenTree::Group(group) = &tokens[at] {
            descend(&group.stream(), system, in_test, look);
        }
        at += 1;
    }
}

/// `#[…]` or `#![…]`.
pub(crate) struct Attribute {
    pub(crate) inner: bool,
    group: Group,
    pub(crate) length: usize,
}

impl Attribute {
    /// The attribute that these tokens begin with.
    pub(crate) fn at(tokens: &[TokenTree]) -> Option<Self> {
        let sign = |at: usize, wanted| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == wanted);
        if !sign(0, '#') {
            return None;
        }
        let inner = sign(1, '!');
        let at = if inner { 2 } else { 1 };
        match tokens.get(at) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                Some(Self { inner, group: group.clone(), length: at + 1 })
            }
            _ => None,
        }
    }

    /// The predicate of a `cfg`.
    pub(crate) fn cfg(&self) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = self.group.stream().into_iter().collect();
        match &tokens[..] {
            [TokenTree::Ident(word), TokenTree::Group(predicate)] if word == "cfg" => {
                Some(predicate.stream())
            }
            _ => None,
        }
    }
}

fn is_cfg_macro(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Ident(word), TokenTree::Punct(mark), TokenTree::Group(_), ..]
        if word == "cfg" && mark.as_char() == '!')
}

/// Tokens up to the end of the item, statement, field or arm that begins here, with its other attributes.
pub(crate) fn item_length(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    while let Some(attribute) = Attribute::at(&tokens[at..]) {
        at += attribute.length;
    }
    // A field, an arm or an argument ends with a comma; an item may have some inside.
    let is_item = matches!(tokens.get(at), Some(TokenTree::Ident(word)) if ITEMS.contains(&word.to_string().as_str()));
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(mark) => mark.as_char() == ';' || (!is_item && mark.as_char() == ','),
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let end = tokens[at..].iter().position(ends);
    end.map_or(tokens.len(), |end| at + end + 1)
}

const ITEMS: [&str; 15] = [
    "pub", "use", "mod", "fn", "async", "const", "static", "struct", "enum", "impl", "trait",
    "type", "unsafe", "extern", "let",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str, system: System) -> Vec<(usize, String)> {
        let found = foreign_names(&source.parse().unwrap(), system);
        found.into_iter().map(|finding| (finding.line, finding.what)).collect()
    }

    #[test]
    fn what_windows_lacks_is_found_wherever_it_stands() {
        let sources = [
            "use std::os::unix::fs::MetadataExt;",
            "use std::{io, os::unix::process::CommandExt};",
            "use tokio::signal::{ctrl_c, unix::signal};",
            "fn f() { tokio::select! { _ = async { tokio::signal::unix::signal(kind) } => {} } }",
            "fn f() { unsafe { libc::kill(1, 15) } }",
            "#[cfg(windows)] use std::os::unix::fs::MetadataExt;",
            "#[cfg(not(windows))] fn f() {} use tokio::net::UnixStream;",
            "#[cfg(test)] mod tests { use std::os::unix::fs::symlink; }",
            "#[cfg(any(test, unix))] use std::os::unix::fs::symlink;",
            "#[cfg(unix)] use std::io; use std::os::fd::AsFd;",
            "struct S { #[cfg(unix)] a: u8, b: std::os::unix::net::SocketAddr }",
            "#[cfg(unix)] fn f() {} fn g() { std::fs::read(\"/proc/stat\"); }",
        ];
        for source in sources {
            assert_eq!(names(source, System::Windows).len(), 1, "{source}");
        }
    }

    #[test]
    fn what_is_not_compiled_there_is_left_out() {
        let sources = [
            "#![cfg(unix)] use std::os::unix::fs::MetadataExt;",
            "#![cfg(all(test, unix))] use std::os::unix::fs::MetadataExt;",
            "#[cfg(unix)] use std::os::unix::{fs, net};",
            "#[cfg(unix)] #[allow(dead_code)] fn f<A, B>(a: A) { libc::getpid() } ",
            "#[cfg(target_os = \"linux\")] mod m { use std::os::linux::fs; }",
            "fn f() { #[cfg(unix)] std::os::unix::fs::symlink(a, b); g() }",
            "fn f() { #[cfg(unix)] { libc::sync() } }",
            "fn f() { #[cfg(unix)] let a: libc::c_int = 1; }",
            "mod m { #![cfg(unix)] use std::os::unix::fs; }",
            "struct S { #[cfg(unix)] a: std::os::unix::net::SocketAddr, b: u8 }",
            "fn f() { match a { #[cfg(unix)] A => libc::sync(), B => {} } }",
            "#[cfg(not(windows))] impl A for B<C, D> { fn f() { nix::sync() } }",
            "fn f() { if cfg!(unix) { g() } }",
            "#[cfg_attr(not(unix), expect(dead_code))] fn f() {}",
            "/// As std::os::unix does.\nfn f() { g(\"libc\") } // libc",
        ];
        for source in sources {
            assert_eq!(names(source, System::Windows), [], "{source}");
        }
    }

    #[test]
    fn the_line_is_told_and_only_linux_is_foreign_to_macos() {
        let source = "use std::os::unix::fs;\n\nuse std::os::linux::fs::MetadataExt;";
        assert_eq!(names(source, System::MacOs), [(3, "linux".to_owned())]);
        let expected = [(1, "unix".to_owned()), (3, "linux".to_owned())];
        assert_eq!(names(source, System::Windows), expected);
    }

    #[test]
    fn paths_and_programs_of_unix_are_found_outside_of_tests() {
        let table = [
            ("fn f() { File::open(\"/tmp/x\"); }", 1),
            ("fn f() { Command::new(\"sh\"); }", 1),
            ("const A: &str = \"/dev/null\";", 1),
            ("#[cfg(test)] mod tests { const A: &str = \"/dev/null\"; }", 0),
            ("#![cfg(test)] const A: &str = \"/dev/null\";", 0),
            ("#[cfg(unix)] const A: &str = \"/dev/null\";", 0),
            ("#[cfg(test)] mod tests { } const A: &str = \"/dev/null\";", 1),
            ("fn f() { g(\"sh\", \"/livez\", \"see /etc/hosts\"); Command::new(\"git\"); }", 0),
            ("/// \"/tmp\" is a folder.\nfn f() {}", 0),
        ];
        for (source, count) in table {
            let found = foreign_texts(&source.parse().unwrap(), System::Windows);
            assert_eq!(found.len(), count, "{source}: {found:?}");
        }
    }
}

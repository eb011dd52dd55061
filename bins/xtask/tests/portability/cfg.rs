//! What a `cfg` predicate says about a system that is not at hand.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fmt;

/// A system that the product is to run on, and this machine is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Windows,
    MacOs,
}

impl System {
    fn family(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::MacOs => "unix",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::MacOs => "macos",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Windows => "Windows",
            Self::MacOs => "macOS",
        })
    }
}

/// Whether the predicate holds there; `None` where that depends on something else, such as a feature.
pub(crate) fn holds(predicate: TokenStream, system: System) -> Option<bool> {
    let tokens: Vec<TokenTree> = predicate.into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(word)] => match word.to_string().as_str() {
            family @ ("unix" | "windows") => Some(family == system.family()),
            _ => None,
        },
        [TokenTree::Ident(key), TokenTree::Punct(_), TokenTree::Literal(value)] => {
            let value = value.to_string();
            match key.to_string().as_str() {
                "target_os" => Some(value.trim_matches('"') == system.name()),
                "target_family" => Some(value.trim_matches('"') == system.family()),
                _ => None,
            }
        }
        [TokenTree::Ident(word), TokenTree::Group(list)]
            if list.delimiter() == Delimiter::Parenthesis =>
        {
            let list = separated(list.stream()).into_iter().map(|one| holds(one, system));
            combined(&word.to_string(), &list.collect::<Vec<_>>())
        }
        _ => None,
    }
}

fn combined(word: &str, list: &[Option<bool>]) -> Option<bool> {
    let decided = |by: bool| {
        if list.contains(&Some(by)) {
            return Some(by);
        }
        list.iter().all(|one| *one == Some(!by)).then_some(!by)
    };
    match word {
        "all" => decided(false),
        "any" => decided(true),
        "not" => list.first().copied().flatten().map(|one| !one),
        _ => None,
    }
}

fn separated(list: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = list.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
    let parts = tokens.split(is_comma).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().cloned().collect()).collect()
}

#[test]
fn a_predicate_is_read_for_a_system() {
    let table = [
        ("unix", Some(false), Some(true)),
        ("windows", Some(true), Some(false)),
        ("not(unix)", Some(true), Some(false)),
        ("test", None, None),
        ("not(test)", None, None),
        (r#"target_os = "linux""#, Some(false), Some(false)),
        (r#"target_os = "macos""#, Some(false), Some(true)),
        (r#"target_family = "unix""#, Some(false), Some(true)),
        (r#"feature = "unix""#, None, None),
        ("all(test, unix)", Some(false), None),
        ("all(unix, not(windows))", Some(false), Some(true)),
        ("any(unix, windows)", Some(true), Some(true)),
        (r#"any(target_os = "linux", target_os = "android",)"#, Some(false), Some(false)),
        ("any(test, unix)", None, Some(true)),
        ("all()", Some(true), Some(true)),
        ("any()", Some(false), Some(false)),
    ];
    for (predicate, windows, macos) in table {
        let read = |system| holds(predicate.parse().unwrap(), system);
        assert_eq!((read(System::Windows), read(System::MacOs)), (windows, macos), "{predicate}");
    }
}

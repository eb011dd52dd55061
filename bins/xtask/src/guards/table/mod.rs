//! All guards. A test finds each of their texts in the code, so that this table cannot rot.

mod app;
mod domain;
mod memory;
mod noticed;
mod postgres;
mod sqlite;

pub(crate) use noticed::first_test;

use super::guard::Guard;

/// Every guard of every place.
pub(crate) fn all() -> impl Iterator<Item = &'static Guard> {
    [domain::GUARDS, app::GUARDS, memory::GUARDS, sqlite::GUARDS, postgres::GUARDS]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::super::copy::read;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_guard_is_found_once_in_the_code() {
        for guard in all() {
            guard.removed_from(&read(&guard.path()).unwrap()).unwrap();
        }
    }

    #[test]
    fn no_name_stands_for_two_guards_with_switches() {
        let mut names = HashSet::new();
        for guard in all().filter(|guard| guard.place.is_woven()) {
            assert!(names.insert(guard.name), "{} is there twice", guard.name);
        }
    }
}

//! The page of the documentation.

use dispatcher_settings::manual;

const COPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");

/// With `UPDATE_SNAPSHOTS=1` in the environment, writes the page anew.
#[test]
fn the_page_in_the_documentation_is_what_the_code_says() {
    if update_snapshots() {
        std::fs::write(COPY, manual::page()).expect("docs/ can be written");
    }
    let copy = std::fs::read_to_string(COPY).expect("docs/configuration.md");
    let how = "run these tests with UPDATE_SNAPSHOTS=1, and look at the difference";
    assert!(copy == manual::page(), "docs/configuration.md is not what the code says: {how}");
}

#[expect(clippy::disallowed_methods, reason = "how to test is no setting of the product")]
fn update_snapshots() -> bool {
    std::env::var("UPDATE_SNAPSHOTS").is_ok_and(|value| value == "1")
}

#[test]
fn the_page_has_every_variable_and_leaves_no_place_open() {
    let page = manual::page();
    let keys = manual::defaults().lines().filter_map(|line| line.split_once(" = \""));
    for (key, _) in keys.filter(|(key, _)| !key.starts_with('#')) {
        let row = format!("\n| `{}`", key.to_uppercase());
        assert_eq!(page.matches(&row).count(), 1, "{key}");
    }
    assert!(page.contains("| `DB_PASSWORD`<br>or `DB_PASSWORD_FILE` |"));
    assert!(!page.contains("{{") && !page.contains("}}"));
}

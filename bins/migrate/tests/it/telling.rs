//! What it says about itself.

use crate::helpers::Program;

#[test]
fn the_version_has_commit_and_build_time() {
    let ended = Program::new(&["--version"]).run();
    ended.assert_code(0);
    let expected = format!("message-dispatcher-migrate {}\n", dispatcher_wiring::version::long());
    assert_eq!(ended.stdout, expected);
    assert!(expected.contains(" (commit ") && expected.contains(", built "), "{expected}");
}

#[test]
fn the_help_teaches_settings_exit_codes_and_examples() {
    let ended = Program::new(&["--help"]).run();
    ended.assert_code(0);
    for part in ["status", "--wait", "DB_HOST", "DATABASE_URL", "69  the database", "Examples:"] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}

#[test]
fn a_command_that_does_not_exist_is_a_usage_error() {
    let ended = Program::new(&["down"]).run();
    ended.assert_code(64);
    assert!(ended.stderr.contains("down") && ended.stdout.is_empty(), "{}", ended.text());
}

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
    for part in [
        "status",
        "plan",
        "verify",
        "--wait",
        "--lock-timeout",
        "--json",
        "DB_HOST",
        "DATABASE_URL",
        "sqlite:///",
        "69  the database",
        "Examples:",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}

#[test]
fn a_command_that_does_not_exist_is_a_usage_error() {
    let ended = Program::new(&["down"]).run();
    ended.assert_code(64);
    assert!(ended.stderr.contains("down") && ended.stdout.is_empty(), "{}", ended.text());
}

#[test]
fn each_command_has_a_help_of_its_own() {
    for (command, part) in
        [("status", "altered"), ("plan", "psql -v ON_ERROR_STOP=1"), ("verify", "checksums")]
    {
        let ended = Program::new(&[command, "--help"]).run();
        ended.assert_code(0);
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}

#[test]
fn completions_need_no_database() {
    let ended = Program::new(&["completions", "bash"]).run();
    ended.assert_code(0);
    assert!(ended.stdout.contains("message-dispatcher-migrate") && ended.stderr.is_empty());
    assert!(ended.stdout.contains("--lock-timeout") && ended.stdout.contains("verify"));
}

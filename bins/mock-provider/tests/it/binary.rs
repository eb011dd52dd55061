//! The program, as a process.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::helpers::{client, message};

/// A running program; killed when dropped.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child =
            command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url }
    }

    async fn post(&self) -> reqwest::Result<reqwest::Response> {
        client()
            .post(&self.url)
            .bearer_auth("secret")
            .header("Idempotency-Key", "k")
            .json(&message("top secret"))
            .send()
            .await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-mock-provider"));
    command.args(args).env("MOCK_PROVIDER_PORT", "0");
    command
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_killed_program_loses_no_accepted_message() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.jsonl");
    let args = ["--ledger-file", text(&path), "--script", "then drop-after"];
    let mut first = Program::start(&args);
    assert!(first.post().await.is_err());
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let second = Program::start(&["--ledger-file", text(&path)]);
    let answer = second.post().await.unwrap();
    assert_eq!(answer.headers()["idempotency-replayed"], "true");
    let ledger = client().get(second.url.replace("/send", "/ledger")).send().await.unwrap();
    let ledger: Value = ledger.json().await.unwrap();
    assert_eq!(ledger["total"], 1);
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_and_sigint_end_it_with_exit_code_0_and_no_secret_in_the_log() {
    use std::io::Read;
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::start(&["--token", "secret", "--script", "empty;to=+15550000"]);
        assert_eq!(program.post().await.unwrap().status(), 200);
        let elsewhere = program.url.clone() + "/905551112233?key=905551112233";
        assert_eq!(client().get(elsewhere).send().await.unwrap().status(), 404);
        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{signal}");
        let mut log = String::new();
        program.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(log.matches("POST /send").count(), 1, "{log}");
        for hidden in ["secret", "905551112233", "15550000", "\u{1b}"] {
            assert!(!log.contains(hidden), "{hidden} in {log}");
        }
    }
}

#[tokio::test]
async fn options_come_from_the_environment_too() {
    let mut child = command(&[])
        .env("MOCK_PROVIDER_SCRIPT", "status=418")
        .env("MOCK_PROVIDER_IGNORE_IDEMPOTENCY_KEY", "1")
        .env("MOCK_PROVIDER_TOKEN", "")
        .env("MOCK_PROVIDER_LOG", "off")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let program = Program { child, url: url.trim().to_owned() };
    assert_eq!(program.post().await.unwrap().status(), 418);
    for _ in 0..2 {
        let answer = program.post().await.unwrap();
        assert!(!answer.headers().contains_key("idempotency-replayed"));
    }
}

#[test]
fn version_and_help_answer_and_a_wrong_script_is_exit_code_2() {
    let version = command(&["--version"]).output().unwrap();
    assert!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
    let help = command(&["--help"]).output().unwrap();
    assert!(
        help.status.success() && String::from_utf8_lossy(&help.stdout).contains("drop-mid-body")
    );
    let wrong = command(&["--script", "accept, nonsense"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(error.contains("step 2") && error.contains("drop-after"), "{error}");
}

//! `cargo xtask drive-dev`: starts the product as a newcomer would and uses it once through.
//!
//! Tests use parts of the product; this is the proof that `cargo run -- dev` works as the README says.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use dispatcher_testkit::process::{Program, Signal};
use dispatcher_testkit::wait;
use serde_json::Value;

use crate::cargo;
use crate::http::{Answer, Server};
use crate::promtool;

const START_LIMIT: Duration = Duration::from_secs(120);
const SENT_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(60);
const ADDRESS: &str = "http://127.0.0.1:";
const MESSAGE: &str = r#"{"phone_number":"+905551234567","content":"Your parcel is on its way."}"#;

/// Builds, starts, uses and ends the `dev` mode.
pub(crate) fn run() -> anyhow::Result<()> {
    with_server(|server| {
        use_once(server)?;
        use_by_script(server)
    })
}

/// Has promtool look at the metrics of the `dev` mode, once it has sent something.
pub(crate) fn check_metrics() -> anyhow::Result<()> {
    promtool::prepare()?;
    with_server(|server| {
        use_once(server)?;
        let metrics = server.get("/metrics")?.success()?.body;
        promtool::check(&metrics)?;
        println!("promtool is content with {} lines", metrics.lines().count());
        Ok(())
    })
}

fn with_server(use_it: fn(Server) -> anyhow::Result<()>) -> anyhow::Result<()> {
    // First and on its own, so that the time to compile does not count as the time to start.
    cargo::run(&["build"])?;
    println!("\n$ cargo run -- dev --port 0 --interval 1s");
    // On Unix `cargo run` becomes the program: signals reach it, and its status is ours.
    let mut command =
        cargo::command(&["run", "--quiet", "--", "dev", "--port", "0", "--interval", "1s"]);
    let mut program = Program::spawn(&mut command)?;
    let line = program.wait_for_line_blocking(ADDRESS, START_LIMIT)?;
    println!("{line}");
    let server = Server { port: port_in(&line).with_context(|| format!("no port in {line:?}"))? };
    use_it(server)?;
    program.signal(Signal::Terminate)?;
    let status = program.wait_for_exit_blocking(END_LIMIT)?;
    println!("SIGTERM -> {status}");
    ensure!(status.success(), "a terminated server must end with 0, not with {status}");
    Ok(())
}

fn use_once(server: Server) -> anyhow::Result<()> {
    show("GET /health", server.get("/health")?)?;
    for probe in ["/livez", "/readyz"] {
        show(&format!("GET {probe}"), server.get(probe)?)?;
    }
    let created = show("POST /api/messages", server.post("/api/messages", MESSAGE)?)?.json()?;
    let id = created.get("id").with_context(|| format!("no `id` in {created}"))?;
    let message_id = sent(server, id)?;
    println!("GET /api/messages/sent -> has {id}, with the provider's id {message_id}");
    for order in ["stop", "start"] {
        let path = format!("/api/messaging/{order}");
        show(&format!("POST {path}"), server.post(&path, "")?)?;
    }
    Ok(())
}

/// The script that people use against their own service.
fn use_by_script(server: Server) -> anyhow::Result<()> {
    let mut script = Command::new("bash");
    script.current_dir(cargo::root()).args(["scripts/api.sh", "--send", "+905551234567"]);
    script.arg(format!("http://127.0.0.1:{}", server.port));
    cargo::run_command(script)
}

fn show(request: &str, answer: Answer) -> anyhow::Result<Answer> {
    println!("{request} -> {}", answer.shown());
    answer.success()
}

/// Waits until the message is in the list of sent ones; gives the provider's id of it.
fn sent(server: Server, id: &Value) -> anyhow::Result<String> {
    let look = || match sent_now(server, id) {
        Ok(None) => None,
        found => found.transpose(),
    };
    match wait::poll(SENT_LIMIT, look) {
        Some(found) => found,
        None => bail!("message {id} was not in /api/messages/sent after {SENT_LIMIT:?}"),
    }
}

fn sent_now(server: Server, id: &Value) -> anyhow::Result<Option<String>> {
    let list = server.get("/api/messages/sent")?.success()?.json()?;
    Ok(message_id(&list, id))
}

/// The `message_id` beside `id`, wherever the list keeps its messages: the shape of the list is the API's
/// own matter and has its own tests.
fn message_id(value: &Value, id: &Value) -> Option<String> {
    match value {
        Value::Object(fields) if fields.get("id") == Some(id) => {
            fields.get("message_id").and_then(Value::as_str).map(str::to_owned)
        }
        Value::Object(fields) => fields.values().find_map(|field| message_id(field, id)),
        Value::Array(items) => items.iter().find_map(|item| message_id(item, id)),
        _ => None,
    }
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(ADDRESS)?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_port_is_read_from_the_line() {
        assert_eq!(port_in("Dashboard: http://127.0.0.1:4711/ (Ctrl-C ends)"), Some(4711));
        assert_eq!(port_in("http://127.0.0.1:4711"), Some(4711));
        assert_eq!(port_in("http://127.0.0.1:port"), None);
    }

    #[test]
    fn the_message_is_found_in_a_list_of_any_shape() {
        let message = json!({"id": "7", "message_id": "abc"});
        let other = json!({"id": "8", "message_id": "def"});

        assert_eq!(message_id(&json!([other, message]), &json!("7")), Some("abc".into()));
        assert_eq!(message_id(&json!({"items": [message]}), &json!("7")), Some("abc".into()));
        assert_eq!(message_id(&json!([{"id": "7", "message_id": null}]), &json!("7")), None);
    }
}

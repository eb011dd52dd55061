//! What `--help` teaches beside the options: examples, settings, exit codes.
//!
//! A test runs every example through the parser and looks every variable up in
//! the manual of settings, so write examples as they are typed.

use dispatcher_wiring::exit;

/// Wider terminals get no wider text. The texts here are no wider themselves.
pub(crate) const COLUMNS: usize = 100;

pub(crate) const PROGRAM_SHORT: &str = "\
Examples:
  message-dispatcher-server dev
  message-dispatcher-server serve
  message-dispatcher-server config check
  message-dispatcher-server healthcheck

--help tells more: settings, exit codes, the meaning of each command.";

const PROGRAM: &str = "\
Examples:
  Look at it, with nothing installed:
    message-dispatcher-server dev
  Send for real, after message-dispatcher-migrate has made the tables:
    DATABASE_URL=postgres://me@db/messages_db DB_PASSWORD=… \\
    SMS_API_URL=https://sms.example.com/send SMS_API_TOKEN=… \\
    message-dispatcher-server
  See what counts, where it comes from and what is wrong, before it starts:
    message-dispatcher-server config check
  Ask a running one how it is:
    message-dispatcher-server healthcheck

Settings come from environment variables, and from a file .env in the working directory for those
that the environment does not set. The most important:
  DATABASE_URL         postgres://… (or DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD), or a file
                       of one machine: sqlite:///path
  SMS_API_URL          where to POST messages, with SMS_API_TOKEN
  PROCESSING_INTERVAL  how often a batch is sent, such as 2m (the default)
  BATCH_SIZE           messages of one batch (2)

";

pub(crate) const SERVE_SHORT: &str = "\
Examples:
  message-dispatcher-server serve
  SERVER_PORT=8081 LOG_LEVEL=debug message-dispatcher-server serve";

const SERVE: &str = "\
Examples:
  message-dispatcher-server serve
  SERVER_PORT=8081 LOG_LEVEL=debug message-dispatcher-server serve
  SERVER_HOST=0.0.0.0 AUTH=off message-dispatcher-server serve

The most important settings (all wrong ones are told together at the start):
  DATABASE_URL         postgres://… (or DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD), or a file
                       of one machine: sqlite:///path; message-dispatcher-migrate makes the tables
  SMS_API_URL          where to POST messages, with SMS_API_TOKEN
  PROCESSING_INTERVAL  how often a batch is sent, such as 2m (the default); 0s: no pace
  BATCH_SIZE           messages of one batch (2)
  ORDERING             strict (one after the other), recipient or none (many at once)
  REDIS_URL            the delivery cache; sending goes on without it
  SERVER_HOST          where the API listens (127.0.0.1), with SERVER_PORT (8080)
  SHUTDOWN_TIMEOUT     how long sends in flight may take at the end (30s)
  LOG_LEVEL            debug, info, warn or error; with LOG_FORMAT json, text or auto

";

pub(crate) const DEV_SHORT: &str = "\
Examples:
  message-dispatcher-server dev
  message-dispatcher-server dev --port 0 --interval 2s";

const DEV: &str = "\
Examples:
  message-dispatcher-server dev
  message-dispatcher-server dev --port 0 --interval 2s
  message-dispatcher-server dev --data-dir ./data
  BATCH_SIZE=5 ORDERING=recipient message-dispatcher-server dev

Settings count here as they do for the service, BATCH_SIZE, ORDERING, MAX_CONTENT_LENGTH and
LOG_LEVEL among them. The options stand for SERVER_PORT and PROCESSING_INTERVAL.

";

pub(crate) const HEALTHCHECK_SHORT: &str = "\
Examples:
  message-dispatcher-server healthcheck
  message-dispatcher-server healthcheck --ready --timeout 2s";

const HEALTHCHECK: &str = "\
Examples:
  message-dispatcher-server healthcheck
  message-dispatcher-server healthcheck --ready --timeout 2s
  message-dispatcher-server healthcheck --url http://127.0.0.1:8081
  SERVER_PORT=8081 message-dispatcher-server healthcheck

In a Dockerfile, and in a compose file where others wait for the service:
  HEALTHCHECK CMD [\"message-dispatcher-server\", \"healthcheck\"]
  test: [\"CMD\", \"message-dispatcher-server\", \"healthcheck\", \"--ready\"]

Only SERVER_HOST and SERVER_PORT are read: no other setting, right or wrong, has a say. With
SERVER_PORT=0, and for a dev mode on another port, say --url.

";

pub(crate) const RECONCILE_SHORT: &str = "\
Examples:
  message-dispatcher-server reconcile
  message-dispatcher-server reconcile --settle";

const RECONCILE: &str = "\
Examples:
  message-dispatcher-server reconcile
  message-dispatcher-server reconcile --json
  message-dispatcher-server reconcile --settle

Each message is compared by its idempotency key. What has a witness was sent; what has none may have
been sent: Redis keeps a receipt for a week, and may have lost it.

The settings are those of the service: DATABASE_URL, REDIS_URL and PROVIDER_LOOKUP_URL count. With a
SQLite file, ask before the service starts: one process at a time works on it.

";

pub(crate) const CONFIG_SHORT: &str = "\
Examples:
  message-dispatcher-server config check
  message-dispatcher-server config defaults";

pub(crate) const CONFIG_CHECK_SHORT: &str = "\
Examples:
  message-dispatcher-server config check
  message-dispatcher-server config check --json";

const CONFIG_CHECK: &str = "\
Examples:
  message-dispatcher-server config check
  message-dispatcher-server config check --json
  PROCESSING_INTERVAL=1m BATCH_SIZE=10 message-dispatcher-server config check

What counts, strongest first: the environment, the file .env in the working directory, the default.
Each secret may stand in a file instead, as in DB_PASSWORD_FILE=/run/secrets/db. Values that differ
from the default are marked *, wrong ones !.

";

pub(crate) const CONFIG_DEFAULTS_SHORT: &str = "\
Examples:
  message-dispatcher-server config defaults";

const COMPLETIONS: &str = "\
Install, once for each shell; new shells know it:
  message-dispatcher-server completions bash \\
    > ~/.local/share/bash-completion/completions/message-dispatcher-server
  message-dispatcher-server completions zsh > ~/.zfunc/_message-dispatcher-server
  message-dispatcher-server completions fish \\
    > ~/.config/fish/completions/message-dispatcher-server.fish
  message-dispatcher-server completions powershell >> $PROFILE
  message-dispatcher-server completions elvish >> ~/.config/elvish/rc.elv

bash needs its package bash-completion. zsh needs, before compinit in ~/.zshrc: fpath+=~/.zfunc
The directories must exist: mkdir -p makes them.";

/// Short and long help teach the same here.
pub(crate) fn completions() -> String {
    format!("{COMPLETIONS}\n\n{}", exit_codes(&[STOPPED, USAGE]))
}

pub(crate) fn program() -> String {
    let codes = [STOPPED, UNHEALTHY, IN_DOUBT, USAGE, UNAVAILABLE, INTERNAL, IMPATIENT];
    format!("{PROGRAM}{}", exit_codes(&codes))
}

pub(crate) fn serve() -> String {
    format!("{SERVE}{}", exit_codes(&[STOPPED, USAGE, UNAVAILABLE, INTERNAL, IMPATIENT]))
}

pub(crate) fn dev() -> String {
    format!("{DEV}{}", exit_codes(&[STOPPED, USAGE, UNAVAILABLE, INTERNAL, IMPATIENT]))
}

pub(crate) fn config() -> String {
    format!("{CONFIG_SHORT}\n\n{}", exit_codes(&[DONE, USAGE]))
}

pub(crate) fn config_check() -> String {
    let good = (0, "nothing is wrong");
    format!("{CONFIG_CHECK}{}", exit_codes(&[good, USAGE]))
}

pub(crate) fn config_defaults() -> String {
    format!("{CONFIG_DEFAULTS_SHORT}\n\n{}", exit_codes(&[DONE, USAGE]))
}

pub(crate) fn healthcheck() -> String {
    let well = (0, "the server is well");
    format!("{HEALTHCHECK}{}", exit_codes(&[well, UNHEALTHY, USAGE]))
}

pub(crate) fn reconcile() -> String {
    let agree = (0, "they agree, or everything was settled");
    format!("{RECONCILE}{}", exit_codes(&[agree, IN_DOUBT, USAGE, UNAVAILABLE]))
}

type Code = (u8, &'static str);

const STOPPED: Code = (0, "done, or stopped as asked");
const DONE: Code = (0, "done");
const UNHEALTHY: Code =
    (exit::UNHEALTHY, "healthcheck: the server is not well, or does not answer");
const IN_DOUBT: Code = (
    exit::IN_DOUBT,
    "reconcile: something was sent and is not marked so, or the provider did not answer",
);
const USAGE: Code =
    (exit::USAGE, "the command line or a setting is wrong: all of them are told; do not restart");
const UNAVAILABLE: Code = (
    exit::UNAVAILABLE,
    "something that is needed is not there or refuses: port, login, tables; restart",
);
const INTERNAL: Code = (exit::INTERNAL, "a fault of this program");
const IMPATIENT: Code = (exit::IMPATIENT, "a second signal ended it before it had finished");

fn exit_codes(codes: &[Code]) -> String {
    let line = |(code, meaning): &Code| format!("\n{code:>5}  {meaning}");
    format!("Exit codes:{}", codes.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the line would be broken, and an example could not be copied.
    #[test]
    fn every_line_fits() {
        let texts = [
            program(),
            serve(),
            dev(),
            config(),
            config_check(),
            config_defaults(),
            healthcheck(),
            reconcile(),
            completions(),
        ];
        let short = [
            PROGRAM_SHORT,
            SERVE_SHORT,
            DEV_SHORT,
            CONFIG_SHORT,
            CONFIG_CHECK_SHORT,
            CONFIG_DEFAULTS_SHORT,
            HEALTHCHECK_SHORT,
            RECONCILE_SHORT,
        ];
        for line in texts.iter().map(String::as_str).chain(short).flat_map(str::lines) {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
    }
}

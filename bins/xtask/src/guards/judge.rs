//! Who must notice that a guard is gone.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::copy::Copy;
use super::guard::{Guard, Place};
use super::table;

/// Longer than any judge takes whose guards are all there.
const PATIENCE: Duration = Duration::from_secs(600);

/// The suite that every store must pass.
pub(crate) const CONTRACT: &str = "contract";

/// What a database says about a statement that is none: such a one is noticed by everybody.
const BROKEN: [&str; 4] =
    ["syntax error", "Invalid parameter", "could not determine data type", "no such column"];

/// What a judge says about code from which something was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It noticed nothing.
    Silent,
    /// It says what is wrong.
    Caught(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("-"),
            Self::Caught(how) => f.write_str(how),
        }
    }
}

/// A program of the copy that tells whether a guard is missing.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) name: String,
    program: PathBuf,
    folder: PathBuf,
    args: Vec<String>,
    database: Option<String>,
}

impl Judge {
    /// The tests that must notice a removal of `guard`, in order; each is built.
    pub(crate) fn of(
        guard: &Guard,
        copy: &Copy,
        database: Option<&str>,
    ) -> anyhow::Result<Vec<Self>> {
        let package = format!("dispatcher-{}", guard.place.word());
        if let Some((test, filter)) = guard.judged_by {
            let mut judge = Self::tests(copy, &package, Some(test), database)?;
            judge.name = format!("`{filter}`");
            judge.args.push(filter.to_owned());
            return Ok(vec![judge]);
        }
        match guard.place {
            // What the rules of all stores rest on is theirs to notice.
            Place::Domain => Ok(vec![
                Self::tests(copy, "dispatcher-memory", Some(CONTRACT), None)?,
                Self::tests(copy, &package, None, None)?,
            ]),
            Place::App => Ok(vec![Self::tests(copy, &package, None, None)?]),
            Place::Memory | Place::Sqlite | Place::Postgres => {
                Ok(vec![Self::tests(copy, &package, Some(CONTRACT), database)?])
            }
        }
    }

    /// `--test` of a package, or those that stand beside its code.
    pub(crate) fn tests(
        copy: &Copy,
        package: &str,
        test: Option<&str>,
        database: Option<&str>,
    ) -> anyhow::Result<Self> {
        let choice = test.map_or(vec!["--lib"], |test| vec!["--test", test]);
        let args = [&["test", "--no-run", "--package", package], &choice[..]].concat();
        let name = test.unwrap_or("unit tests").to_owned();
        let program = build(copy, &args)?;
        let folder = copy.folder(&folder_of(package));
        // Two stores that differ are no test in which one guard says no, and take long.
        let args = ["--skip", "agreement::"].map(str::to_owned).to_vec();
        Ok(Self { name, program, folder, args, database: database.map(str::to_owned) })
    }

    /// The deterministic simulation: so many schedules from this seed on.
    pub(crate) fn simulation(copy: &Copy, seed: u64, count: u64) -> anyhow::Result<Self> {
        let args = ["build", "--package", "dispatcher-simulation", "--example", "hunt"];
        let program = build(copy, &args)?;
        let args = vec![seed.to_string(), count.to_string()];
        let folder = copy.folder("");
        Ok(Self { name: "simulation".to_owned(), program, folder, args, database: None })
    }

    /// Lets the one test look that should notice, if there is one; then all.
    pub(crate) fn look_for(&self, guard: &Guard) -> anyhow::Result<Verdict> {
        if let Some(test) = table::first_test(guard.name).filter(|_| self.name == CONTRACT) {
            let mut first = self.clone();
            first.args = vec!["--exact".to_owned(), test.to_owned()];
            if let caught @ Verdict::Caught(_) = first.look(&[guard])? {
                return Ok(caught);
            }
        }
        self.look(&[guard])
    }

    /// Lets it look, with these switched off.
    pub(crate) fn look(&self, removed: &[&Guard]) -> anyhow::Result<Verdict> {
        let names: Vec<&str> = removed.iter().map(|guard| guard.name).collect();
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.folder);
        command.env("GUARDS_REMOVED", names.join(","));
        if let Some(url) = &self.database {
            command.env("TEST_DATABASE_URL", url);
        }
        let Some((success, said)) = run(command)? else {
            return Ok(Verdict::Caught("it comes to no end".to_owned()));
        };
        let broken = BROKEN.iter().find(|sign| said.contains(**sign));
        ensure!(broken.is_none(), "the removal breaks a statement:\n{said}");
        Ok(if success { Verdict::Silent } else { Verdict::Caught(gist(&said)) })
    }
}

fn folder_of(package: &str) -> String {
    let name = package.trim_start_matches("dispatcher-");
    let is_adapter = matches!(name, "memory" | "sqlite" | "postgres");
    if is_adapter { format!("crates/adapters/{name}") } else { format!("crates/{name}") }
}

/// Builds one program of the copy, and tells where it is.
fn build(copy: &Copy, args: &[&str]) -> anyhow::Result<PathBuf> {
    let mut command = copy.cargo(args);
    command.args(["--quiet", "--message-format", "json-render-diagnostics"]);
    let output = command.stderr(Stdio::piped()).output().context("cannot start cargo")?;
    let told = String::from_utf8_lossy(&output.stderr);
    // The switches are no beautiful code: warnings about them come first.
    let errors = told.find("error").map_or(&*told, |at| &told[at..]);
    ensure!(output.status.success(), "the code without the guard does not compile:\n{errors}");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut program = lines.lines().filter_map(|line| {
        let told: serde_json::Value = serde_json::from_str(line).ok()?;
        told.get("executable")?.as_str().map(PathBuf::from)
    });
    program.next_back().context("cargo has built no program")
}

/// Runs a program to its end; `None` when it takes too long.
fn run(mut command: Command) -> anyhow::Result<Option<(bool, String)>> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot start a judge")?;
    let mut out = child.stdout.take().context("a judge without an output")?;
    let (end, ended) = channel();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        let read = out.read_to_end(&mut said);
        // Whoever waited may have given up.
        let _ = end.send(());
        read.map(|_| String::from_utf8_lossy(&said).into_owned())
    });
    if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        child.kill()?;
        child.wait()?;
        return Ok(None);
    }
    let said = reader.join().ok().context("the reader of a judge panicked")??;
    Ok(Some((child.wait()?.success(), said)))
}

/// Which tests failed, or which promise was broken.
fn gist(said: &str) -> String {
    let failed: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
        .map(|name| name.rsplit("::").next().unwrap_or(name))
        .collect();
    match failed[..] {
        [] => said.lines().last().unwrap_or("it ended by a fault").trim().to_owned(),
        [only] => format!("`{only}`"),
        ref many => {
            // One in which nothing else can say no tells most.
            let told = many.iter().find(|name| name.starts_with("only_")).unwrap_or(&many[0]);
            format!("`{told}` and {} more", many.len() - 1)
        }
    }
}

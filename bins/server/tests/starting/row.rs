//! One row of the table of everything that can go wrong at a start.

use crate::scene::{CannotTry, Scene};
use dispatcher_stage::{LIMIT, Replica};
use dispatcher_testkit::{
    process::{Program, Stream},
    wait_until,
};
use futures_util::{FutureExt, future::join_all};
use std::{
    fmt::Write as _,
    future::Future,
    io::Write as _,
    panic::AssertUnwindSafe,
    pin::Pin,
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

pub(crate) type Step<T> = Pin<Box<dyn Future<Output = T>>>;

/// One thing that goes wrong, and what must come of it.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// What is wrong.
    pub(crate) what: &'static str,
    /// Makes it so.
    pub(crate) set: fn() -> Step<Result<Scene, CannotTry>>,
    pub(crate) then: Then,
    /// What standard error says, each within one line; `…` is anything.
    pub(crate) says: &'static [&'static str],
    /// What the operator does about it.
    pub(crate) mend: &'static str,
}

/// What the program does about it.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// It ends with this exit code.
    Ends(u8),
    /// It runs, which this looks at; then it ends in order when it is asked to.
    Runs(fn(Live) -> Step<Live>),
}

/// A program that runs in its scene.
pub(crate) struct Live {
    pub(crate) scene: Scene,
    pub(crate) replica: Replica,
}

/// Nobody waits longer for a start that cannot work.
const SOON: Duration = Duration::from_secs(25);

/// Never said, whatever happens.
const NEVER: [&str; 4] = ["panicked", "RUST_BACKTRACE", "stack backtrace", "internal error"];

/// So many at once: more only wait for each other.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Tries all rows, and fails with all that are not as they should be.
pub(crate) async fn try_all(rows: &'static [Row]) {
    let tried = rows.iter().map(|row| AssertUnwindSafe(row.try_it()).catch_unwind());
    let mut failed = String::new();
    for (row, tried) in rows.iter().zip(join_all(tried).await) {
        match tried {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => writeln!(failed, "\n--- {}: {problem}", row.what).expect("room"),
            Err(_) => writeln!(failed, "\n--- {}: see above", row.what).expect("room"),
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

impl Row {
    async fn try_it(&self) -> Result<(), String> {
        let _turn = AT_ONCE.acquire().await.expect("never closed");
        match (self.set)().await {
            Ok(scene) => self.play(scene).await,
            Err(CannotTry(why)) => {
                // Past the harness, which shows nothing of tests that pass.
                let _ = writeln!(std::io::stderr(), "NOT TRIED: {}: {why}", self.what);
                Ok(())
            }
        }
    }

    async fn play(&self, scene: Scene) -> Result<(), String> {
        let (played, scene) = match self.then {
            Then::Ends(code) => (self.ends(&scene, code).await, scene),
            Then::Runs(look) => self.runs(scene, look).await,
        };
        // It waits for servers, and the other rows must not wait for it.
        spawn_blocking(move || drop(scene)).await.map_err(|error| error.to_string())?;
        played
    }

    async fn ends(&self, scene: &Scene, code: u8) -> Result<(), String> {
        let began = now();
        let mut program = scene.start();
        let status = program.wait_for_exit(LIMIT).await;
        let told = told(&program);
        let status = status.map_err(|error| format!("{error:#}\n{told}"))?;
        ensure(status.code() == Some(i32::from(code)), || format!("{status}:\n{told}"))?;
        ensure(began.elapsed() < SOON, || format!("took {:?}", began.elapsed()))?;
        self.said(scene, &told)
    }

    async fn runs(
        &self,
        scene: Scene,
        look: fn(Live) -> Step<Live>,
    ) -> (Result<(), String>, Scene) {
        let program = scene.start();
        let replica = match scene.address() {
            Some(base) => Replica::at(program, base).await,
            None => Replica::listening(program).await,
        };
        let Live { scene, mut replica } = look(Live { scene, replica }).await;
        (self.says_and_ends(&scene, &mut replica).await, scene)
    }

    async fn says_and_ends(&self, scene: &Scene, replica: &mut Replica) -> Result<(), String> {
        let program = &replica.program;
        let says = async || self.said(scene, &told(program)).is_ok();
        // In vain: then what is missing is told below.
        let _ = timeout(SOON, wait_until("it is said", LIMIT, says)).await;
        let status = replica.terminate().await;
        let told = told(&replica.program);
        ensure(status.success(), || format!("{status}:\n{told}"))?;
        self.said(scene, &told)
    }

    fn said(&self, scene: &Scene, told: &str) -> Result<(), String> {
        for pattern in self.says {
            let is_there = told.lines().any(|line| is_in(line, pattern));
            ensure(is_there, || format!("not there: {pattern}\n{told}"))?;
        }
        let secrets = scene.secrets().iter().map(String::as_str);
        for never in secrets.chain(NEVER) {
            ensure(!told.contains(never), || format!("must not be there: {never}\n{told}"))?;
        }
        Ok(())
    }
}

/// Everything that it printed, texts in JSON as they are.
fn told(program: &Program) -> String {
    let lines = [Stream::Err, Stream::Out].map(|stream| program.lines(stream).join("\n"));
    lines.join("\n").replace("\\\"", "\"")
}

/// Whether all parts of `pattern` are in `line`, in their order.
fn is_in(line: &str, pattern: &str) -> bool {
    let mut rest = line;
    pattern.split('…').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

#[expect(clippy::disallowed_methods, reason = "how long a real process takes")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn a_pattern_is_in_a_line_in_its_order() {
    assert!(is_in("port 80: taken: by another", "port …: taken"));
    assert!(!is_in("taken: port 80", "port …: taken"));
}

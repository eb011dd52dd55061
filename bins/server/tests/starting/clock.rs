//! A clock that is years off.

use crate::{
    looks::sends,
    row::{Live, Row, Step, Then::Runs},
    scene::{CannotTry, Scene},
};
use dispatcher_stage::{
    LIMIT, Replica,
    tls::{TlsFront, authority, file},
};
use dispatcher_testkit::wait_until;
use std::{fs, process::Command};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "The clock of this machine is years ahead; PostgreSQL's is right",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                set_clock(&mut scene, IN_2060)?;
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &["\"timestamp\":\"2060-"],
        mend: "",
    },
    Row {
        what: "The clock of this machine is decades behind; PostgreSQL's is right",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                set_clock(&mut scene, IN_1971)?;
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &["\"timestamp\":\"1971-"],
        mend: "",
    },
    Row {
        what: "The clock is years ahead, and the queue is in a SQLite file",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                set_clock(&mut scene, IN_2060)?;
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &["\"timestamp\":\"2060-"],
        mend: "",
    },
    Row {
        what: "The clock was years ahead, and was set right",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("PROCESSING_INTERVAL", "1s");
                scene.set("BATCH_SIZE", "1");
                set_clock(&mut scene, IN_2060)?;
                let mut ahead = Replica::listening(scene.start()).await;
                scene.until_sent(1).await;
                assert!(ahead.terminate().await.success());
                scene.unset("CLOCK_AT");
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &["ALARM: a time on the control row lay too far ahead and was mended…clock"],
        mend: "Nothing: the service goes on at its pace. Keep the clock right with NTP.",
    },
    Row {
        what: "The clock is decades behind, and the provider's certificate seems not valid yet",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                let authority = authority();
                let front = TlsFront::before(&scene.provider, authority.issue("127.0.0.1")).await;
                scene.set("SMS_API_URL", front.send_url());
                scene.set("SMS_CA_FILE", file(&authority));
                scene.keep((front, authority));
                set_clock(&mut scene, IN_1971)?;
                Ok(scene)
            })
        },
        then: Runs(alarms),
        says: &["\"reason\":\"not_sent_tls_failed\"…the clock of this machine"],
        mend: "Set the clock. Sending goes on by itself.",
    },
];

/// In seconds since 1970.
const IN_1971: &str = "40000000";
const IN_2060: &str = "2860000000";

fn alarms(live: Live) -> Step<Live> {
    Box::pin(async move {
        wait_until("/health knows", LIMIT, async || {
            live.replica.get("/health").await.1["dispatch"]["circuit_breaker"] == "open"
        })
        .await;
        assert_eq!(live.scene.count("queued"), 3);
        live
    })
}

/// Lets the program see another time than there is, by a library that answers
/// in the system's place: only root could set the clock itself, and for all.
fn set_clock(scene: &mut Scene, at: &str) -> Result<(), CannotTry> {
    let (source, library) = (scene.folder.join("clock.c"), scene.folder.join("clock.so"));
    fs::write(&source, CLOCK).expect("a file");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).arg("-ldl");
    if !compiler.output().is_ok_and(|output| output.status.success()) {
        return Err(CannotTry("no C compiler makes a clock here".to_owned()));
    }
    scene.set("LD_PRELOAD", library.to_str().expect("text"));
    scene.set("CLOCK_AT", at);
    Ok(())
}

const CLOCK: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static int (*system_clock)(clockid_t, struct timespec *);
static time_t shift;

__attribute__((constructor)) static void begin(void) {
    struct timespec now;
    system_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *at = getenv("CLOCK_AT");
    if (at && system_clock(CLOCK_REALTIME, &now) == 0) shift = atoll(at) - now.tv_sec;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!system_clock) begin();
    int result = system_clock(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
"#;

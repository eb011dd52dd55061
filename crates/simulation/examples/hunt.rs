//! Plays schedules until one breaks a promise, and says which:
//! `cargo run -p dispatcher-simulation --example hunt -- SEED COUNT`.

use dispatcher_simulation::run;
use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).flat_map(|it| it.parse()).collect();
    let [seed, count] = numbers[..] else {
        eprintln!("from which seed on, and how many schedules? two whole numbers");
        return ExitCode::from(64);
    };
    let (next, found) = (AtomicU64::new(0), Mutex::new(None));
    let hunt = || {
        while let number @ 0.. = next.fetch_add(1, Relaxed)
            && number < count
        {
            if let Err(violation) = run(seed.wrapping_add(number)) {
                next.store(count, Relaxed);
                let mut found = found.lock().expect("nobody panics with it");
                found.get_or_insert(format!("schedule {}: {}", number + 1, violation.what));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(hunt);
        }
    });
    match found.into_inner().expect("nobody panics with it") {
        None => ExitCode::SUCCESS,
        Some(found) => {
            println!("{found}");
            ExitCode::FAILURE
        }
    }
}

//! Plays one schedule again and writes down its history:
//! `cargo run -p dispatcher-simulation --example replay -- 2425`.

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok());
    let Some(seed) = seed else {
        eprintln!("which seed? a whole number, as a violation tells it");
        std::process::exit(64);
    };
    match dispatcher_simulation::replay(seed) {
        Ok(report) => println!("no violation: {report:?}"),
        Err(violation) => println!("{violation}"),
    }
}

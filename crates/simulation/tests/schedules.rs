//! A few hundred schedules keep every promise; a seed repeats its schedule. Many
//! more: `cargo xtask chaos --campaign simulate`.

use dispatcher_simulation::{replay, run};

#[test]
fn schedules_keep_every_promise() {
    for seed in 0..300 {
        if let Err(violation) = run(seed) {
            panic!("{violation}");
        }
    }
}

#[test]
fn a_seed_repeats_its_schedule() {
    for seed in 0..20 {
        let [first, second] = [(); 2].map(|()| replay(seed).expect("no violation"));
        assert_eq!(format!("{first:?}"), format!("{second:?}"), "seed {seed}");
    }
}

#[test]
fn schedules_are_not_idle() {
    let reports = (0..50).map(|seed| run(seed).expect("no violation"));
    let (posts, crashes) = reports
        .fold((0, 0), |(posts, crashes), report| (posts + report.posts, crashes + report.crashes));
    assert!(posts > 100 && crashes > 10, "{posts} POSTs, {crashes} crashes");
}

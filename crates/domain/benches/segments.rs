//! How long it takes to count the segments of a text, beside the standard taken
//! word for word: `cargo bench -p dispatcher-domain`.

#[path = "../tests/segments/naive.rs"]
mod naive;

use dispatcher_domain::Segmentation;
use divan::{Bencher, black_box, counter::BytesCount};
use std::time::{Duration, Instant};

/// What people send, and the longest that a deployment can allow.
const TEXTS: [&str; 6] =
    ["code", "gsm7_160", "extension_160", "ucs2_70", "emoji_160", "gsm7_10000"];

fn text(name: &str) -> String {
    match name {
        "code" => "Your code is 481516. It is valid for five minutes.".to_owned(),
        "gsm7_160" => "Your order is on its way. ".repeat(7).chars().take(160).collect(),
        "extension_160" => "€5 [a] ".repeat(23).chars().take(160).collect(),
        "ucs2_70" => "Siparişiniz yola çıktı. ".repeat(3).chars().take(70).collect(),
        "emoji_160" => "👍🏽😀ab".repeat(32),
        _ => "Your order is on its way. ".repeat(400).chars().take(10_000).collect(),
    }
}

#[divan::bench(args = TEXTS)]
fn counted(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    bencher.counter(BytesCount::of_str(&text)).bench(|| Segmentation::of(black_box(&text)));
}

#[divan::bench(args = TEXTS)]
fn word_for_word(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    bencher.counter(BytesCount::of_str(&text)).bench(|| naive::count(black_box(&text)));
}

fn main() {
    divan::main();
    // Not when the tests run it once, to see that it runs.
    if std::env::args().any(|argument| argument == "--bench") {
        println!("\nmedian of 101, word for word : counted");
        TEXTS.into_iter().for_each(compare);
    }
}

/// Both in turn, so that a busy machine is unfair to neither.
fn compare(name: &str) {
    let text = text(name);
    let (mut ours, mut naive) = (Vec::new(), Vec::new());
    for _ in 0..101 {
        ours.push(time(|| Segmentation::of(black_box(&text))));
        naive.push(time(|| naive::count(black_box(&text))));
    }
    let (ours, naive) = (median(ours), median(naive));
    let ratio = naive.as_secs_f64() / ours.as_secs_f64();
    println!("{name:<14}{naive:>12.1?} : {ours:>8.1?} = {ratio:.1}");
}

/// One of 200 calls.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn time<T>(call: impl Fn() -> T) -> Duration {
    let begin = Instant::now();
    for _ in 0..200 {
        black_box(call());
    }
    begin.elapsed() / 200
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

//! Every target holds for its seeds, and for what dice make of them: a small
//! part of what `cargo xtask fuzz` does, on every machine and in every run.
//! `CAMPAIGN_COUNT` and `CAMPAIGN_SEED` make it larger, and the same again.

use dispatcher_fuzzing::TARGETS;
use dispatcher_testkit::chance::{Dice, campaign_count};
use std::{fs, panic, path::PathBuf};

/// Texts for each target, unless told.
const FEW: usize = 300;

#[test]
fn every_target_holds_for_its_seeds_and_their_mutations() {
    let mut dice = Dice::for_campaign("fuzzing");
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        let mutated = (0..campaign_count(FEW)).map(|_| mutated(&seeds, &mut dice));
        for bytes in seeds.iter().cloned().chain([Vec::new()]).chain(mutated) {
            let holds = panic::catch_unwind(|| target(&bytes)).is_ok();
            assert!(holds, "{name} does not hold for {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn every_target_has_a_program() {
    let folder = root().join("fuzz_targets");
    let mut programs: Vec<_> = fs::read_dir(folder)
        .expect("fuzz/fuzz_targets")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    programs.sort();
    assert_eq!(programs, TARGETS.map(|(name, _)| name));
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz"))
}

/// In the order of their names, so that a seed repeats a run.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("seeds").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} is gone", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no seeds");
    paths.iter().map(|path| fs::read(path).expect("a seed")).collect()
}

/// A seed with one to eight pieces taken out, doubled, changed or put in.
fn mutated(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(8) {
        let start = dice.below(bytes.len() + 1);
        let end = (start + dice.below(8)).min(bytes.len());
        let piece = match dice.below(5) {
            0 => Vec::new(),
            1 => bytes[start..end].repeat(1 + dice.below(40)),
            2 => vec![u8::try_from(dice.below(256)).expect("a byte")],
            3 => PIECES[dice.below(PIECES.len())].as_bytes().to_vec(),
            _ => {
                let other = &seeds[dice.below(seeds.len())];
                other[dice.below(other.len() + 1)..].to_vec()
            }
        };
        bytes.splice(start..end, piece);
    }
    bytes
}

/// What parsers are about.
const PIECES: [&str; 20] = [
    "\0",
    "\n",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    ":",
    "/",
    "@",
    "?",
    "#",
    "%",
    "%2",
    "=",
    "\u{feff}",
    "€",
    "😀",
    "\u{202e}",
    "-9223372036854775808",
];

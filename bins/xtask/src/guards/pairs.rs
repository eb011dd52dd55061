//! Two guards at a time: where one hides that the other is missing, both together must be seen.

use super::Options;
use super::bill::Bill;
use super::copy::Copy;
use super::guard::Guard;
use super::judge::{Judge, Verdict};
use super::singles::must_be_silent;
use super::table;

pub(crate) fn run(options: &Options, copy: &Copy, bill: &mut Bill) -> anyhow::Result<()> {
    let woven: Vec<&Guard> = table::all().filter(|guard| guard.place.is_woven()).collect();
    copy.with_switches(&woven)?;
    let judges = [
        Judge::simulation(copy, options.seed, options.count)?,
        Judge::tests(copy, "dispatcher-memory", Some("contract"), None)?,
        Judge::tests(copy, "dispatcher-app", None, None)?,
    ];
    must_be_silent(&judges)?;
    bill.begin("guard | and | noticed by | how");
    let paired: Vec<&Guard> = woven.into_iter().filter(|guard| guard.is_paired).collect();
    for guard in paired.iter().filter(|guard| options.names(guard)) {
        // For comparison: what it takes two of, and what one is enough for.
        let alone = judges[0].look(&[guard])?;
        println!("| {} | alone | {} | {alone} |", guard.name, judges[0].name);
    }
    for (number, one) in paired.iter().enumerate() {
        for other in &paired[number + 1..] {
            if [one, other].into_iter().any(|guard| options.names(guard)) {
                judge(&[one, other], &judges, bill)?;
            }
        }
    }
    Ok(())
}

fn judge(pair: &[&Guard; 2], judges: &[Judge], bill: &mut Bill) -> anyhow::Result<()> {
    let start = format!("{} | {}", pair[0].name, pair[1].name);
    for judge in judges {
        if let Verdict::Caught(how) = judge.look(pair)? {
            bill.note(&format!("{start} | {} | {how}", judge.name));
            return Ok(());
        }
    }
    bill.escaped(&format!("{start} | nobody | ESCAPED"));
    Ok(())
}

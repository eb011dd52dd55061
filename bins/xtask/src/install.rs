//! Installs missing services, where that is allowed.

use std::io::Write;
use std::process::Command;

use anyhow::{Context, bail};

use crate::cargo;
use crate::machine::{Machine, Plan, Service};

/// Installs what is missing, or fails with what to install by hand.
pub(crate) fn install(missing: &[Service]) -> anyhow::Result<()> {
    match Machine::look().plan(missing) {
        Plan::Install(commands) => run(&commands),
        Plan::Ask(commands) if agreed(&commands)? => run(&commands),
        Plan::Ask(_) | Plan::Tell => bail!(help(missing)),
    }
}

/// What to tell about services that are missing.
pub(crate) fn help(missing: &[Service]) -> String {
    let texts: Vec<&str> = missing.iter().map(|service| service.help()).collect();
    texts.join("\n\n")
}

fn agreed(commands: &[String]) -> anyhow::Result<bool> {
    println!("The tests need programs that are not installed. These commands install them:");
    for command in commands {
        println!("  {command}");
    }
    print!("Run them now? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn run(commands: &[String]) -> anyhow::Result<()> {
    for command in commands {
        let mut words = command.split_whitespace();
        let mut process = Command::new(words.next().context("an empty command")?);
        process.args(words);
        cargo::run_command(process)?;
    }
    Ok(())
}

//! `cargo xtask files`: checks what is not Rust, each kind by the tool that knows it.

mod checks;
mod tools;

use anyhow::bail;

/// Runs all checks, also after a failure, and says what each found.
pub(crate) fn run() -> anyhow::Result<()> {
    let tools = tools::install()?;
    let mut failed = Vec::new();
    for (name, check) in checks::ALL {
        match check(&tools) {
            Ok(()) => println!("{name}: ok"),
            Err(error) => {
                println!("{name}: {error:#}");
                failed.push(*name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("{} of {} kinds of files: {}", failed.len(), checks::ALL.len(), failed.join(", "));
    }
    Ok(())
}

//! `reconcile`: what the provider has, and the database does not know.

use crate::{
    Failure, sources, use_cases,
    wiring::{Adapters, NotReady},
};
use clap::Args;
use dispatcher_app::{Forgotten, ReconcileError, Reconciled};
use dispatcher_settings::Sources;
use dispatcher_wiring::exit;
use serde_json::json;
use std::io::Write;

/// Options of `reconcile`.
#[derive(Debug, Args)]
pub(crate) struct ReconcileOptions {
    /// Mark what was sent as sent, with the provider's id. Sending must be off.
    #[arg(long)]
    settle: bool,
    /// One JSON object for each message, and a last one with the totals.
    #[arg(long)]
    json: bool,
}

/// Compares, prints each message that was sent and then the totals.
pub(crate) async fn run(options: ReconcileOptions) -> Result<(), Failure> {
    let settings = sources::load(Sources::of_this_process())?;
    let adapters = Adapters::production(&settings)?;
    match adapters.check_schema().await {
        Ok(()) => {}
        Err(NotReady::Yet(error) | NotReady::EverByItself(error)) => {
            return Err(Failure::unavailable(error));
        }
    }
    let reconcile = use_cases::reconcile(&settings, &adapters);
    let print = |message: &Forgotten, settled| {
        let line = if options.json { object(message, settled) } else { text(message, settled) };
        say(&line);
    };
    let reconciled = reconcile.run(options.settle, print).await.map_err(failure)?;
    say(&if options.json { totals(&reconciled) } else { sentence(&reconciled) });
    verdict(&reconciled)
}

/// Nobody may be reading: the exit code counts all the same.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn text(message: &Forgotten, settled: bool) -> String {
    let Forgotten { id, status, key, witness, .. } = message;
    let (status, witness, key) = (status.as_str(), witness.as_str(), key.as_str());
    let now = if settled { ", now sent" } else { "" };
    format!("message {id} is {status} here and was sent ({witness} of {key}){now}")
}

fn object(message: &Forgotten, settled: bool) -> String {
    let id = message.provider_message_id.as_ref().map(|id| id.as_str());
    json!({
        "id": message.id.0,
        "status": message.status.as_str(),
        "idempotency_key": message.key.as_str(),
        "witness": message.witness.as_str(),
        "message_id": id,
        "settled": settled,
    })
    .to_string()
}

fn sentence(reconciled: &Reconciled) -> String {
    let Reconciled { looked_at, forgotten, settled, unanswered } = reconciled;
    let mut text = format!(
        "{looked_at} messages are not sent here; {forgotten} of them were sent all the same"
    );
    if *settled > 0 {
        text += &format!("; {settled} are marked as sent now");
    }
    if *unanswered > 0 {
        text += &format!("; of {unanswered} nothing is known: the provider did not answer");
    }
    if forgotten > settled {
        text += "; --settle marks them as sent";
    }
    text
}

fn totals(reconciled: &Reconciled) -> String {
    // Taken apart, so that a new field cannot be forgotten here.
    let Reconciled { looked_at, forgotten, settled, unanswered } = reconciled;
    json!({
        "looked_at": looked_at,
        "forgotten": forgotten,
        "settled": settled,
        "unanswered": unanswered,
    })
    .to_string()
}

fn failure(error: ReconcileError) -> Failure {
    match error {
        ReconcileError::NoWitness => Failure::usage(error),
        ReconcileError::Running | ReconcileError::Cache(_) | ReconcileError::Store(_) => {
            Failure::unavailable(error)
        }
    }
}

/// A script must not go on to start sending.
fn verdict(reconciled: &Reconciled) -> Result<(), Failure> {
    let left = reconciled.forgotten - reconciled.settled;
    if left == 0 && reconciled.unanswered == 0 {
        return Ok(());
    }
    let error = anyhow::anyhow!("sending would send {left} of them twice, as far as is known");
    Err(Failure { code: exit::IN_DOUBT, error })
}

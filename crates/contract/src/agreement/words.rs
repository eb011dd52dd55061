//! From the words of an operation to those of the domain, and back.

use super::operation::{Command, Outcome, Settling, Signal};
use dispatcher_domain::{
    BreakerPolicy, Completion, Effect, IdempotencyKey, InDoubt, LeaseToken, OperatorCommand, Proof,
    ProviderMessageId, ProviderSignal, Resolution, RetryPolicy, SendOutcome, StatusReason,
    UnknownCause, ports::Decided,
};
use std::time::Duration;
use uuid::Uuid;

pub(super) fn seconds(seconds: u16) -> Duration {
    Duration::from_secs(seconds.into())
}

pub(super) fn epoch(key: &IdempotencyKey) -> String {
    // What comes before it is the row's own.
    key.as_str().chars().skip(Uuid::nil().to_string().len() + 1).collect()
}

pub(super) fn told(decided: Decided) -> String {
    match decided {
        Decided::NotFound => "not found".to_owned(),
        Decided::Refused(refusal) => format!("refused: {refusal}"),
        Decided::Done(decision) => format!(
            "{} -> {} changed {} maybe sent {} epoch {}",
            decision.was,
            decision.status,
            decision.changed,
            decision.maybe_sent,
            epoch(&decision.key)
        ),
    }
}

pub(super) fn completion(outcome: Outcome, signal: Signal) -> Completion {
    let id = || ProviderMessageId::parse("provider-1");
    let outcome = match outcome {
        Outcome::Accepted => SendOutcome::Accepted { provider_message_id: id(), http_status: 200 },
        Outcome::Unnamed => SendOutcome::Accepted { provider_message_id: None, http_status: 202 },
        Outcome::NotSent => SendOutcome::NotSent {
            reason: "provider_503".to_owned(),
            http_status: Some(503),
            retry_after: None,
        },
        Outcome::Unreachable => SendOutcome::NotSent {
            reason: "connect_refused".to_owned(),
            http_status: None,
            retry_after: None,
        },
        Outcome::RateLimited => SendOutcome::RateLimited {
            http_status: 429,
            retry_after: Some(Duration::from_secs(45)),
        },
        Outcome::Refused => SendOutcome::Refused { http_status: 422 },
        Outcome::Misconfigured => SendOutcome::Misconfigured { http_status: 401 },
        Outcome::Unknown => {
            SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None }
        }
    };
    let policy = BreakerPolicy::default();
    let reason = StatusReason::for_outcome(&outcome);
    let signal = match signal {
        Signal::Alive => ProviderSignal::Alive,
        Signal::Silent => ProviderSignal::Silent,
        Signal::Failing => ProviderSignal::Failing { reason, policy },
        Signal::SlowDown { seconds: wait } => ProviderSignal::SlowDown { wait: seconds(wait) },
        Signal::Trip => ProviderSignal::Trip { reason, policy },
    };
    // No jitter: a draw of zero.
    let effect = Effect::of(&outcome, 1, &RetryPolicy::default(), 0.0);
    Completion { outcome, effect, signal }
}

pub(super) fn settling(doubt: &InDoubt, settling: Settling) -> Resolution {
    let provider_message_id = ProviderMessageId::parse("provider-2");
    match settling {
        Settling::ByReceipt { right } => {
            let token = if right {
                doubt.attempts.last().map(|attempt| attempt.token)
            } else {
                Some(LeaseToken(Uuid::max()))
            };
            let token = token.unwrap_or(LeaseToken(Uuid::nil()));
            let proof = Proof::Receipt { attempt: doubt.attempt, token };
            Resolution::Sent { proof, provider_message_id }
        }
        Settling::ByLookUp => Resolution::Sent { proof: Proof::LookUp, provider_message_id },
        Settling::Resend { after, within } => Resolution::Resend {
            after: seconds(after),
            until: within.map(|within| doubt.now + seconds(within)),
        },
        Settling::Fail => Resolution::Fail,
        Settling::Wait { finding } => {
            Resolution::Wait { finding: finding.then(|| StatusReason::of("look_up_failed")) }
        }
    }
}

pub(super) fn wanted(command: Command) -> OperatorCommand {
    match command {
        Command::Cancel => OperatorCommand::Cancel,
        Command::Requeue { force } => OperatorCommand::Requeue { force },
        Command::ResolveSent { named } => OperatorCommand::ResolveSent {
            provider_message_id: named.then(|| ProviderMessageId::parse("by-hand")).flatten(),
        },
        Command::ResolveNotSent => OperatorCommand::ResolveNotSent,
    }
}

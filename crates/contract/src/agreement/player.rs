//! Operations, played on a store; and what was seen.

use super::{
    operation::Operation,
    words::{completion, seconds, settling, told, wanted},
};
use crate::message_store::Fixture;
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, ClaimedMessage, DispatchPolicy, InDoubt, InstanceName,
    LeaseToken, MessageBody, MessageId, MessageLimits, NewMessage, OperatorRequest, Ordering,
    PhoneNumber, Priority, ProbeBackoff, Status, Terms,
};
use jiff::{SignedDuration, Timestamp};
use std::{num::NonZeroU32, time::Duration};
use uuid::Uuid;

const RECIPIENTS: [&str; 3] = ["+905551234567", "+90 555 123 45 67", "+905557654321"];
const LEASE: Duration = Duration::from_secs(60);
const KEY_WINDOW: Duration = Duration::from_secs(600);
const BACKOFF: ProbeBackoff =
    ProbeBackoff { base: Duration::from_secs(30), cap: Duration::from_secs(100) };

/// The rows are looked at after so many operations, and at the end.
const LOOK_EVERY: usize = 10;

/// Plays `operations` on a fresh store; one line for each answer and for what
/// each left behind. Ids are told as the order in which messages came, times as
/// seconds since the start: what differs between stores by right is left out.
pub async fn transcript(store: &dyn Fixture, operations: &[Operation]) -> Vec<String> {
    let start = store.control().snapshot().await.expect("the store answers").now;
    let mut player = Player {
        store,
        start,
        ids: Vec::new(),
        gone: 0,
        sends: Vec::new(),
        claims: Vec::new(),
        doubts: Vec::new(),
        lines: Vec::new(),
    };
    for (count, operation) in (1..).zip(operations) {
        let answer = player.play(operation).await;
        player.lines.push(format!("{operation:?} => {answer}"));
        let now = player.look_at_control().await;
        // Not each time: it is by far the dearest, and rows keep what went wrong.
        if count % LOOK_EVERY == 0 || count == operations.len() {
            player.look_at_messages(now).await;
        }
    }
    player.look_at_lists().await;
    player.lines
}

pub(super) struct Player<'a> {
    pub(super) store: &'a dyn Fixture,
    pub(super) start: Timestamp,
    ids: Vec<MessageId>,
    /// So many of the first went when the table was emptied.
    gone: usize,
    /// With the names of their messages: ids may be given again.
    sends: Vec<(String, ClaimedMessage)>,
    claims: Vec<LeaseToken>,
    doubts: Vec<(String, InDoubt)>,
    pub(super) lines: Vec<String>,
}

/// Nothing to do it to: there is no such message, send or claim yet.
const NOTHING: &str = "nothing";

fn pick<T: Clone>(from: &[T], by: u8) -> Option<T> {
    from.get(usize::from(by).checked_rem(from.len())?).cloned()
}

impl Player<'_> {
    async fn play(&mut self, operation: &Operation) -> String {
        match *operation {
            Operation::Enqueue { recipient } => self.enqueue(recipient, Terms::default()).await,
            Operation::EnqueueOnTerms { recipient, due_in, expires_in, priority } => {
                let now = self.now().await;
                let at = |seconds: i16| now + SignedDuration::from_secs(seconds.into());
                let terms = Terms {
                    not_before: due_in.map(at),
                    expires_at: expires_in.map(at),
                    priority: Priority::stored(priority),
                };
                self.enqueue(recipient, terms).await
            }
            Operation::InsertBySql { recipient, valid } => {
                // When a bad row behind another to the same number is found, is
                // a store's own affair: each has a number of its own.
                let own = format!("+9055599{:05}", self.ids.len());
                let (number, content) = if valid {
                    (RECIPIENTS[usize::from(recipient)], "by SQL")
                } else {
                    (&*own, "")
                };
                let id = self.store.insert_unchecked(number, content).await;
                self.ids.push(id);
                self.name(id)
            }
            Operation::Prioritize { message, priority } => {
                let Some(id) = self.queued(message).await else { return NOTHING.to_owned() };
                self.store.set_priority(id, priority).await;
                self.name(id)
            }
            Operation::Schedule { message, seconds: after } => {
                let Some(id) = self.queued(message).await else { return NOTHING.to_owned() };
                self.store.schedule(id, seconds(after)).await;
                self.name(id)
            }
            Operation::LetExpire { message, seconds } => {
                let Some(id) = self.queued(message).await else { return NOTHING.to_owned() };
                self.store.let_expire(id, SignedDuration::from_secs(seconds.into())).await;
                self.name(id)
            }
            Operation::Rewrite { message, recipient } => {
                let Some(id) = self.queued(message).await else { return NOTHING.to_owned() };
                let number = RECIPIENTS[usize::from(recipient)];
                self.store.rewrite(id, number, "written anew €").await;
                self.name(id)
            }
            Operation::WriteSent { message, sent } => self.write_sent(message, sent).await,
            Operation::Empty { really } => {
                if really {
                    self.store.empty().await;
                    self.gone = self.ids.len();
                }
                String::new()
            }
            Operation::Sweep { limit } => {
                let expired = self.store.messages().expire_overdue(limit).await;
                format!("{:?}", self.names(&expired.expect("the store answers")))
            }
            Operation::Claim { want } => self.claim(want).await,
            Operation::Record { send, outcome, signal } => {
                let Some((name, send)) = pick(&self.sends, send) else {
                    return NOTHING.to_owned();
                };
                let completion = completion(outcome, signal);
                let recorded =
                    self.store.messages().record_outcome(send.id, &send.lease, &completion).await;
                format!("{name} {:?}", recorded.expect("the store answers"))
            }
            Operation::Release { send } => {
                let Some((name, send)) = pick(&self.sends, send) else {
                    return NOTHING.to_owned();
                };
                let ours = self.store.messages().release(send.id, &send.lease).await;
                format!("{name} {}", ours.expect("the store answers"))
            }
            Operation::ReleaseClaim { claim } => {
                let Some(token) = pick(&self.claims, claim) else { return NOTHING.to_owned() };
                let freed = self.store.messages().release_claim(token).await;
                freed.expect("the store answers").to_string()
            }
            Operation::Rescue { grace, limit } => {
                let rescued = self.store.messages().rescue_expired(seconds(grace), limit).await;
                let rescued = rescued.expect("the store answers");
                let mut names: Vec<_> =
                    rescued.iter().map(|one| (self.name(one.id), one.attempt)).collect();
                names.sort();
                format!("{names:?}")
            }
            Operation::TakeInDoubt { limit } => self.take_in_doubt(limit).await,
            Operation::Settle { doubt, resolution } => {
                let Some((name, doubt)) = pick(&self.doubts, doubt) else {
                    return NOTHING.to_owned();
                };
                let resolution = settling(&doubt, resolution);
                let settled = self.store.doubts().settle(&doubt, &resolution).await;
                format!("{name} {}", settled.expect("the store answers"))
            }
            Operation::Switch { enabled } => {
                let was = self.store.control().set_enabled(enabled).await;
                was.expect("the store answers").to_string()
            }
            Operation::Install { batch, period, ordering } => {
                let orderings = [Ordering::Strict, Ordering::Recipient, Ordering::None];
                let policy = DispatchPolicy {
                    batch_size: NonZeroU32::new(batch).expect("not zero"),
                    period: seconds(period),
                    ordering: orderings[usize::from(ordering)],
                };
                self.store.control().install_policy(policy).await.expect("the store answers");
                String::new()
            }
            Operation::Decide { message, command, seen_attempt } => {
                let Some(id) = pick(self.ids(), message) else { return NOTHING.to_owned() };
                let request = OperatorRequest { command: wanted(command), seen_attempt };
                let decided = self.store.operators().decide(id, &request, KEY_WINDOW).await;
                format!("{} {}", self.name(id), told(decided.expect("the store answers")))
            }
            Operation::Advance { seconds } => {
                self.store.advance(SignedDuration::from_secs(seconds)).await;
                String::new()
            }
        }
    }

    /// A store may go by the system's clock when it queues by SQL what had an
    /// end, and not by the one that is moved here.
    async fn write_sent(&self, message: u8, sent: Option<bool>) -> String {
        let Some(id) = pick(self.ids(), message) else { return NOTHING.to_owned() };
        let record = self.store.archive().find(id).await.expect("the store answers");
        let ends = record.expect("no message is ever lost").message.expires_at.is_some();
        if ends && sent == Some(false) {
            return NOTHING.to_owned();
        }
        let taken = self.store.write_sent(id, sent).await;
        format!("{} {taken}", self.name(id))
    }

    async fn now(&self) -> Timestamp {
        self.store.control().snapshot().await.expect("the store answers").now
    }

    async fn enqueue(&mut self, recipient: u8, terms: Terms) -> String {
        let message = NewMessage {
            phone_number: PhoneNumber::parse(RECIPIENTS[usize::from(recipient)]).expect("a number"),
            body: MessageBody::parse("hello", &MessageLimits::default()).expect("a text"),
        };
        let enqueued = self.store.messages().enqueue(&message, &terms).await;
        let enqueued = enqueued.expect("the store answers");
        self.ids.push(enqueued.id);
        let at = self.since_start(Some(enqueued.created_at));
        format!("{} {} {at}", self.name(enqueued.id), enqueued.status)
    }

    async fn claim(&mut self, want: u32) -> String {
        // Of its own for each claim, and the same in each store.
        let token = LeaseToken(Uuid::from_u128(self.claims.len() as u128 + 1));
        let request = ClaimRequest {
            want,
            token,
            lease: LEASE,
            instance: InstanceName::new("agreement"),
            limits: MessageLimits::default(),
        };
        let claim = self.store.messages().claim_due(&request).await.expect("the store answers");
        self.claims.push(token);
        let Claim { result, rejected, expired, alarms } = claim;
        let rejected: Vec<_> =
            rejected.iter().map(|row| (self.name(row.id), row.reason.as_str())).collect();
        let result = match result {
            ClaimResult::Started(messages) => {
                let names: Vec<_> = messages
                    .iter()
                    .map(|one| {
                        let lease = &one.lease;
                        let name = self.name(one.id);
                        format!("{name}#{}{}", lease.attempt, if lease.paced { "p" } else { "" })
                    })
                    .collect();
                let named = messages.into_iter().map(|one| (self.name(one.id), one));
                let named: Vec<_> = named.collect();
                self.sends.extend(named);
                format!("started {names:?}")
            }
            other => format!("{other:?}"),
        };
        let expired = self.names(&expired);
        format!("{result}, rejected {rejected:?}, expired {expired:?}, {alarms:?}")
    }

    async fn take_in_doubt(&mut self, limit: u32) -> String {
        let taken = self.store.doubts().take_in_doubt(limit, &BACKOFF).await;
        let mut names = Vec::new();
        for doubt in taken.expect("the store answers") {
            let attempts: Vec<_> = doubt
                .attempts
                .iter()
                .map(|one| (one.attempt, one.token, self.since_start(Some(one.started_at))))
                .collect();
            names.push(format!(
                "{} epoch {} attempt {} tries {} since {} {} {attempts:?}",
                self.name(doubt.id),
                doubt.key_epoch,
                doubt.attempt,
                doubt.tries_used,
                self.since_start(doubt.key_used_since),
                doubt.reason.as_str()
            ));
            self.doubts.push((self.name(doubt.id), doubt));
        }
        format!("{names:?}")
    }

    /// What programs may set is set on queued rows only.
    async fn queued(&self, by: u8) -> Option<MessageId> {
        let id = pick(self.ids(), by)?;
        (self.store.row(id).await.status == Status::Queued).then_some(id)
    }

    fn names(&self, ids: &[MessageId]) -> Vec<String> {
        let mut names: Vec<_> = ids.iter().map(|id| self.name(*id)).collect();
        names.sort();
        names
    }

    pub(super) fn name(&self, id: MessageId) -> String {
        let place = self.ids().iter().position(|known| *known == id);
        let named = place.map(|place| format!("m{}", self.gone + place));
        named.unwrap_or_else(|| "a message of nobody".to_owned())
    }

    /// Those that are there.
    pub(super) fn ids(&self) -> &[MessageId] {
        &self.ids[self.gone..]
    }
}

//! What an operation has left behind, told so that stores can be compared.

use super::{player::Player, words::epoch};
use dispatcher_domain::{Status, ports::MessageSummary};
use jiff::Timestamp;

impl Player<'_> {
    pub(super) async fn look_at_control(&mut self) -> Timestamp {
        let snapshot = self.store.control().snapshot().await.expect("the store answers");
        let state = snapshot.state;
        let open = state.breaker.open.as_ref().map(|open| {
            let probe = open.probe.map(|probe| (probe.token, self.since_start(Some(probe.until))));
            let until = self.since_start(Some(open.until));
            format!("{until} {} {} {probe:?}", open.openings, open.reason.as_str())
        });
        let busy =
            state.busy.map(|busy| (busy.token, self.since_start(Some(busy.until)), busy.lease));
        let line = format!(
            "  control {} {:?} left {} tick {} busy {busy:?} throttled {} open {open:?} failures {} \
             in flight {}",
            state.enabled,
            state.policy,
            state.quota_left,
            self.since_start(Some(state.next_tick_at.max(self.start))),
            self.since_start(state.throttled_until),
            state.breaker.failures,
            snapshot.in_flight
        );
        self.lines.push(line);
        snapshot.now
    }

    /// A wait that is over is as good as none.
    pub(super) async fn look_at_messages(&mut self, now: Timestamp) {
        for id in self.ids().to_vec() {
            let record = self.store.archive().find(id).await.expect("the store answers");
            let record = record.expect("no message is ever lost");
            let (message, row) = (&record.message, self.store.row(id).await);
            let attempts: Vec<_> = record
                .attempts
                .iter()
                .map(|one| {
                    let (started, finished) =
                        (self.since_start(Some(one.started_at)), self.since_start(one.finished_at));
                    let (outcome, reason) = (one.outcome.as_deref(), one.reason.as_deref());
                    let (epoch, http) = (epoch(&one.key), one.http_status);
                    format!(
                        "{}/{epoch} {started}..{finished} {outcome:?} {reason:?} {http:?}",
                        one.attempt
                    )
                })
                .collect();
            self.lines.push(format!(
                "  {} {} {:?} created {} due {} ends {} at {} sent {} as {:?} unknown {} attempt {} epoch {} tries {} \
                 legacy {:?} text {:?} {:?} to {:?} {attempts:?}",
                self.name(id),
                message.status,
                message.status_reason,
                self.since_start(Some(message.created_at)),
                self.since_start(message.not_before.filter(|due| *due > now)),
                self.since_start(message.expires_at),
                message.priority,
                self.sent_at(message),
                message.provider_message_id,
                message.unknown_outcomes,
                message.attempt,
                epoch(&message.key),
                row.tries_used,
                row.legacy_sent,
                row.encoding,
                row.segments,
                row.phone_e164
            ));
        }
    }

    pub(super) async fn look_at_lists(&mut self) {
        let archive = self.store.archive();
        for status in Status::ALL {
            let listed = archive.list(status, None, 1000).await.expect("the store answers");
            let names: Vec<_> = listed.iter().map(|one| self.name(one.id)).collect();
            self.lines.push(format!("{status}: {names:?}"));
        }
        let sent = archive.sent_after(None, 1000).await.expect("the store answers");
        let names: Vec<_> = sent.iter().map(|one| self.name(one.id)).collect();
        let count = archive.count_sent().await.expect("the store answers");
        self.lines.push(format!("list of sent: {names:?}, in all {count}"));
        self.look_at_pages().await;
        let depth = self.store.stats().queue_depth().await.expect("the store answers");
        let counts = depth.by_status().map(|(_, count)| count);
        let due_for = depth.oldest_due.map(|age| age.as_secs());
        self.lines.push(format!("{counts:?}, {} due for {due_for:?} s", depth.due));
    }

    /// Page by page the lists are the same.
    async fn look_at_pages(&mut self) {
        const PAGE: u32 = 2;
        let archive = self.store.archive();
        let (mut sent, mut queued) = (Vec::new(), Vec::new());
        let mut place = None;
        loop {
            let page = archive.sent_after(place, PAGE).await.expect("the store answers");
            let Some(last) = page.last() else { break };
            place = Some(last.cursor());
            sent.extend(page.iter().map(|one| self.name(one.id)));
        }
        place = None;
        loop {
            let page = archive.list(Status::Queued, place, PAGE).await.expect("the store answers");
            let Some(last) = page.last() else { break };
            place = Some(last.cursor());
            queued.extend(page.iter().map(|one| self.name(one.id)));
        }
        self.lines.push(format!("by pages: sent {sent:?}, queued {queued:?}"));
    }

    /// By whose clock a mark was dated is a store's own affair.
    fn sent_at(&self, message: &MessageSummary) -> String {
        match message.status_reason.as_deref() {
            Some("marked_by_sql") => "by SQL".to_owned(),
            _ => self.since_start(message.sent_at),
        }
    }

    pub(super) fn since_start(&self, time: Option<Timestamp>) -> String {
        time.map_or_else(
            || "-".to_owned(),
            // Some columns are as fine as a millisecond, and that is enough.
            |time| format!("{:.2}", time.duration_since(self.start).as_secs_f64() + 0.001),
        )
    }
}

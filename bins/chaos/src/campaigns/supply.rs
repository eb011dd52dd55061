//! Enough to send, for as long as a campaign takes.

use crate::limit::within;
use dispatcher_stage::{LIMIT, Stage, fleet::Fleet, store::Store};

/// Stores messages as they are sent.
pub(crate) struct Supply {
    /// More than are sent before something befalls the replicas.
    queued: i64,
    /// As many at once.
    more: i32,
    /// To so many recipients.
    recipients: i32,
    /// So many were stored.
    stored: i32,
}

impl Supply {
    /// Nothing yet.
    pub(crate) fn of(queued: i64, more: i32, recipients: i32) -> Self {
        Self { queued, more, recipients, stored: 0 }
    }

    /// How many were stored.
    pub(crate) fn stored(&self) -> usize {
        usize::try_from(self.stored).expect("not negative")
    }

    /// Stores more when few are queued.
    pub(crate) async fn top_up<S: Store>(&mut self, stage: &Stage<S>) {
        if stage.count("queued").await < self.queued {
            stage.insert_to(self.stored + 1, self.more, self.recipients).await;
            self.stored += self.more;
        }
    }

    /// Nobody is left behind by what befell them: the names of those that start no
    /// send any more, while there is enough to send.
    pub(crate) async fn each_goes_on<S: Store>(
        &mut self,
        stage: &Stage<S>,
        fleet: &Fleet,
    ) -> Option<String> {
        let mut idle = Vec::new();
        for name in fleet.names() {
            idle.push((name, stage.starts_of(name).await));
        }
        let all_go_on = within(LIMIT, async {
            while let Some((name, before)) = idle.last() {
                self.top_up(stage).await;
                if stage.starts_of(name).await > *before {
                    idle.pop();
                }
            }
        });
        (!all_go_on.await).then(|| format!("in the end these start no send: {idle:?}"))
    }
}

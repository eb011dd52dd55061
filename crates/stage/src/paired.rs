//! Two database servers of a stage's own, one of which follows the other and
//! takes its place.

use super::{crashable::Reconnecting, migrate, store::Store};
use dispatcher_testkit::PostgresPair;

/// A primary and its synchronous standby; replicas and the stage know both.
pub struct Paired {
    pub pair: PostgresPair,
    sql: Reconnecting,
}

impl Store for Paired {
    type Sql = Reconnecting;
    const PROCESSES: usize = usize::MAX;
    const KILLS: usize = usize::MAX;

    async fn make() -> Self {
        let pair = PostgresPair::start().await.expect("two database servers");
        migrate(pair.primary().clone()).await.expect("the migrations");
        let sql = Reconnecting::to(pair.url());
        Self { pair, sql }
    }

    fn sql(&self) -> &Self::Sql {
        &self.sql
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("DATABASE_URL", self.pair.url())]
    }
}

impl Paired {
    /// The primary dies, and the standby takes its place. The order matters: as
    /// long as the primary lives there would be two.
    pub async fn fail_over(&self) {
        self.pair.kill_primary().await.expect("the primary dies");
        self.pair.promote().await.expect("the standby is promoted");
    }

    /// The dead server comes back as the standby of the other one.
    pub async fn rebuild(&self) {
        self.pair.rebuild().await.expect("a new standby");
    }

    /// What an administrator does who must not: COMMITs that wait for the
    /// standby wait no longer. How many there were.
    pub async fn cancel_waits(&self) -> usize {
        self.pair.cancel_waits().await.expect("the primary lives")
    }
}

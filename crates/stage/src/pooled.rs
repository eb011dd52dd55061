//! A stage whose replicas reach their database through PgBouncer.

use super::{Replica, Stage, environment, fleet::Fleet};
use dispatcher_mock_provider::Config;
use dispatcher_testkit::TestPgBouncer;

/// A stage with a pooler in transaction mode. Its own `sql` and the tests'
/// writing go past the pooler.
pub struct PooledStage {
    pub stage: Stage,
    pub pooler: TestPgBouncer,
}

impl PooledStage {
    /// With a provider that behaves as `config` says.
    pub async fn set(config: Config) -> Self {
        let stage = Stage::set(config).await;
        let pooler = TestPgBouncer::start(stage.database.parts()).await.expect("a pooler");
        Self { stage, pooler }
    }

    /// The environment of a replica behind the pooler.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.pooler.parts(), &self.stage.provider.send_url())
    }

    /// A replica with these settings beside the usual ones, listening.
    pub async fn replica(&self, settings: &[(&str, &str)]) -> Replica {
        Replica::start(self.environment(), settings).await
    }

    /// So many replicas with these settings.
    pub async fn fleet(&self, size: usize, settings: &[(&'static str, &'static str)]) -> Fleet {
        Fleet::start_in(self.environment(), size, settings).await
    }
}

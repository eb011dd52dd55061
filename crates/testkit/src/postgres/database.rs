//! A database of its own for each test.

use std::sync::mpsc;
use std::time::Duration;

use tokio_postgres::Client;

use super::shared::{TestPostgres, connect};
use super::{PostgresParts, template};

/// A cleaning up that takes longer is left alone: it must not hold up the tests.
const DROP_LIMIT: Duration = Duration::from_secs(10);

/// A fresh database on the shared server, removed when this is dropped.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use dispatcher_testkit::TestDatabase;
///
/// let database = TestDatabase::create().await?;
/// let client = database.client().await?;
/// client.batch_execute("CREATE TABLE parcels (id bigint)").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestDatabase {
    parts: PostgresParts,
    admin: PostgresParts,
}

impl TestDatabase {
    /// Creates an empty database.
    ///
    /// # Errors
    ///
    /// When there is no server (the error says what to install), or it refuses.
    pub async fn create() -> anyhow::Result<Self> {
        let admin = TestPostgres::shared().await?.parts();
        Self::copy(admin, "template0").await
    }

    /// Creates a copy of the database that `setup` once prepared: copying takes a fraction of the time that
    /// migrating does. The first caller of a run creates the template, the others wait for it.
    ///
    /// `name` must change when what `setup` does changes, or a server that outlives the run gives out an
    /// old one: see [`template_name`](super::template_name). `setup` must close its connections.
    ///
    /// # Errors
    ///
    /// As [`TestDatabase::create`]; when `setup` fails (the next caller tries again); when `name` has other
    /// characters than `a-z`, `0-9` and `_`, or more than 50 of them.
    pub async fn from_template<Setup>(
        name: &str,
        setup: impl FnOnce(PostgresParts) -> Setup,
    ) -> anyhow::Result<Self>
    where
        Setup: Future<Output = anyhow::Result<()>>,
    {
        let admin = TestPostgres::shared().await?.parts();
        let template = template::ensure(admin, name, setup).await?;
        Self::copy(admin, &template).await
    }

    async fn copy(admin: &PostgresParts, template: &str) -> anyhow::Result<Self> {
        let dbname = format!("test_{}", uuid::Uuid::new_v4().simple());
        let client = connect(admin).await?;
        let create = format!("CREATE DATABASE {dbname} TEMPLATE {template}");
        client.batch_execute(&create).await?;
        Ok(Self { parts: admin.with_dbname(&dbname), admin: admin.clone() })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.parts.url()
    }

    /// The same in pieces.
    pub fn parts(&self) -> &PostgresParts {
        &self.parts
    }

    /// A new connection, driven by a task of the current runtime.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub async fn client(&self) -> anyhow::Result<Client> {
        connect(&self.parts).await
    }
}

impl Drop for TestDatabase {
    /// Removes the database, best effort, on a thread of its own: the runtime of the test may be the one we
    /// are dropped on, and may be ending.
    fn drop(&mut self) {
        let (admin, dbname) = (self.admin.clone(), self.parts.dbname.clone());
        let (done, wait) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            let _ = remove(&admin, &dbname);
            drop(done);
        });
        // Ends with an error in any case: nothing is ever sent.
        let _ = wait.recv_timeout(DROP_LIMIT);
    }
}

fn remove(admin: &PostgresParts, dbname: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = connect(admin).await?;
        // FORCE: pools of the test may still be closing.
        client.batch_execute(&format!("DROP DATABASE {dbname} WITH (FORCE)")).await?;
        Ok(())
    })
}

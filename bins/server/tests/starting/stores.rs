//! The stores that a scene may have, and how they are made wrong.

use crate::scene::Scene;
use dispatcher_sqlite::{SqliteConfig, migrations};
use dispatcher_stage::{LIMIT, migrate, migrated};
use dispatcher_testkit::{PrivatePostgres, TestDatabase, postgres::PostgresParts};
use rusqlite::Connection;
use std::{fs, path::PathBuf};
use tokio_postgres::{Client, NoTls};

const MESSAGES: &str = "INSERT INTO messages (phone_number, content) VALUES \
    ('+905550000001', 'message 1'), ('+905550000002', 'message 2'), ('+905550000003', 'message 3')";

/// On PostgreSQL.
impl Scene {
    /// A database of PostgreSQL with all tables and three messages.
    pub(crate) async fn on_postgres() -> Self {
        let database = migrated().await;
        let client = database.client().await.expect("a client");
        client.batch_execute(MESSAGES).await.expect("messages");
        Self::over(database, client).await
    }

    /// The same without a table.
    pub(crate) async fn on_empty_postgres() -> Self {
        let database = TestDatabase::create().await.expect("a database");
        let client = database.client().await.expect("a client");
        Self::over(database, client).await
    }

    async fn over(database: TestDatabase, client: Client) -> Self {
        let mut scene = Self::bare().await;
        scene.set_database(database.parts());
        scene.keep_secret(&database.parts().password);
        scene.postgres = Some((database.parts().clone(), client));
        scene.keep(database);
        scene
    }

    /// A standby of PostgreSQL, with all tables and three messages, that can be
    /// promoted.
    pub(crate) async fn on_standby() -> Self {
        let server = PrivatePostgres::start_durable().await.expect("a server");
        migrate(server.parts().clone()).await.expect("the migrations");
        let client = connect(&server).await;
        client.batch_execute(MESSAGES).await.expect("messages");
        let row = client.query_one("SHOW data_directory", &[]).await.expect("a folder");
        let folder = PathBuf::from(row.get::<_, String>(0));
        server.stop_immediate().await.expect("it stops");
        fs::write(folder.join("standby.signal"), "").expect("a file");
        server.start_again().await.expect("it starts as a standby");
        let mut scene = Self::bare().await;
        scene.set_database(server.parts());
        scene.keep_secret(&server.parts().password);
        scene.postgres = Some((server.parts().clone(), connect(&server).await));
        scene.keep(server);
        scene
    }

    /// Names another database, user or password.
    pub(crate) fn set_database(&mut self, parts: &PostgresParts) {
        self.set("DATABASE_URL", parts.url());
    }

    /// Names a server of PostgreSQL on this port.
    pub(crate) fn set_database_port(&mut self, port: u16) {
        self.set("DATABASE_URL", format!("postgres://me:hush-hush@127.0.0.1:{port}/queue"));
        self.keep_secret("hush-hush");
    }

    /// Where the database of PostgreSQL is, and who enters as its owner.
    pub(crate) fn parts(&self) -> PostgresParts {
        self.postgres().0.clone()
    }

    /// Changes the database of PostgreSQL.
    pub(crate) async fn sql(&self, statements: &str) {
        self.postgres().1.batch_execute(statements).await.expect("it is changed");
    }

    fn postgres(&self) -> &(PostgresParts, Client) {
        self.postgres.as_ref().expect("a scene on PostgreSQL")
    }

    /// A role of this scene alone that may log in, with no rights but those of
    /// everybody.
    pub(crate) async fn role(&mut self) -> PostgresParts {
        let parts = self.parts();
        let user = parts.dbname.replace("test_", "role_");
        let password = "hush-hush".to_owned();
        self.sql(&format!("CREATE ROLE {user} LOGIN PASSWORD '{password}'")).await;
        self.keep_secret(&password);
        let parts = PostgresParts { user, password, ..parts };
        self.set_database(&parts);
        parts
    }
}

/// On a SQLite file.
impl Scene {
    /// A SQLite file with all tables and three messages.
    pub(crate) async fn on_file() -> Self {
        let mut scene = Self::bare().await;
        scene.migrate_file("messages.db").await;
        scene
    }

    /// Makes this file of the folder the database, as it is.
    pub(crate) fn use_file(&mut self, name: &str) {
        let url = dispatcher_settings::sqlite_url(&self.folder.join(name)).expect("a URL");
        self.set("DATABASE_URL", url);
    }

    /// Makes this file, with all tables and three messages, and uses it.
    pub(crate) async fn migrate_file(&mut self, name: &str) {
        self.use_file(name);
        let path = self.folder.join(name);
        migrations::migrate(&SqliteConfig::new(&path), LIMIT).await.expect("the migrations");
        self.in_file(name, MESSAGES);
    }

    /// Changes a SQLite file.
    pub(crate) fn in_file(&self, name: &str, statements: &str) {
        let connection = Connection::open(self.folder.join(name)).expect("the file opens");
        connection.execute_batch(statements).expect("it is changed");
    }

    /// How many messages of the file have this status.
    pub(crate) fn count(&self, status: &str) -> i64 {
        let connection = Connection::open(self.folder.join("messages.db")).expect("the file opens");
        connection.busy_timeout(LIMIT).expect("it waits");
        let sql = "SELECT count(*) FROM messages WHERE status = ?1";
        connection.query_row(sql, [status], |row| row.get(0)).expect("a count")
    }
}

async fn connect(server: &PrivatePostgres) -> Client {
    let connected = tokio_postgres::connect(&server.url(), NoTls).await;
    let (client, connection) = connected.expect("a connection");
    tokio::spawn(connection);
    client
}

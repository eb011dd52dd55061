//! The world in which a start is tried: what is set, what is there, and who
//! tries it.

use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_stage::{LIMIT, environment};
use dispatcher_testkit::{postgres::PostgresParts, process::Program};
use std::{
    any::Any,
    collections::BTreeMap,
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::Command,
};
use tokio_postgres::Client;

/// The user and group of somebody without rights, as everywhere on Unix.
const NOBODY: u32 = 65_534;

/// Why a row cannot be tried on this machine.
#[derive(Debug)]
pub(crate) struct CannotTry(pub(crate) String);

/// What a row of the table sets up.
pub(crate) struct Scene {
    pub(crate) provider: MockProvider,
    /// Where the database is, if it is PostgreSQL, and a connection of the
    /// scene's own to it.
    pub(crate) postgres: Option<(PostgresParts, Client)>,
    /// Of this scene, with nothing in it but what the scene puts there.
    pub(crate) folder: PathBuf,
    /// Where the program starts.
    pub(crate) directory: PathBuf,
    variables: BTreeMap<String, String>,
    arguments: Vec<String>,
    /// A line of the shell that ends in `exec "$@"`.
    shell: Option<&'static str>,
    as_nobody: bool,
    secrets: Vec<String>,
    /// Ends with the scene.
    kept: Vec<Box<dyn Any + Send>>,
}

impl Scene {
    /// No database, which `DATABASE_URL` says is the file `messages.db`.
    pub(crate) async fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let provider = MockProvider::start(Config::default()).await.expect("a provider");
        // The usual environment, with another database.
        let nowhere = PostgresParts::parse("postgres://nobody@127.0.0.1:1/nothing").expect("a URL");
        let variables = environment(&nowhere, &provider.send_url()).into_iter().collect();
        let path = folder.path().to_owned();
        let mut scene = Self {
            provider,
            postgres: None,
            directory: path.clone(),
            folder: path,
            variables,
            arguments: vec!["serve".to_owned()],
            shell: None,
            as_nobody: false,
            secrets: vec!["test-token".to_owned(), "555000000".to_owned(), "message 1".to_owned()],
            kept: vec![Box::new(folder)],
        };
        scene.set("LOG_LEVEL", "debug");
        scene.set("DB_TIMEOUT", "2s");
        scene.use_file("messages.db");
        scene
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// Takes a variable away.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// Chooses a port that is free now, for a program whose log nobody reads.
    pub(crate) fn choose_port(&mut self) {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        self.set("SERVER_PORT", port.to_string());
    }

    /// Where the API is, if that is known before.
    pub(crate) fn address(&self) -> Option<String> {
        let port = self.variables.get("SERVER_PORT").filter(|port| *port != "0")?;
        Some(format!("http://127.0.0.1:{port}"))
    }

    /// Starts it with these words instead of `serve`.
    pub(crate) fn say(&mut self, arguments: &[&str]) {
        self.arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
    }

    /// Starts it by this line of the shell, in which `"$@"` is the program.
    pub(crate) fn by_shell(&mut self, line: &'static str) {
        self.shell = Some(line);
    }

    /// Starts it as somebody whom permissions bind; they do not bind root.
    pub(crate) fn as_nobody(&mut self) -> Result<(), CannotTry> {
        if !is_root() {
            return Ok(());
        }
        let mut command = Command::new(PROGRAM);
        command.arg("--version").uid(NOBODY).gid(NOBODY);
        match command.output() {
            Ok(output) if output.status.success() => self.as_nobody = true,
            _ => return Err(CannotTry(format!("the user {NOBODY} may not run {PROGRAM}"))),
        }
        Ok(())
    }

    /// Gives the folder and all that is in it to whom [`Self::as_nobody`] is.
    pub(crate) fn give_folder(&self) {
        if !is_root() {
            return;
        }
        let files = fs::read_dir(&self.folder).expect("a folder").map(|file| file.expect("a file"));
        for path in files.map(|file| file.path()).chain([self.folder.clone()]) {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).expect("it is given");
        }
    }

    /// What must not be in any output.
    pub(crate) fn keep_secret(&mut self, word: &str) {
        self.secrets.push(word.to_owned());
    }

    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// Ends it with the scene.
    pub(crate) fn keep(&mut self, thing: impl Any + Send) {
        self.kept.push(Box::new(thing));
    }

    /// Starts the program.
    pub(crate) fn start(&self) -> Program {
        let mut command = match self.shell {
            Some(line) => {
                let mut command = Command::new("sh");
                command.args(["-c", line, "sh", PROGRAM]);
                command
            }
            None => Command::new(PROGRAM),
        };
        command.args(&self.arguments).env_clear().envs(&self.variables);
        command.current_dir(&self.directory);
        if self.as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        Program::spawn(&mut command).expect("the server starts")
    }

    /// Until the provider has accepted this many.
    pub(crate) async fn until_sent(&self, count: usize) {
        self.provider.wait_for_accepted(count, LIMIT).await.expect("they are sent");
    }
}

impl Drop for Scene {
    /// The last comes first: it may lie in the folder.
    fn drop(&mut self) {
        while self.kept.pop().is_some() {}
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_message-dispatcher-server");

pub(crate) fn is_root() -> bool {
    // No user's own files can be made but by root, and it needs no call that is unsafe.
    fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)
}

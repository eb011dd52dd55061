//! A server never outlives the process that started it, however that process ends.
#![cfg(unix)]

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dispatcher_testkit::postgres::{Durability, PostgresServer};
use dispatcher_testkit::process::{Program, Signal};
use dispatcher_testkit::redis::RedisServer;
use dispatcher_testkit::wait::poll;

const LIMIT: Duration = Duration::from_secs(180);
/// Set for the copy of this program that plays the owner.
const OWNER: &str = "TESTKIT_PLAYS_OWNER";

/// Not a test by itself: the process to be killed. Without the variable it does nothing.
#[test]
fn the_owner_of_two_servers() {
    if std::env::var_os(OWNER).is_none() {
        return;
    }
    let postgres = PostgresServer::start(Durability::Throwaway).unwrap();
    let redis = RedisServer::start(None).unwrap();
    println!("ports={} {}", postgres.parts().port, redis.port());
    loop {
        std::thread::park();
    }
}

#[test]
fn servers_die_and_clean_up_when_their_owner_is_killed() {
    let mut owner = start_owner();
    let line = owner.wait_for_line_blocking("ports=", LIMIT).unwrap();
    let (_, ports) = line.split_once("ports=").unwrap();
    let ports: Vec<u16> = ports.split_whitespace().map(|port| port.parse().unwrap()).collect();
    assert!(ports.len() == 2 && ports.iter().all(|port| listens(*port)), "{ports:?}");
    let folder = owner_folder();
    assert_eq!(entries(&folder), 2, "one directory for each server");

    owner.signal(Signal::Kill).unwrap();

    for port in ports {
        poll(LIMIT, || (!listens(port)).then_some(()))
            .unwrap_or_else(|| panic!("{port} still listens"));
    }
    poll(LIMIT, || (entries(&folder) == 0).then_some(())).expect("the directories are gone");
    std::fs::remove_dir(&folder).unwrap();
}

fn start_owner() -> Program {
    std::fs::create_dir_all(owner_folder()).unwrap();
    open_to_all(&owner_folder());
    let this_program = std::env::current_exe().unwrap();
    let mut command = Command::new(this_program);
    command
        .args(["--exact", "the_owner_of_two_servers", "--nocapture"])
        .env(OWNER, "1")
        .env("TMPDIR", owner_folder());
    Program::spawn(&mut command).unwrap()
}

/// A place where only the owner's servers live, so that what they leave behind can be seen.
fn owner_folder() -> std::path::PathBuf {
    Path::new("/tmp").join(format!("testkit-owner-{}", std::process::id()))
}

/// As root, PostgreSQL runs as another user, who must be able to enter and to remove.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o1777)).unwrap();
}

fn entries(folder: &Path) -> usize {
    folder.read_dir().unwrap().count()
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

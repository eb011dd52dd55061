//! A database that shows a certificate: the right one is trusted, and another
//! ends the run at once.

use crate::helpers::{Ended, Program};
use dispatcher_testkit::{PrivatePostgres, postgres::PostgresParts, tls::Authority};

const UNAVAILABLE: i32 = 69;

fn verified(database: &PostgresParts, host: &str, authority: &Authority) -> Ended {
    let database = PostgresParts { host: host.into(), ..database.clone() };
    Program::on(&[], &database)
        .env("DB_SSLMODE", "verify-full")
        .env("DB_SSLROOTCERT", authority.file().to_str().unwrap())
        .run()
}

#[tokio::test]
async fn a_database_is_migrated_over_tls_if_name_and_authority_are_right() {
    let (ours, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let postgres = PrivatePostgres::start_with_tls(ours.issue("127.0.0.1").unwrap()).await.unwrap();
    let refused =
        [("localhost", &ours, "not valid for name"), ("127.0.0.1", &other, "UnknownIssuer")];
    for (host, authority, told) in refused {
        let ended = verified(postgres.parts(), host, authority);
        ended.assert_code(UNAVAILABLE);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert!(!ended.text().contains(&postgres.parts().password), "{}", ended.text());
    }
    let ended = verified(postgres.parts(), "127.0.0.1", &ours);
    ended.assert_code(0);
    assert!(ended.stdout.contains("applied V1__"), "{}", ended.stdout);
}

//! What kind of trouble an error is, for programs that tell what to check.

use crate::{
    codes::{POOLER, READ_ONLY, STANDBY},
    error::server_error,
    servers::takes_no_writes,
};
use dispatcher_domain::ports::StoreError;
use std::error::Error;

/// What an operator has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No answer, or none of PostgreSQL: address, network, another server.
    Address,
    /// Encryption: certificates, or a server that has none.
    Tls,
    /// The server does not know us: user, password.
    Login,
    /// There is no such database.
    Database,
    /// We may not do that.
    Permission,
    /// Nothing can be written there: a standby.
    ReadOnly,
    /// The server has no room for us: connections, memory, disk.
    Room,
}

impl Trouble {
    /// What `error` of this adapter is, if it is one of these.
    #[must_use]
    pub fn of(error: &StoreError) -> Option<Self> {
        match server_error(error) {
            Some(answer) if answer.code == POOLER => of_pooler(&answer.message),
            Some(answer) => Self::of_code(&answer.code),
            None if driver_error(error).is_some_and(takes_no_writes) => Some(Self::ReadOnly),
            // No answer, or a disagreement about TLS or the protocol.
            None if error.is_transient() || driver_error(error).is_some() => {
                Some(if is_tls(error) { Self::Tls } else { Self::Address })
            }
            None => None,
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        match code {
            "42501" => Some(Self::Permission),
            "3D000" => Some(Self::Database),
            _ if code == READ_ONLY || code == STANDBY => Some(Self::ReadOnly),
            _ if code.starts_with("28") => Some(Self::Login),
            _ if code.starts_with("53") => Some(Self::Room),
            _ => None,
        }
    }
}

const REFUSALS_OF_POOLER: [(&str, Trouble); 3] = [
    ("authentication failed", Trouble::Login),
    ("no such user", Trouble::Login),
    ("no such database", Trouble::Database),
];

/// What PgBouncer's answer means, if it is one that an operator has to mend.
pub(crate) fn of_pooler(message: &str) -> Option<Trouble> {
    let told = REFUSALS_OF_POOLER.iter().find(|(text, _)| message.contains(text));
    told.map(|(_, trouble)| *trouble)
}

fn driver_error(error: &StoreError) -> Option<&tokio_postgres::Error> {
    error.source()?.downcast_ref()
}

/// The driver tells its kinds of errors by their texts only.
fn is_tls(error: &StoreError) -> bool {
    driver_error(error)
        .is_some_and(|cause| cause.to_string().starts_with("error performing TLS handshake"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_what_to_look_at() {
        for (code, expected) in [
            ("28P01", Some(Trouble::Login)),
            ("28000", Some(Trouble::Login)),
            ("3D000", Some(Trouble::Database)),
            ("42501", Some(Trouble::Permission)),
            ("25006", Some(Trouble::ReadOnly)),
            ("0A000", Some(Trouble::ReadOnly)),
            ("53300", Some(Trouble::Room)),
            ("42P01", None),
        ] {
            assert_eq!(Trouble::of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn no_answer_is_a_matter_of_the_address_and_nonsense_of_nothing() {
        assert_eq!(Trouble::of(&StoreError::Unavailable("gone".into())), Some(Trouble::Address));
        assert_eq!(Trouble::of(&StoreError::Unexpected("what?".into())), None);
    }
}

//! What does not become well by waiting: the server does not want us, or we do
//! not trust it. An operator has to mend it, here or there.

use crate::{
    codes::{POOLER, REFUSALS},
    error::{ServerError, server_error},
    trouble::of_pooler,
};
use dispatcher_domain::ports::StoreError;
use std::{error::Error, io};

/// At a start, what only an operator can mend is told at once. Later it is
/// waited for, because what was sent is still to be recorded.
pub(crate) fn told_at_once(error: StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(_) if !needs_an_operator(&error) => error,
        StoreError::Unavailable(cause) => StoreError::Unexpected(cause),
        other => other,
    }
}

/// Whether nothing but an operator can make this call succeed: we are refused;
/// or there is no TLS, a certificate that we do not accept, no PostgreSQL at all.
pub(crate) fn needs_an_operator(error: &StoreError) -> bool {
    server_error(error).is_some_and(refuses_us)
        || error.source().and_then(|cause| cause.downcast_ref()).is_some_and(is_disagreement)
}

fn refuses_us(answer: &ServerError) -> bool {
    REFUSALS.iter().any(|class| answer.code.starts_with(class))
        || answer.code == POOLER && of_pooler(&answer.message).is_some()
}

/// The server was reached, and no answer of it ended the call: what it speaks or
/// shows is not what we need.
fn is_disagreement(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_none() && !error.is_closed() && !is_broken_line(error)
}

/// Nobody there, an unknown name or a broken line; not: a bad certificate or a
/// log-in that cannot work, which end as I/O errors too.
pub(crate) fn is_broken_line(error: &tokio_postgres::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, PermissionDenied, Unsupported};
    error.source().and_then(|source| source.downcast_ref::<io::Error>()).is_some_and(|error| {
        !matches!(error.kind(), InvalidData | InvalidInput | Other | PermissionDenied | Unsupported)
    })
}

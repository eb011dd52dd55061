//! What reads the bodies and cursors of requests, for the fuzz targets.

use crate::{body, command_body::Fields, cursor, problem::Problem};
use actix_web::ResponseError;
use actix_web::body::MessageBody as _;
use dispatcher_app::Enqueue;
use dispatcher_domain::{OperatorRequest, Terms, ports::SentCursor};

/// What a client is told: the status, and the body.
pub type Refused = (u16, Vec<u8>);

/// Which command a body belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `POST …/cancel`.
    Cancel,
    /// `POST …/requeue`.
    Requeue,
    /// `POST …/resolve`.
    Resolve,
}

/// Phone number, content and terms of a new message.
///
/// # Errors
/// What a client is told.
pub fn enqueue(bytes: &[u8], rules: &Enqueue) -> Result<(String, String, Terms), Refused> {
    let wanted = body::parse(bytes, rules).map_err(refused)?;
    Ok((wanted.phone_number, wanted.content, wanted.terms))
}

/// What an operator wants.
///
/// # Errors
/// What a client is told.
pub fn command(bytes: &[u8], command: Command) -> Result<OperatorRequest, Refused> {
    let fields = Fields::parse(bytes).map_err(refused)?;
    let request = match command {
        Command::Cancel => fields.cancel(),
        Command::Requeue => fields.requeue(),
        Command::Resolve => fields.resolve(),
    };
    request.map_err(refused)
}

/// The place that a cursor names.
#[must_use]
pub fn decode_cursor(text: &str) -> Option<SentCursor> {
    cursor::decode(text)
}

/// The cursor of a place.
#[must_use]
pub fn encode_cursor(place: SentCursor) -> String {
    cursor::encode(place)
}

fn refused(problem: Problem) -> Refused {
    let response = problem.error_response();
    let status = response.status().as_u16();
    let body = response.into_body().try_into_bytes().expect("it is whole");
    (status, body.to_vec())
}

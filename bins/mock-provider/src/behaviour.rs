//! What the provider can do with one POST.

use std::time::Duration;

/// What happens to one valid `POST /send`.
///
/// Each variant says whether the message is **accepted**: an accepted message is in the ledger, it would reach the
/// phone, and its recipient pays no heed to what the client was told. That difference is the whole point of this
/// provider: a client is right when its own books agree with the ledger, whatever the wire did.
///
/// Status codes outside 200–599 and texts that no header can hold are answered with 500 and the error `bad_script`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// Accepted: 200 with `{"message":"Accepted","messageId":"…"}`.
    #[default]
    Accept,
    /// Accepted, with another answer: another 2xx, a body without a message id, or an outright lie such as 500.
    AcceptWith {
        /// The status code to answer. 204 and 304 have no body, whatever `body` says.
        status: u16,
        /// The body, as it stands; `None` is the usual JSON with its message id.
        body: Option<String>,
    },
    /// Not accepted: answers with this status. A code of 200 is a liar, such as a captive portal.
    Status {
        /// The status code to answer.
        code: u16,
        /// `Retry-After`, as it stands: seconds, an HTTP date or garbage.
        retry_after: Option<String>,
        /// The body, as it stands; `None` is a short JSON error.
        body: Option<String>,
        /// `Location`, for 3xx.
        location: Option<String>,
    },
    /// Not accepted: the request is read and never answered. Ends when the client gives up.
    HangBeforeAccept,
    /// Accepted, then never answered. Ends when the client gives up.
    HangAfterAccept,
    /// Not accepted: the request is read, then the connection closes without an answer.
    DropBeforeAccept,
    /// Accepted; the usual answer is given when the script is replaced. For tests that act while a send is under way,
    /// however long they take.
    Hold,
    /// Accepted, then the connection closes without an answer.
    DropAfterAccept,
    /// Accepted, then the connection is reset without an answer.
    ResetAfterAccept,
    /// Not accepted: the request is read, then come bytes that are no HTTP.
    NoHttp,
    /// Accepted: status 200, the `Content-Length` of the whole body, half of the body, then the connection closes.
    DropMidBody,
    /// Accepted: the usual answer, one byte of the body at a time.
    SlowDrip {
        /// The pause before each byte. The whole body has about 70.
        interval: Duration,
    },
    /// Accepted: 200 with an HTML page for a body.
    Garbage,
    /// Accepted: 200 with no body at all.
    EmptyBody,
    /// Accepted: the usual JSON, padded to this size and streamed without a `Content-Length`.
    HugeBody {
        /// How many bytes; never fewer than the usual JSON has.
        bytes: u64,
    },
    /// Accepted: 200 with a small gzip body that unpacks to so many bytes.
    GzipBomb {
        /// How many bytes there are when it is unpacked.
        bytes: u64,
    },
}

impl Behaviour {
    /// A plain refusal: this status, a short JSON error, no further headers. Not accepted.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Status { code, retry_after: None, body: None, location: None }
    }

    /// A status with `Retry-After`: seconds, an HTTP date or garbage, as given. Not accepted.
    #[must_use]
    pub fn retry_after(code: u16, retry_after: impl Into<String>) -> Self {
        Self::Status { code, retry_after: Some(retry_after.into()), body: None, location: None }
    }

    /// A 307, which tells a client that follows redirects to POST the message again elsewhere. Not accepted.
    #[must_use]
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::Status { code: 307, retry_after: None, body: None, location: Some(location.into()) }
    }

    /// The usual answer with another status. Accepted.
    #[must_use]
    pub fn accept_with(status: u16) -> Self {
        Self::AcceptWith { status, body: None }
    }

    /// Whether the message is in the ledger afterwards.
    #[must_use]
    pub fn accepts(&self) -> bool {
        match self {
            Self::Status { .. }
            | Self::HangBeforeAccept
            | Self::DropBeforeAccept
            | Self::NoHttp => false,
            Self::Accept
            | Self::AcceptWith { .. }
            | Self::HangAfterAccept
            | Self::Hold
            | Self::DropAfterAccept
            | Self::ResetAfterAccept
            | Self::DropMidBody
            | Self::SlowDrip { .. }
            | Self::Garbage
            | Self::EmptyBody
            | Self::HugeBody { .. }
            | Self::GzipBomb { .. } => true,
        }
    }
}

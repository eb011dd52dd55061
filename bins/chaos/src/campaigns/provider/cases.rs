//! What a provider can do to a POST, and what must come of it.

use dispatcher_stage::audit::Promise;

/// One misbehaviour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    /// In the words of the mock provider; the message itself carries them.
    pub(super) script: &'static str,
    pub(super) end: End,
}

/// What becomes of the message.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// Accepted: `sent`; with or without an id that can be read.
    Sent { reason: Option<&'static str>, in_ledger: bool },
    /// Refused: `failed`.
    Failed(&'static str),
    /// It stays `queued`, and all wait.
    AllWait(&'static str),
    /// It stays `queued`, and waits alone.
    Waits(&'static str),
    /// Nobody knows: the policy decides.
    Unknown { reason: &'static str, in_ledger: bool },
    /// Refused, but for a provider with idempotency keys, which may mean by it
    /// that the first send is under way.
    Conflict,
}

const SENT: End = End::Sent { reason: None, in_ledger: true };
const MALFORMED: End = End::Sent { reason: Some("receipt_malformed"), in_ledger: true };
const LOST: &str = "unknown_connection_lost";
const TIMED_OUT: &str = "unknown_timeout";

const fn case(script: &'static str, end: End) -> Case {
    Case { script, end }
}

const fn unknown(reason: &'static str, in_ledger: bool) -> End {
    End::Unknown { reason, in_ledger }
}

/// All of them.
const CASES: &[Case] = &[
    case("accept", SENT),
    case("accept-with=201", SENT),
    case("accept-with=202", SENT),
    case("accept-with=299", SENT),
    case("accept-with=200;body='{\"messageId\":\"same for all\"}'", SENT),
    case("accept-with=204", MALFORMED),
    case("empty", MALFORMED),
    case("accept-with=200;body=OK", MALFORMED),
    case("accept-with=200;body='{\"messageId\":\"\"}'", MALFORMED),
    case("accept-with=200;body='{\"messageId\":null}'", MALFORMED),
    case("accept-with=200;body='{\"messageId\":{}}'", MALFORMED),
    case("garbage", MALFORMED),
    case("gzip-bomb=16777216", MALFORMED),
    case("huge=1073741824", MALFORMED),
    case("drop-mid-body", MALFORMED),
    case("drip=1s", MALFORMED),
    case(
        "status=200;body='<html>log in</html>'",
        End::Sent { reason: Some("receipt_malformed"), in_ledger: false },
    ),
    case("status=400", End::Failed("refused_400")),
    case("status=402", End::Failed("refused_402")),
    case("status=404", End::Failed("refused_404")),
    case("status=413", End::Failed("refused_413")),
    case("status=422", End::Failed("refused_422")),
    case("status=451", End::Failed("refused_451")),
    case("status=499", End::Failed("refused_499")),
    case("status=409", End::Conflict),
    case("status=401", End::AllWait("misconfigured_401")),
    case("status=403", End::AllWait("misconfigured_403")),
    case("status=405", End::AllWait("misconfigured_405")),
    case("status=300", End::AllWait("misconfigured_300")),
    case("status=304", End::AllWait("misconfigured_304")),
    case("redirect=http://127.0.0.1:9/send", End::AllWait("misconfigured_307")),
    case("status=429", End::AllWait("rate_limited_429")),
    case("status=429;retry_after=7", End::AllWait("rate_limited_429")),
    case(
        "status=429;retry_after='Fri, 31 Dec 9999 23:59:59 GMT'",
        End::AllWait("rate_limited_429"),
    ),
    case("status=429;retry_after=soon", End::AllWait("rate_limited_429")),
    case("status=429;retry_after=99999999999999999999999", End::AllWait("rate_limited_429")),
    case("status=503", End::Waits("not_sent_503")),
    case("status=503;retry_after=120", End::Waits("not_sent_503")),
    case("status=408", unknown("unknown_408", false)),
    case("status=500", unknown("unknown_500", false)),
    case("accept-with=500", unknown("unknown_500", true)),
    case("status=502", unknown("unknown_502", false)),
    case("status=504", unknown("unknown_504", false)),
    case("status=599", unknown("unknown_599", false)),
    case("hang-before", unknown(TIMED_OUT, false)),
    case("hang-after", unknown(TIMED_OUT, true)),
    case("drop-before", unknown(LOST, false)),
    case("drop-after", unknown(LOST, true)),
    case("reset-after", unknown(LOST, true)),
    case("no-http", unknown(LOST, false)),
];

/// Every `of`th of them, beginning with this one.
pub(super) fn part(first: u64, of: u64, promise: Promise) -> Vec<Case> {
    let (first, of) = (usize::try_from(first).unwrap_or(0), usize::try_from(of).unwrap_or(1));
    let cases = CASES.iter().copied().filter(|case| case.stays(promise));
    cases.skip(first).step_by(of).collect()
}

impl Case {
    /// Whether a message that waits after it waits so long that it can be looked
    /// at. Where unknown outcomes are tried again the backoff is short, and only
    /// the provider's own wish keeps a message waiting.
    fn stays(&self, promise: Promise) -> bool {
        let waits = matches!(self.end, End::Waits(_) | End::AllWait("rate_limited_429"));
        let long = ["retry_after=120", "9999"].iter().any(|wish| self.script.contains(wish));
        promise == Promise::AtMostOnce || !waits || long
    }
}

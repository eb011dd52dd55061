//! Who may ask as long as there are no API keys.
//!
//! A service on loopback is not out of reach: any web page that someone on
//! this machine opens can send requests to it, with a name of its own that
//! resolves to 127.0.0.1 (DNS rebinding) even read the answers, and a proxy or
//! a tunnel lets in the whole world. So on loopback only what can come from
//! nobody else is let in. Whoever says `AUTH=off` has taken care of who gets
//! here; then only browsers are kept from doing what a foreign page tells them.

mod place;

use crate::{
    legacy_error::{self, LegacyError},
    problem::{Code, Problem},
};
use actix_web::{
    Error, HttpResponse, ResponseError,
    body::BoxBody,
    dev::{RequestHead, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
};
use place::Place;

/// Who may ask as long as there are no API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Programs of this machine: what a browser sends for another site's page,
    /// what names another host and what came through a proxy is refused.
    ThisMachine,
    /// Whoever gets here, as the operator said aloud: refused is only what a
    /// browser sends for another site's page and would change something.
    Anyone,
}

/// Lets a request in, or answers 403: middleware for the whole application, so
/// that unknown addresses are behind it too.
///
/// # Errors
/// Those of the application.
pub async fn guard(
    access: Access,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(fault) = access.fault(request.head()) else { return next.call(request).await };
    tracing::debug!(?fault, "a request was refused");
    let response = access.refuse(fault, request.path());
    Ok(request.into_response(response))
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NoHost,
    Host,
    Forwarded,
    Origin,
    Site,
}

impl Fault {
    fn text(self) -> &'static str {
        match self {
            Self::NoHost => "the request has no Host header",
            Self::Host => "the request names another host than this machine",
            Self::Forwarded => {
                "the request came through a proxy (it has a header Forwarded, X-Forwarded-…, X-Real-IP or Via)"
            }
            Self::Origin => {
                "the request was sent by another site's page (its Origin is not the address asked)"
            }
            Self::Site => "the request was sent by another site's page (Sec-Fetch-Site)",
        }
    }
}

impl Access {
    fn refuse(self, fault: Fault, path: &str) -> HttpResponse {
        let way_out = match self {
            Self::ThisMachine => {
                "there are no API keys yet, so only programs on this machine are let in: ask \
                 http://localhost or http://127.0.0.1, or put a proxy in front that \
                 authenticates, and set AUTH=off"
            }
            Self::Anyone => "ask without a browser, or from a page of this address",
        };
        let detail = format!("{}; {way_out}", fault.text());
        if legacy_error::is_legacy(path) {
            LegacyError::forbidden(detail).error_response()
        } else {
            Problem::new(Code::AccessRefused, detail).error_response()
        }
    }

    fn fault(self, head: &RequestHead) -> Option<Fault> {
        match self {
            Self::ThisMachine => not_from_here(head),
            Self::Anyone => changed_by_a_foreign_page(head),
        }
    }
}

fn not_from_here(head: &RequestHead) -> Option<Fault> {
    let mut hosts = hosts(head).peekable();
    if hosts.peek().is_none() {
        return Some(Fault::NoHost);
    }
    if !hosts.all(|host| Place::parse(host).is_some_and(|place| place.is_this_machine())) {
        return Some(Fault::Host);
    }
    if head.headers.keys().any(|name| is_of_a_proxy(name.as_str())) {
        return Some(Fault::Forwarded);
    }
    if has_foreign_origin(head) {
        return Some(Fault::Origin);
    }
    // A link to us may be followed: nothing changes, and only the user sees it.
    (site(head) == Site::Foreign && !is_navigation(head)).then_some(Fault::Site)
}

fn changed_by_a_foreign_page(head: &RequestHead) -> Option<Fault> {
    if matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    match site(head) {
        // The browser knows; a proxy in front may have changed the host.
        Site::Own => None,
        Site::Foreign => Some(Fault::Site),
        Site::Untold => has_foreign_origin(head).then_some(Fault::Origin),
    }
}

/// Every host that the request names: of its target, if that is absolute, and
/// of all its `Host` headers. Unreadable ones are empty, which is no host.
fn hosts(head: &RequestHead) -> impl Iterator<Item = &str> {
    let target = head.uri.authority().map(|authority| authority.as_str());
    target.into_iter().chain(texts(head, header::HOST))
}

fn texts(head: &RequestHead, name: impl header::AsHeaderName) -> impl Iterator<Item = &str> {
    head.headers.get_all(name).map(|value| value.to_str().unwrap_or_default())
}

/// What proxies and tunnels add, and a program that asks by itself does not.
fn is_of_a_proxy(name: &str) -> bool {
    name.starts_with("x-forwarded") || ["forwarded", "via", "x-real-ip"].contains(&name)
}

/// Whether a page of another origin, or one that hides its origin, asks.
fn has_foreign_origin(head: &RequestHead) -> bool {
    texts(head, header::ORIGIN).any(|origin| {
        let mut hosts = hosts(head);
        !hosts.any(|host| place::is_same_origin(origin, host))
    })
}

/// What the browser says about whose page asks.
#[derive(PartialEq, Eq)]
enum Site {
    /// No page's, or one of ours.
    Own,
    Foreign,
    /// It is no browser, or an old one.
    Untold,
}

fn site(head: &RequestHead) -> Site {
    let mut told = texts(head, "sec-fetch-site").peekable();
    if told.peek().is_none() {
        Site::Untold
    } else if told.all(|site| site == "same-origin" || site == "none") {
        Site::Own
    } else {
        Site::Foreign
    }
}

/// Whether the user goes to us, in a window and not in a frame of a page.
fn is_navigation(head: &RequestHead) -> bool {
    let is = |name, expected| texts(head, name).eq([expected]);
    matches!(head.method, Method::GET | Method::HEAD)
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
}

#[cfg(test)]
mod tests;

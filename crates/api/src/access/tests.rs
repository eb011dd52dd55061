use super::{Access, Fault};
use actix_web::{http::Method, test::TestRequest};

type Headers = &'static [(&'static str, &'static str)];

const HERE: (&str, &str) = ("Host", "localhost:8080");
const NAVIGATES: (&str, &str) = ("Sec-Fetch-Mode", "navigate");
const DOCUMENT: (&str, &str) = ("Sec-Fetch-Dest", "document");
const CROSS_SITE: (&str, &str) = ("Sec-Fetch-Site", "cross-site");

fn fault(access: Access, method: Method, target: &str, headers: Headers) -> Option<Fault> {
    let mut request = TestRequest::default().method(method).uri(target);
    for header in headers {
        request = request.append_header(*header);
    }
    access.fault(request.to_srv_request().head())
}

#[track_caller]
fn is(access: Access, expected: Option<Fault>, cases: &[(Method, Headers)]) {
    for (method, headers) in cases {
        let told = fault(access, method.clone(), "/health", headers);
        assert_eq!(told, expected, "{access:?} {method} {headers:?}");
    }
}

#[test]
fn programs_and_pages_of_this_machine_are_let_in() {
    is(
        Access::ThisMachine,
        None,
        &[
            (Method::GET, &[HERE]),
            (Method::POST, &[("Host", "127.0.0.1")]),
            (Method::DELETE, &[("Host", "[::1]:9000")]),
            (Method::POST, &[HERE, ("Origin", "http://localhost:8080")]),
            (Method::POST, &[HERE, ("Sec-Fetch-Site", "same-origin")]),
            (Method::GET, &[HERE, ("Sec-Fetch-Site", "none"), NAVIGATES, DOCUMENT]),
            (Method::GET, &[HERE, CROSS_SITE, NAVIGATES, DOCUMENT]),
            (Method::HEAD, &[HERE, ("Sec-Fetch-Site", "same-site"), NAVIGATES, DOCUMENT]),
            (Method::GET, &[HERE, ("X-Request-Id", "7"), ("Authorization", "Bearer x")]),
        ],
    );
}

#[test]
fn another_host_is_refused_and_so_is_none() {
    let rebound: &[(Method, Headers)] = &[
        (Method::GET, &[("Host", "rebound.example:8080")]),
        (Method::POST, &[("Host", "192.168.0.10:8080")]),
        (Method::GET, &[HERE, ("Host", "rebound.example")]),
        (Method::GET, &[("Host", "")]),
        (Method::GET, &[("Host", "ü")]),
    ];
    is(Access::ThisMachine, Some(Fault::Host), rebound);
    is(Access::ThisMachine, Some(Fault::NoHost), &[(Method::GET, &[]), (Method::POST, &[])]);
    is(Access::Anyone, None, rebound);
}

#[test]
fn the_host_of_an_absolute_target_counts_as_well() {
    let told = |target, headers| fault(Access::ThisMachine, Method::GET, target, headers);
    assert_eq!(told("http://rebound.example/health", &[HERE]), Some(Fault::Host));
    assert_eq!(told("http://user@localhost/health", &[HERE]), Some(Fault::Host));
    assert_eq!(told("http://localhost/health", &[("Host", "rebound.example")]), Some(Fault::Host));
    assert_eq!(told("http://127.0.0.1:8080/health", &[HERE]), None);
    let tunnel = fault(Access::ThisMachine, Method::CONNECT, "example.com:443", &[HERE]);
    assert_eq!(tunnel, Some(Fault::Host));
}

#[test]
fn what_came_through_a_proxy_is_refused() {
    let forwarded: &[(Method, Headers)] = &[
        (Method::GET, &[HERE, ("Forwarded", "for=10.0.0.1")]),
        (Method::GET, &[HERE, ("X-Forwarded-For", "10.0.0.1")]),
        (Method::GET, &[HERE, ("X-FORWARDED-PROTO", "https")]),
        (Method::GET, &[HERE, ("x-forwarded-host", "")]),
        (Method::GET, &[HERE, ("X-Forwarded-Anything", "1")]),
        (Method::GET, &[HERE, ("X-Real-IP", "127.0.0.1")]),
        (Method::GET, &[HERE, ("Via", "1.1 proxy")]),
    ];
    is(Access::ThisMachine, Some(Fault::Forwarded), forwarded);
    is(Access::Anyone, None, forwarded);
}

#[test]
fn a_page_of_another_origin_is_refused_and_behind_a_proxy_only_when_it_changes_something() {
    const OTHERS: [Headers; 6] = [
        &[HERE, ("Origin", "https://evil.example")],
        &[HERE, ("Origin", "null")],
        &[HERE, ("Origin", "")],
        &[HERE, ("Origin", "http://localhost:3000")],
        &[HERE, ("Origin", "http://127.0.0.1:8080")],
        &[HERE, ("Origin", "http://localhost:8080"), ("Origin", "https://evil.example")],
    ];
    for headers in OTHERS {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            is(Access::ThisMachine, Some(Fault::Origin), &[(method.clone(), headers)]);
            is(Access::Anyone, None, &[(method, headers)]);
        }
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            is(Access::ThisMachine, Some(Fault::Origin), &[(method.clone(), headers)]);
            is(Access::Anyone, Some(Fault::Origin), &[(method, headers)]);
        }
    }
}

#[test]
fn what_the_browser_calls_another_site_is_refused_unless_the_user_goes_there() {
    const OTHERS: [Headers; 6] = [
        &[HERE, CROSS_SITE],
        &[HERE, ("Sec-Fetch-Site", "same-site")],
        &[HERE, ("Sec-Fetch-Site", "of-the-future")],
        &[HERE, CROSS_SITE, ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")],
        &[HERE, CROSS_SITE, NAVIGATES, ("Sec-Fetch-Dest", "iframe")],
        &[HERE, CROSS_SITE, NAVIGATES],
    ];
    for headers in OTHERS {
        is(Access::ThisMachine, Some(Fault::Site), &[(Method::GET, headers)]);
        is(Access::Anyone, None, &[(Method::GET, headers)]);
    }
    let form: &[(Method, Headers)] = &[(Method::POST, &[HERE, CROSS_SITE, NAVIGATES, DOCUMENT])];
    is(Access::ThisMachine, Some(Fault::Site), form);
    is(Access::Anyone, Some(Fault::Site), form);
}

#[test]
fn behind_a_proxy_that_changes_the_host_the_browsers_word_counts() {
    let own = ("Origin", "https://dispatcher.example.com");
    const INNER: (&str, &str) = ("Host", "10.0.0.7:8080");
    let told = |headers: &[(&str, &str)]| {
        let mut request = TestRequest::post().uri("/api/messages");
        for header in headers {
            request = request.append_header(*header);
        }
        Access::Anyone.fault(request.to_srv_request().head())
    };
    assert_eq!(told(&[INNER, own, ("Sec-Fetch-Site", "same-origin")]), None);
    assert_eq!(told(&[INNER, own]), Some(Fault::Origin));
    assert_eq!(told(&[("Host", "dispatcher.example.com"), own]), None);
    assert_eq!(told(&[INNER]), None);
    assert_eq!(told(&[]), None);
}

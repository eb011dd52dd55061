//! The script: its text form, and replacing it while the provider runs.

use dispatcher_mock_provider::{Behaviour, Script, Step};
use proptest::prelude::*;
use serde_json::Value;

use crate::helpers::{client, get, message, post, scripted};

#[test]
fn every_behaviour_has_a_text_that_reads_back_as_itself() {
    let status =
        |retry_after: Option<&str>, body: Option<&str>, location: Option<&str>| Behaviour::Status {
            code: 503,
            retry_after: retry_after.map(Into::into),
            body: body.map(Into::into),
            location: location.map(Into::into),
        };
    for behaviour in [
        Behaviour::Accept,
        Behaviour::accept_with(202),
        Behaviour::AcceptWith { status: 200, body: Some(r#"{"a":"b, c"}*;]'"#.into()) },
        Behaviour::AcceptWith { status: 200, body: Some(String::new()) },
        status(None, None, None),
        status(Some("Wed, 21 Oct 2026 07:28:00 GMT"), Some(" two\nlines\t"), Some("/x?a=b")),
        Behaviour::redirect("http://127.0.0.1:9/send"),
        Behaviour::HangBeforeAccept,
        Behaviour::HangAfterAccept,
        Behaviour::Hold,
        Behaviour::DropBeforeAccept,
        Behaviour::DropAfterAccept,
        Behaviour::DropMidBody,
        Behaviour::SlowDrip { interval: std::time::Duration::from_millis(1500) },
        Behaviour::Garbage,
        Behaviour::ResetAfterAccept,
        Behaviour::NoHttp,
        Behaviour::GzipBomb { bytes: 1 << 24 },
        Behaviour::EmptyBody,
        Behaviour::HugeBody { bytes: 7 },
    ] {
        let script = Script::of([Step::times(3, behaviour.clone())])
            .for_number("+90 555, 1", behaviour.clone())
            .then(behaviour);
        assert_eq!(script.to_string().parse(), Ok(script.clone()), "{script}");
    }
}

#[test]
fn a_script_may_be_written_loosely() {
    let tidy: Script = "status=429;retry_after=120*3, drop-after, then repeat".parse().unwrap();
    let loose = " status = 429 ; retry-after = '120' * 3 ,\n\tdrop-after ,\n then  repeat \n";
    assert_eq!(loose.parse(), Ok(tidy));
    assert_eq!(" \n".parse(), Ok(Script::default()));
}

#[test]
fn the_order_of_options_is_free() {
    let one: Script = "status=503;body=x;retry_after=1;to=+1".parse().unwrap();
    assert_eq!("status=503;to=+1;retry_after=1;body=x".parse(), Ok(one));
}

#[test]
fn a_mistake_names_its_step_and_what_would_be_right() {
    for (script, step, hint) in [
        ("accept, stauts=503", 2, "status=CODE"),
        ("accept,,garbage", 2, "it is empty; a step is one of accept"),
        ("accept,", 2, "it is empty"),
        ("accept=1", 1, "`accept` takes no value"),
        ("status", 1, "status=CODE"),
        ("status=", 1, "200 to 599"),
        ("status=099999999999999999999", 1, "200 to 599"),
        ("status=199", 1, "200 to 599"),
        ("status=600", 1, "200 to 599"),
        ("status=+503", 1, "200 to 599"),
        ("status=503;retry=1", 1, "it takes retry_after, body, location, to"),
        ("garbage;body=x", 1, "`garbage` has no option `body`; it takes to"),
        ("status=503;body", 1, ";body="),
        ("status=503;body=x;body=y", 1, "given twice"),
        ("status=503;retry_after=\"a\\nb\"", 1, "printable ASCII"),
        ("accept, accept*0", 2, "from 1 to"),
        ("accept*", 1, "from 1 to"),
        ("accept*x", 1, "from 1 to"),
        ("accept*-1", 1, "from 1 to"),
        ("accept*2*2", 1, "from 1 to"),
        ("drip=5", 1, "250ms"),
        ("drip", 1, "drip=DURATION"),
        ("huge=0", 1, "bytes"),
        ("huge=1e6", 1, "bytes"),
        ("huge=99999999999", 1, "bytes"),
        ("redirect", 1, "redirect=URL"),
        ("redirect=", 1, "redirect=URL"),
        ("accept, status=503;body='x, accept", 2, "a quote is opened"),
        ("status=503;body='x'y", 1, "closing quote"),
        ("status=503;body=\"x\\q\"", 1, "a backslash"),
        ("then accept, garbage", 1, "`then` comes last"),
        ("accept, then garbage*2", 2, "leave out the *TIMES"),
        ("accept, then garbage;to=+1", 2, "`to`"),
        ("accept, then", 2, "there is no `then`"),
        ("accept, repeat", 2, "after `then` only"),
        ("then repeat", 1, "no step before it"),
        ("ACCEPT", 1, "there is no `ACCEPT`"),
    ] {
        let error = script.parse::<Script>().expect_err(script);
        assert_eq!(error.step(), step, "{error}");
        assert!(error.to_string().contains(hint), "{script}: {error}");
        assert!(error.to_string().contains(&format!("step {step}")), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = text.parse::<Script>();
    }

    #[test]
    fn whatever_parses_is_written_so_that_it_parses_to_the_same(
        text in "(accept|status=50[0-9]|drip=[1-9]ms|, |\\*2|;body=|;to=\\+1|'|\"|x|then | ){0,12}"
    ) {
        if let Ok(script) = text.parse::<Script>() {
            prop_assert_eq!(script.to_string().parse(), Ok(script));
        }
    }
}

#[tokio::test]
async fn a_script_is_replaced_over_http_and_starts_at_its_first_step() {
    let provider = scripted("garbage*5").await;
    post(&provider, "hello").await.unwrap();
    let put = client()
        .put(provider.url("/script"))
        .body("status=503, then empty\n")
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), 200);
    let put: Value = put.json().await.unwrap();
    assert_eq!(put["script"], "status=503, then empty");
    assert_eq!(get(&provider, "/script").await, put);
    assert_eq!(post(&provider, "hello").await.unwrap().status(), 503);
    assert_eq!(post(&provider, "hello").await.unwrap().text().await.unwrap(), "");
}

#[tokio::test]
async fn a_wrong_script_over_http_is_400_and_changes_nothing() {
    let provider = scripted("then empty").await;
    for wrong in [&b"accept, nonsense"[..], b"\xff"] {
        let put = client().put(provider.url("/script")).body(wrong).send().await.unwrap();
        assert_eq!(put.status(), 400);
        let put: Value = put.json().await.unwrap();
        assert_eq!(put["error"], "bad_script");
    }
    assert_eq!(get(&provider, "/script").await["script"], "then empty");
}

#[tokio::test]
async fn a_script_is_replaced_from_code() {
    let provider = scripted("").await;
    provider.script(Script::always(Behaviour::retry_after(429, "7")));
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
}

#[tokio::test]
async fn a_message_may_ask_for_its_own_treatment_and_uses_up_no_step() {
    let provider = scripted("garbage").await;
    assert_eq!(post(&provider, "hello [mock:status=418]").await.unwrap().status(), 418);
    let garbage = post(&provider, "hello").await.unwrap();
    assert_eq!(garbage.headers()["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn a_rule_for_a_number_leaves_the_others_alone() {
    let provider = scripted("status=400;to=+15550000").await;
    let bad = serde_json::json!({"phone_number": "+15550000", "content": "hello"});
    for (body, status) in [(bad.clone(), 400), (message("hello"), 200), (bad, 400)] {
        let answer = client().post(provider.send_url()).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

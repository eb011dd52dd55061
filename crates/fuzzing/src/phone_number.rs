//! A phone number: what is taken, its normal form, and what is shown of it.

use dispatcher_domain::{E164, InvalidPhoneNumber, PhoneNumber};

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (new, row) = (PhoneNumber::parse(&text), PhoneNumber::of_row(&text));
    let chars = text.chars().count();
    match &new {
        Ok(number) => {
            assert_eq!(row.as_ref(), Ok(number), "what is taken anew can be sent");
            assert!(!text.chars().any(char::is_control) && text.chars().any(char::is_numeric));
        }
        Err(error) => explained(*error, &text),
    }
    let fits = (PhoneNumber::MIN_CHARS..=PhoneNumber::MAX_CHARS).contains(&chars);
    assert_eq!(row.is_ok(), fits && !text.contains('\0'), "{text:?}");
    if let Ok(number) = &row {
        assert_eq!(number.as_str(), text, "the provider gets what was written");
        shown_in_part(&format!("{number:?}"), &text);
        key(number);
    }
    if let Some(form) = E164::parse(&text) {
        normal_form(form, &text);
    }
}

fn explained(error: InvalidPhoneNumber, text: &str) {
    assert!(error.code().starts_with("invalid_phone_number_"));
    let chars = text.chars().count();
    let fits = (PhoneNumber::MIN_CHARS..=PhoneNumber::MAX_CHARS).contains(&chars);
    match error {
        InvalidPhoneNumber::Length { chars: told } => assert!(told == chars && !fits),
        InvalidPhoneNumber::ControlCharacter => assert!(text.chars().any(char::is_control)),
        InvalidPhoneNumber::Blank => assert_eq!(text.trim(), ""),
        InvalidPhoneNumber::NoDigit => assert!(!text.chars().any(char::is_numeric)),
    }
}

/// Two characters at each end, and nothing that drives a terminal.
fn shown_in_part(shown: &str, text: &str) {
    let inner = shown.strip_prefix("PhoneNumber(").and_then(|rest| rest.strip_suffix(')'));
    let inner = inner.expect("it is named");
    assert!(inner.chars().count() == 5 && !inner.chars().any(char::is_control), "{text:?}");
}

/// Never empty, or all numbers without a digit would wait for each other.
fn key(number: &PhoneNumber) {
    let key = number.recipient_key();
    let digits: String = number.as_str().chars().filter(char::is_ascii_digit).collect();
    let expected = digits.trim_start_matches('0');
    assert_eq!(key, if expected.is_empty() { number.as_str() } else { expected });
}

fn normal_form(form: E164, text: &str) {
    let written = form.to_string();
    let digits = written.strip_prefix('+').expect("a plus in front");
    assert!((E164::MIN_DIGITS..=E164::MAX_DIGITS).contains(&digits.len()), "{written}");
    assert!(!digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit()));
    assert_eq!(E164::parse(&written), Some(form), "it is its own form");
    let there: String = text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(there, digits, "no digit is lost or invented: {text:?}");
    let (one, other) = (PhoneNumber::of_row(&written), PhoneNumber::of_row(text));
    if let (Ok(one), Ok(other)) = (one, other) {
        assert_eq!(one.recipient_key(), other.recipient_key(), "one form is one recipient");
    }
    assert!(!format!("{form:?}").contains(&digits[1..digits.len() - 2]), "{form:?}");
}

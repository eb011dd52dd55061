//! About the API.

use crate::{groups::http::is_loopback, notice::Notice, settings::Settings};

pub(super) fn open_server(settings: &Settings) -> Option<Notice> {
    let host = &settings.http.host;
    settings.http.auth_off.then(|| {
        let who = if is_loopback(host) {
            "whoever is let in by a proxy in front".to_owned()
        } else {
            format!("whoever reaches SERVER_HOST={host}")
        };
        Notice::warn(format!("AUTH=off: {who} can enqueue messages and stop sending"))
    })
}

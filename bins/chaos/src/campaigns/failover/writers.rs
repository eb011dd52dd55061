//! Programs that store messages by the API, whatever befalls the database, and
//! remember what they were promised.

use crate::{limit::after, report::Bill};
use dispatcher_stage::{fleet::Fleet, oracle::Books};
use futures_util::future::join_all;
use std::{cell::RefCell, collections::HashSet, time::Duration};

/// Each stores about so often.
const PAUSE: Duration = Duration::from_millis(250);

/// What was asked for, and what was promised.
#[derive(Default)]
pub(super) struct Writers(RefCell<Told>);

#[derive(Default)]
struct Told {
    asked: usize,
    promised: Vec<String>,
}

impl Writers {
    /// Stores for ever, at each replica by turns of its own.
    pub(super) async fn write(&self, fleet: &Fleet) {
        join_all((0..fleet.size()).map(|place| self.write_at(fleet, place))).await;
    }

    async fn write_at(&self, fleet: &Fleet, place: usize) {
        loop {
            let n = {
                let mut told = self.0.borrow_mut();
                told.asked += 1;
                told.asked
            };
            let content = format!("by API {n}");
            let message = serde_json::json!({
                "phone_number": format!("+90555{:07}", n % 40),
                "content": content,
            });
            let (status, _) = fleet.at(place).post("/api/messages", &message).await;
            if (200..300).contains(&status) {
                self.0.borrow_mut().promised.push(content);
            }
            after(PAUSE).await;
        }
    }

    /// How many messages were promised to be stored, of how many.
    pub(super) fn told(&self) -> (usize, usize) {
        let told = self.0.borrow();
        (told.promised.len(), told.asked)
    }

    /// Everything that was promised is there, beside `others`, and nothing that
    /// nobody asked for.
    pub(super) fn judge(&self, books: &Books, others: usize, bill: &mut Bill) {
        let there: HashSet<&str> =
            books.messages.iter().map(|message| message.content.as_str()).collect();
        let (promised, asked) = self.told();
        for content in &self.0.borrow().promised {
            if !there.contains(content.as_str()) {
                bill.lost += 1;
                bill.violations.push(format!("answered with 2xx, and not there: {content:?}"));
            }
        }
        let rows = books.messages.len();
        let possible = others + promised..=others + asked;
        bill.demand(possible.contains(&rows), || format!("{rows} rows, not {possible:?}"));
        bill.demand(there.len() == rows, || "one request stored two messages".to_owned());
    }
}

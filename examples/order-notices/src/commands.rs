//! The service's language: one command a line, one line of answer.

use crate::Notices;
use anyhow::{Context, bail};
use dispatcher_domain::MessageId;

/// Does what one line says, and answers in one line.
///
/// # Errors
/// When the line is no command, or it cannot be done.
pub async fn answer(notices: &Notices, line: &str) -> anyhow::Result<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match *words.as_slice() {
        ["shipped", order, phone] => {
            let id = notices.order_shipped(order, phone).await?;
            Ok(format!("notice {id} of order {order}"))
        }
        ["notice", id] => {
            let id = id.parse().context("the number of a notice")?;
            notices.whereabouts(MessageId(id)).await
        }
        _ => bail!("say `shipped ORDER PHONE` or `notice NUMBER`"),
    }
}

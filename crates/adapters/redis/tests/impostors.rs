//! Something that listens where Redis should be, and is no Redis.

mod support;

use dispatcher_domain::{MessageId, ports::DeliveryCache};
use dispatcher_redis::RedisConfig;
use std::time::Duration;
use support::{cache, receipt, whole_text};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(60);
const PASSWORD: &str = "s3cret";

type Answer = fn(&[u8]) -> Option<Vec<u8>>;

/// Answers whatever comes with what `answer` makes of it. `None` hangs up.
async fn impostor(answer: Answer) -> anyhow::Result<RedisConfig> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    let Some(text) = answer(&bytes[..count]) else { break };
                    if stream.write_all(&text).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    let password = Some(PASSWORD.to_owned());
    Ok(RedisConfig { password, ..RedisConfig::new("127.0.0.1", port) })
}

/// An error for each command in `said`.
fn quoted(error: &str, said: &[u8]) -> Vec<u8> {
    let commands = String::from_utf8_lossy(said).replace("\r\n", " ");
    let errors = commands.split('*').skip(1).map(|command| format!("-{error} {command}\r\n"));
    errors.collect::<String>().into_bytes()
}

#[tokio::test]
async fn whatever_answers_there_is_an_error_in_time_and_gives_no_secret_away() -> anyhow::Result<()>
{
    let impostors: [Answer; 7] = [
        |_| None,
        |_| Some(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        |_| Some(vec![0xff; 100]),
        |_| Some(b"$9223372036854775807\r\n".to_vec()),
        // An echo, and a Redis without AUTH, which quotes what it was told.
        |said| Some(said.to_vec()),
        |said| Some(quoted("ERR unknown command, with args beginning with:", said)),
        |said| Some(quoted("WRONGPASS", said)),
    ];
    for (number, answer) in impostors.into_iter().enumerate() {
        let cache = cache(&impostor(answer).await?);
        let errors = [
            timeout(LIMIT, cache.ping()).await?.unwrap_err(),
            timeout(LIMIT, cache.record(&receipt(7))).await?.unwrap_err(),
            timeout(LIMIT, cache.lookup(&[MessageId(7)])).await?.unwrap_err(),
        ];
        for error in errors {
            let text = whole_text(&error);
            assert!(!text.contains(PASSWORD), "{number}: {text}");
        }
    }
    Ok(())
}

//! `dev`: everything in one process, nothing to install.

use crate::{Application, Failure, cli::DevOptions, signals::Signals, sources, wiring::Adapters};
use anyhow::Context;
use dispatcher_domain::{MessageBody, MessageLimits, NewMessage, PhoneNumber};
use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_settings::Sources;
use std::{io::Write, net::SocketAddr, path::Path};

/// Sent on the first start, so that there is something to see.
const SAMPLES: [(&str, &str); 6] = [
    ("+905551234501", "Welcome to Message Dispatcher."),
    ("+905551234502", "Your code is 481516. It is valid for five minutes."),
    ("+905551234503", "Your parcel is on its way and arrives today."),
    ("+905551234504", "Your table for two is booked for 20:00."),
    ("+905551234505", "Reminder: your appointment is tomorrow at 09:30."),
    ("+905551234506", "Thank you. That was the last of the samples."),
];

pub(crate) async fn run(options: DevOptions) -> Result<(), Failure> {
    let signals = Signals::listen().map_err(Failure::internal)?;
    let provider =
        mock_provider(options.data_dir.as_deref()).await.map_err(Failure::unavailable)?;
    let settings = sources::load(dev_sources(&options, &provider))?;
    let adapters = Adapters::embedded(&settings).map_err(Failure::usage)?;
    store_samples(&adapters).await.map_err(Failure::internal)?;
    let application = Application::build(&settings, adapters).await?;
    tell(application.address(), &options, &provider);
    let ended = application.run_until_stopped(signals).await;
    provider.stop().await;
    ended
}

async fn mock_provider(data_dir: Option<&Path>) -> anyhow::Result<MockProvider> {
    let ledger_file = match data_dir {
        None => None,
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("--data-dir {} cannot be made", dir.display()))?;
            Some(dir.join("ledger.jsonl"))
        }
    };
    MockProvider::start(Config { ledger_file, ..Config::default() }).await
}

/// Messages go to the mock provider only, whatever the environment says.
fn dev_sources(options: &DevOptions, provider: &MockProvider) -> Sources {
    Sources::of_this_process()
        .with_override("SERVER_HOST", "127.0.0.1")
        .with_override("SERVER_PORT", options.port.to_string())
        .with_override("PROCESSING_INTERVAL", &options.interval)
        .with_override("SMS_API_URL", provider.send_url())
        .with_override("SMS_API_TOKEN", "mock-token")
}

async fn store_samples(adapters: &Adapters) -> anyhow::Result<()> {
    for (phone_number, content) in SAMPLES {
        let message = NewMessage {
            phone_number: PhoneNumber::parse(phone_number)?,
            body: MessageBody::parse(content, &MessageLimits::default())?,
        };
        adapters.messages.enqueue(&message).await?;
    }
    Ok(())
}

fn tell(address: SocketAddr, options: &DevOptions, provider: &MockProvider) {
    let base = format!("http://{address}");
    let interval = &options.interval;
    let ledger = provider.url("/ledger");
    let text = format!(
        r#"
Message Dispatcher runs at {base}
It sends {samples} sample messages to a mock provider, 2 every {interval}.

Look:
  {base}/health                 how it is
  {base}/api/messages/sent      what was sent
  {ledger}                 what the provider got

Type:
  curl -X POST {base}/api/messages -H 'Content-Type: application/json' \
       -d '{{"phone_number":"+905551234567","content":"Hello"}}'
  curl -X POST {base}/api/messaging/stop
  curl -X POST {base}/api/messaging/start

Messages are in memory: they end with this process. Ctrl-C stops it.
"#,
        samples = SAMPLES.len(),
    );
    // Nobody may be reading: the service runs all the same.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

//! `dev`: everything on this machine, nothing to install.

mod place;

use crate::{
    Application, Failure,
    cli::DevOptions,
    manager::Manager,
    signals::Signals,
    sources,
    wiring::{Adapters, prepare_file},
};
use anyhow::Context;
use dispatcher_domain::{MessageBody, MessageLimits, NewMessage, PhoneNumber, Terms};
use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_settings::{Settings, Sources};
use place::Place;
use std::{io::Write, net::SocketAddr};

/// Sent on the first start, so that there is something to see.
const SAMPLES: [(&str, &str); 6] = [
    ("+905551234501", "Welcome to Message Dispatcher."),
    ("+905551234502", "Your code is 481516. It is valid for five minutes."),
    ("+905551234503", "Your parcel is on its way and arrives today."),
    ("+905551234504", "Your table for two is booked for 20:00."),
    ("+905551234505", "Reminder: your appointment is tomorrow at 09:30."),
    ("+905551234506", "Thank you. That was the last of the samples."),
];

/// What the environment says about the servers of production. None is asked, and
/// that something is wrong there keeps nobody from trying this out.
const NOT_USED: [&str; 20] = [
    "DATABASE_URL",
    "DB_HOST",
    "DB_PORT",
    "DB_NAME",
    "DB_USER",
    "DB_PASSWORD",
    "DB_SSLMODE",
    "DB_SSLROOTCERT",
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_PASSWORD",
    "REDIS_DB",
    "REDIS_CA_FILE",
    "REDIS_POOL_SIZE",
    "REDIS_TIMEOUT",
    "SMS_API_URL",
    "SMS_API_TOKEN",
    "SMS_CA_FILE",
    "PROVIDER_LOOKUP_URL",
];

pub(crate) async fn run(options: DevOptions) -> Result<(), Failure> {
    let signals = Signals::listen().map_err(Failure::internal)?;
    let place = Place::make(options.data_dir.as_deref()).map_err(Failure::unavailable)?;
    let ledger_file = Some(place.ledger());
    let provider = MockProvider::start(Config { ledger_file, ..Config::default() })
        .await
        .with_context(|| place.refused())
        .map_err(Failure::unavailable)?;
    let settings = sources::load(dev_sources(&options, &place, &provider)?)?;
    let is_new = prepare_file(&settings.database).await?;
    let adapters = Adapters::embedded(&settings)?;
    if is_new {
        store_samples(&adapters).await.map_err(Failure::internal)?;
    }
    let application = Application::build(&settings, adapters).await?;
    tell(application.address(), &pace(&settings, &options), &place, &provider);
    let ended = application.run_until_stopped(signals, &Manager::default()).await;
    provider.stop().await;
    ended
}

/// Messages go to the mock provider only, whatever the environment says.
fn dev_sources(
    options: &DevOptions,
    place: &Place,
    provider: &MockProvider,
) -> Result<Sources, Failure> {
    Ok(Sources::of_this_process()
        .without(&NOT_USED)
        .with_override("DATABASE_URL", place.database_url().map_err(Failure::usage)?)
        .with_override("SERVER_HOST", "127.0.0.1")
        .with_override("SERVER_PORT", options.port.to_string())
        .with_override("PROCESSING_INTERVAL", &options.interval)
        .with_override("SMS_API_URL", provider.send_url())
        .with_override("SMS_API_TOKEN", "mock-token"))
}

async fn store_samples(adapters: &Adapters) -> anyhow::Result<()> {
    for (phone_number, content) in SAMPLES {
        let message = NewMessage {
            phone_number: PhoneNumber::parse(phone_number)?,
            body: MessageBody::parse(content, &MessageLimits::default())?,
        };
        adapters.messages.enqueue(&message, &Terms::default()).await?;
    }
    Ok(())
}

/// In the words of whoever asked for it.
fn pace(settings: &Settings, options: &DevOptions) -> String {
    let policy = settings.dispatch.policy;
    match policy.has_quota() {
        true => format!("{} every {}", policy.batch_size, options.interval),
        false => "without a pause".to_owned(),
    }
}

fn tell(address: SocketAddr, pace: &str, place: &Place, provider: &MockProvider) {
    let base = format!("http://{address}");
    let ledger = provider.url("/ledger");
    let text = format!(
        r#"
Message Dispatcher runs at {base}
It sends messages to a mock provider, {pace}; {samples} samples come with a new file.

Look:
  {base}/health                 how it is
  {base}/api/messages/sent      what was sent
  {ledger}                 what the provider got

Type:
  curl -X POST {base}/api/messages -H 'Content-Type: application/json' \
       -d '{{"phone_number":"+905551234567","content":"Hello"}}'
  curl -X POST {base}/api/messaging/stop
  curl -X POST {base}/api/messaging/start

  sqlite3 -cmd ".timeout 5000" {file} \
       "INSERT INTO messages (phone_number, content) VALUES ('+905551234567', 'Hello')"

{fate} Ctrl-C stops it.
"#,
        samples = SAMPLES.len(),
        file = place.database_as_typed(),
        fate = place.fate(),
    );
    // Nobody may be reading: the service runs all the same.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

//! `serve`: the service on the database and cache that the settings name.

use crate::{Application, Failure, manager::Manager, signals::Signals, sources, wiring::Adapters};
use dispatcher_settings::Sources;

pub(crate) async fn run() -> Result<(), Failure> {
    // First of all: a signal during the start must end it in order, too.
    let signals = Signals::listen().map_err(Failure::internal)?;
    let sources = Sources::of_this_process();
    let manager = Manager::of(&sources.env);
    let settings = sources::load(sources)?;
    sources::tell_notices(&settings);
    let adapters = Adapters::production(&settings)?;
    let application = Application::build(&settings, adapters).await?;
    manager.ready();
    application.run_until_stopped(signals, &manager).await
}

//! Settings as their users meet them. No test reads the process environment.

mod defaults;
mod inspect;
mod kinds;
mod manual;
mod notices;
mod precedence;
mod secret_files;
mod secrets;
mod to_migrate;
mod together;
mod urls;
mod wrong_values;

use dispatcher_settings::{PostgresSettings, Settings, Sources};

type Pairs<'a> = &'a [(&'a str, &'a str)];

/// Settings of an environment that must be right.
fn load(env: Pairs) -> Settings {
    Settings::load(sources(env)).unwrap_or_else(|errors| panic!("{env:?}: {errors}"))
}

/// The PostgreSQL server of settings that name one.
fn postgres(settings: Settings) -> PostgresSettings {
    settings.database.postgres().expect("PostgreSQL").clone()
}

/// The lines about each mistake of an environment that must be wrong.
fn mistakes(env: Pairs) -> Vec<String> {
    mistakes_in(sources(env))
}

fn mistakes_in(sources: Sources) -> Vec<String> {
    let errors = Settings::load(sources).expect_err("something should be wrong");
    errors.iter().map(ToString::to_string).collect()
}

fn sources(env: Pairs) -> Sources {
    Sources::of(env.iter().copied())
}

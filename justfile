# Short names for the commands of every day. Each is plain cargo: `just` is a convenience, not a need.

# List the recipes.
default:
    @just --list

# Run the product with everything in one process and a fake provider: nothing to install.
[group("run")]
dev *args:
    cargo run -- dev {{args}}

# Bring the tables of the database up to date.
[group("run")]
migrate *args:
    cargo run --package dispatcher-migrate -- {{args}}

# Run the service as in production: settings come from a file and the environment.
[group("run")]
server *args:
    cargo run --package dispatcher-server -- {{args}}

# Run the fake SMS provider on its own.
[group("run")]
mock-provider *args:
    cargo run --package dispatcher-mock-provider -- {{args}}

# Let libFuzzer look for bytes that break what reads a stranger's bytes.
[group("check")]
fuzz *args:
    cargo xtask fuzz {{args}}

# Change the rules line by line, and see which change no test notices.
[group("check")]
mutants *args:
    cargo xtask mutants {{args}}

# Take the guards out, one or two at a time, and see who notices: `just guards --pairs`.
[group("check")]
guards *args:
    cargo xtask guards {{args}}

# Attack the delivery promises: `just chaos --list`.
[group("check")]
chaos *args:
    cargo xtask chaos {{args}}

# Use the API of a running service once through.
[group("run")]
api url="http://127.0.0.1:8080":
    scripts/api.sh {{url}}

# Run all tests, with real PostgreSQL and Redis (found, or installed where allowed).
[group("check")]
test *args:
    cargo xtask test {{args}}

# Run every check that a change must pass, as CI does.
[group("check")]
ci:
    .ci/run

# Format the code.
[group("check")]
fmt:
    cargo fmt --all

# Find questionable code.
[group("check")]
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Check what is not Rust: images, manifests, workflows, scripts, spelling, licences.
[group("check")]
files:
    cargo xtask files

# Start the `dev` mode for real, and use it once through.
[group("check")]
drive-dev:
    cargo xtask drive-dev

# Have promtool look at the metrics of the `dev` mode.
[group("check")]
promtool:
    cargo xtask promtool

# Measure how long a Go service's table is locked while it is taken over: `just adoption --rows 1000000`.
[group("check")]
adoption *args:
    cargo xtask adoption {{args}}

# How much of the code the tests reach. Needs cargo-llvm-cov and `rustup component add llvm-tools`.
[group("check")]
coverage:
    cargo llvm-cov --workspace --html --open

# Does it build with the oldest Rust that Cargo.toml promises?
[group("check")]
msrv:
    cargo +$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml) check --locked --workspace

# Build the documentation of all crates and open it.
[group("check")]
doc:
    cargo doc --workspace --no-deps --open

# Format, lint and quick tests before each commit.
[group("set-up")]
hooks:
    git config core.hooksPath .githooks

# Start everything in containers; needs Docker.
[group("ship")]
up *args:
    docker compose -f deploy/compose.yaml up -d {{args}}

# End what `up` started; the data stays.
[group("ship")]
down:
    docker compose -f deploy/compose.yaml down

# Build the three images and run their programs, without a container engine; as root on Debian.
[group("ship")]
images:
    scripts/images.sh

# Start what `up` starts under a name of its own, use it, break parts of it, and leave nothing; needs Docker.
[group("ship")]
compose-run *args:
    scripts/compose-run.sh {{args}}

# Build the published crates as crates.io would.
[group("ship")]
package:
    cargo xtask package

# Print what the page of a release will say.
[group("ship")]
release-notes tag:
    cargo xtask release-notes {{tag}}

# Show what a release would change.
[group("ship")]
release-dry-run tag:
    cargo xtask release {{tag}} --dry-run

# Make a release: versions, changelog, commit, tag. Pushes nothing.
[group("ship")]
release tag:
    cargo xtask release {{tag}}

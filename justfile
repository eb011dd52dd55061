# Short names for the commands of every day. Each is plain cargo: `just` is a convenience, not a need.

# List the recipes.
default:
    @just --list

# Run the product with everything in memory and a fake provider: nothing to install.
dev *args:
    cargo run -- dev {{args}}

# Run all tests, with real PostgreSQL and Redis (found, or installed where allowed).
test *args:
    cargo xtask test {{args}}

# Run every check that a change must pass, as CI does.
ci:
    .ci/run

# Format the code.
fmt:
    cargo fmt --all

# Find questionable code.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Build the documentation of all crates and open it.
doc:
    cargo doc --workspace --no-deps --open

# Bring the tables of the database up to date.
migrate *args:
    cargo run --package dispatcher-migrate -- {{args}}

# Run the service as in production: settings come from a file and the environment.
server *args:
    cargo run --package dispatcher-server -- {{args}}

# Run the fake SMS provider on its own.
mock-provider *args:
    cargo run --package dispatcher-mock-provider -- {{args}}

# Let libFuzzer look for bytes that break what reads a stranger's bytes.
fuzz *args:
    cargo xtask fuzz {{args}}

# Change the rules line by line, and see which change no test notices.
mutants *args:
    cargo xtask mutants {{args}}

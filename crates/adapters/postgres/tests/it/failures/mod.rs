//! Servers that go away, fall silent, or leave us waiting.

mod abandoned;
mod lock_waits;
mod lost_commit;
mod outages;
mod proxy;
mod refusals;
mod silence;
mod standby;

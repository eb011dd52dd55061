//! The provider over HTTP, with a client like the one it is made for.

mod accepting;
mod binary;
mod bodies;
mod helpers;
mod ledger;
mod refusing;
mod replay;
mod requests;
mod scripts;
mod silence;
mod stopping;

//! The campaigns. A new one is a folder here, and a line below.

mod agreement;
mod cadence;
mod crew;
mod database;
mod failover;
mod kill;
mod late;
mod model;
mod order;
mod provider;
mod sigterm;
mod simulate;
mod soak;
mod stop;
mod supply;
mod tcp;
mod upgrade;

use crate::campaign::Campaign;

/// All of them, quick ones first.
pub(crate) const CAMPAIGNS: &[Campaign] = &[
    model::CAMPAIGN,
    simulate::CAMPAIGN,
    kill::CAMPAIGN,
    database::CAMPAIGN,
    failover::CAMPAIGN,
    cadence::CAMPAIGN,
    agreement::CAMPAIGN,
    stop::CAMPAIGN,
    late::CAMPAIGN,
    order::CAMPAIGN,
    sigterm::CAMPAIGN,
    tcp::CAMPAIGN,
    provider::CAMPAIGN,
    upgrade::CAMPAIGN,
    soak::CAMPAIGN,
];

/// Says what there is.
pub(crate) fn list() {
    println!("{:<10} {:>9} {:>7}  what", "campaign", "full", "in CI");
    for Campaign { name, shows, full, ci, .. } in CAMPAIGNS {
        println!("{name:<10} {full:>9} {ci:>7}  {shows}");
    }
}

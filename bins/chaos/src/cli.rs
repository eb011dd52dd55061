//! The command line.

use crate::{
    campaign::{Campaign, Plan},
    campaigns::CAMPAIGNS,
};
use anyhow::bail;
use clap::Parser;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Campaigns against the delivery promises.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask chaos", bin_name = "cargo xtask chaos")]
pub(crate) struct CommandLine {
    /// Which campaign; `all` plays every one of them.
    #[arg(long, default_value = "all")]
    campaign: String,
    /// How many trials; the full size of the campaign unless told.
    #[arg(long)]
    count: Option<u64>,
    /// Small sizes, as CI plays them.
    #[arg(long, conflicts_with = "count")]
    ci: bool,
    /// Repeats what an earlier run did.
    #[arg(long)]
    seed: Option<u64>,
    /// Lists the campaigns.
    #[arg(long)]
    pub(crate) list: bool,
}

impl CommandLine {
    /// The campaigns that were asked for.
    ///
    /// # Errors
    /// When there is none of this name; names those that there are.
    pub(crate) fn chosen(&self) -> anyhow::Result<Vec<&'static Campaign>> {
        let chosen: Vec<_> = CAMPAIGNS
            .iter()
            .filter(|campaign| self.campaign == "all" || self.campaign == campaign.name)
            .filter(|campaign| !self.ci || self.is_in_ci(campaign))
            .collect();
        if chosen.is_empty() {
            let names: Vec<_> = CAMPAIGNS.iter().map(|campaign| campaign.name).collect();
            bail!("--campaign {}: must be `all` or one of {}", self.campaign, names.join(", "));
        }
        Ok(chosen)
    }

    fn is_in_ci(&self, campaign: &Campaign) -> bool {
        if campaign.ci == 0 {
            println!("{}: left out of CI, where it would take too long", campaign.name);
        }
        campaign.ci > 0
    }

    /// What this campaign shall do.
    pub(crate) fn plan(&self, campaign: &Campaign) -> Plan {
        let usual = if self.ci { campaign.ci } else { campaign.full };
        let any = || RandomState::new().build_hasher().finish() % 1_000_000;
        Plan {
            count: self.count.unwrap_or(usual),
            seed: self.seed.unwrap_or_else(any),
            ci: self.ci,
        }
    }
}

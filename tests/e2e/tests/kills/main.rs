//! The real binary killed at random moments under load, in the three modes on both platforms: no hold
//! is forgotten, none is stolen, and nobody is left wrong.
//!
//! How often and from which seed can be said by the environment; `cargo xtask kills` says it so.

mod choices;
mod rounds;
mod storm;

use std::env;
use std::str::FromStr;

use finesse_sim::Deployment::{Ucce, Uccx};

use self::rounds::Plan;

/// Kills in all, unless the environment says otherwise: what fits into the tests that everybody runs.
const KILLS: usize = 18;
/// Where chance begins, unless the environment says otherwise.
const SEED: u64 = 20_261_121;
/// People at work in each site, unless the environment says otherwise.
const AGENTS: usize = 120;
/// Fewer are not worth a site of their own; each mode has one all the same.
const KILLS_OF_A_SITE: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_forgotten_robbed_or_left_wrong_by_kills_under_load() {
    let kills = told("LOCKSTEP_KILLS", KILLS);
    let seed = told("LOCKSTEP_KILLS_SEED", SEED);
    let agents = told("LOCKSTEP_KILLS_AGENTS", AGENTS);
    let sites = [
        ("server", Ucce),
        ("gadget", Uccx),
        ("auto", Ucce),
        ("server", Uccx),
        ("gadget", Ucce),
        ("auto", Uccx),
    ];
    let sites = &sites[..(kills / KILLS_OF_A_SITE).clamp(3, sites.len())];
    for (turn, (mode, deployment)) in sites.iter().enumerate() {
        // The remainder goes to the first ones.
        let own = (kills + sites.len() - 1 - turn) / sites.len();
        let seed = seed.wrapping_add(u64::try_from(turn).expect("few"));
        rounds::run(Plan { mode, deployment: *deployment, agents, kills: own, seed }).await;
    }
}

fn told<T: FromStr>(name: &str, otherwise: T) -> T {
    env::var(name).map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}"))
    })
}

//! What the gadget asked of Finesse, told from what the desktop itself asks.

use finesse_sim::Endpoint;
use lockstep_e2e::Site;

/// The states that the gadget asked for the agent, in their order.
pub fn asked(site: &Site, agent: &str) -> Vec<String> {
    let id = site.finesse.user(agent).expect("a user of finesse-sim").login_id;
    let puts = site.finesse.log().into_iter().filter(|put| {
        let of_agent = put.target.as_deref() == Some(&id);
        put.method == "PUT" && put.endpoint == Endpoint::User && of_agent
    });
    let states = puts.filter_map(|put| {
        let state = put.body.split_once("<state>")?.1.split_once("</state>")?.0.to_owned();
        // Signing in and out is the desktop's.
        matches!(state.as_str(), "READY" | "NOT_READY").then_some(state)
    });
    states.collect()
}

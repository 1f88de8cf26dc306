//! What people do on stage, and what becomes of it: presences, states, calls, requests.

use std::collections::BTreeMap;

use finesse_sim::{AgentState, By, CallEvent, CallOptions, Endpoint, RequestRecord};
use webex_sim::Change;

use crate::site::Site;

impl Site {
    /// `agent1001`, or an address as it is.
    pub fn address(agent: &str) -> String {
        if agent.contains('@') { agent.to_owned() } else { format!("{agent}@example.com") }
    }

    /// Changes an agent's presence in Webex.
    pub fn presence(&self, agent: &str, change: impl Into<Change>) {
        self.turn(agent);
        self.presence_at(&Self::address(agent), change);
    }

    /// Changes the presence of the person with this address.
    pub fn presence_at(&self, address: &str, change: impl Into<Change>) {
        self.webex.set_presence(address, change).expect("a person of webex-sim");
    }

    /// An agent or a supervisor changes a state by hand.
    pub fn by_hand(&self, agent: &str, state: &str, reason: Option<&str>, by: By) {
        self.turn(agent);
        self.finesse.set_state(agent, state, reason, by).expect("Finesse allows it");
    }

    /// Something happens to an agent's call.
    pub fn call(&self, agent: &str, event: CallEvent) {
        self.call_with(agent, event, CallOptions::default());
    }

    /// The same with circumstances.
    pub fn call_with(&self, agent: &str, event: CallEvent, options: CallOptions) {
        self.turn(agent);
        self.finesse.call_with(agent, event, options).expect("the call allows it");
    }

    /// Waits until Finesse has the agent in this state.
    pub async fn reaches(&self, agent: &str, state: AgentState) {
        let what = format!("{agent} is {state}");
        self.wait_for(&what, |site| (site.finesse.state(agent) == state).then_some(())).await;
    }

    /// The agent is in this state now.
    pub fn stands(&self, agent: &str, state: AgentState) {
        let now = self.finesse.state(agent);
        assert!(now == state, "{agent} is {now}, not {state}\n{}", self.told());
    }

    /// Waits until Lockstep holds the agent, and has seen it.
    pub async fn taken(&self, agent: &str) {
        self.decides(agent, "taken").await;
        self.stands(agent, AgentState::NotReady);
    }

    /// Waits until Lockstep has let go of the agent, and has seen it.
    pub async fn released(&self, agent: &str) {
        self.decides(agent, "released").await;
        self.stands(agent, AgentState::Ready);
    }

    /// Presence reaches Finesse: the agent is taken, and let go again.
    pub async fn follows(&self, agent: &str) {
        self.presence(agent, "dnd");
        self.taken(agent).await;
        self.presence(agent, "active");
        self.released(agent).await;
    }

    // === what Webex does ===

    /// Something goes wrong in Webex: at once, or until faults are cleared.
    pub fn webex_fault(&self, fault: webex_sim::Fault) {
        self.webex.inject(fault).expect("a fault of webex-sim");
    }

    /// Something goes wrong in Webex for so many times.
    pub fn webex_faults(&self, fault: webex_sim::Fault, times: u32) {
        self.webex.inject_times(fault, times).expect("a fault of webex-sim");
    }

    /// The agent's presence changes, and the event of it is lost: only a fresh look can tell.
    pub fn presence_unheard(&self, agent: &str, presence: &str) {
        self.webex_faults(webex_sim::Fault::EventLost { person: Some(Self::address(agent)) }, 1);
        self.presence(agent, presence);
    }

    /// Waits until the feed is `live`, `polling` or `lost`; gives what `/readyz` says of it.
    pub async fn feed_is(&self, state: &str) -> String {
        let what = format!("the feed is {state}");
        let shows = |page: &crate::Page| page.json()["webex"]["feed"] == state;
        let page = self.page("/readyz", &what, shows).await;
        page.json()["webex"]["detail"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the feed was lost because of `words` and is back.
    pub async fn feed_returns_from(&self, words: &str) {
        let lost = ["webex feed is lost", words];
        self.says(&format!("the feed is lost: {words}"), &lost).await;
        self.feed_is("live").await;
    }

    /// The label of the reason that Finesse shows.
    pub fn reason(&self, agent: &str) -> String {
        let user = self.finesse.user(agent).expect("a user of finesse-sim");
        user.reason.map(|reason| reason.label).unwrap_or_default()
    }

    // === what was asked of Finesse ===

    /// The states that were asked for the agent, in their order.
    pub fn asked(&self, agent: &str) -> Vec<&'static str> {
        let id = self.finesse.user(agent).expect("a user of finesse-sim").login_id;
        let puts = self.finesse.log().into_iter();
        let puts = puts.filter(|put| is_put(put) && put.target.as_deref() == Some(&id));
        puts.map(|put| wish(&put)).collect()
    }

    /// The same with who asked: `gadget NOT_READY` in the agent's own name, `server READY` in a
    /// supervisor's.
    pub fn writes(&self, agent: &str) -> Vec<String> {
        let id = self.finesse.user(agent).expect("a user of finesse-sim").login_id;
        let puts = self.finesse.log().into_iter();
        let puts = puts.filter(|put| is_put(put) && put.target.as_deref() == Some(&id));
        let who = |put: &RequestRecord| if put.actor == put.target { "gadget" } else { "server" };
        puts.map(|put| format!("{} {}", who(&put), wish(&put))).collect()
    }

    /// A fence: once this is over, every agent has been looked at twice since it began.
    pub async fn two_looks(&self) {
        let before = looks(&self.finesse.log());
        // One may have been under way.
        let again = |site: &Self| {
            let now = looks(&site.finesse.log());
            let again = |(team, count): (&String, &usize)| {
                *count >= before.get(team).copied().unwrap_or_default() + 3
            };
            (!now.is_empty() && now.iter().all(again)).then_some(())
        };
        self.wait_for("every team is read twice more", again).await;
    }
}

impl Site {
    /// A fence: no change of a state was asked for while every team was read twice.
    pub async fn quiet(&self) {
        loop {
            let before = self.puts();
            self.two_looks().await;
            if self.puts() == before {
                return;
            }
        }
    }

    fn puts(&self) -> u64 {
        self.finesse.counters().writes.values().sum()
    }
}

/// Is it a change of a state?
pub(crate) fn is_put(record: &RequestRecord) -> bool {
    record.method == "PUT" && record.endpoint == Endpoint::User
}

/// The state that it asks for.
pub(crate) fn wish(record: &RequestRecord) -> &'static str {
    if record.body.contains("NOT_READY") { "NOT_READY" } else { "READY" }
}

/// How often each team was read.
fn looks(log: &[RequestRecord]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for read in log.iter().filter(|one| one.endpoint == Endpoint::Team && one.status == Some(200)) {
        let team = read.path.split('?').next().unwrap_or_default();
        *counts.entry(team.to_owned()).or_default() += 1;
    }
    counts
}

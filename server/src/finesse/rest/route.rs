//! Finds the node to ask: drives [`super::nodes`] with `SystemInfo` requests.

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use lockstep_core::Time;
use reqwest::{Client, Method, Url};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::health::{Health, NodeHealth};
use super::http::{self, Answer, BodyError, Request};
use super::metering::{self, Call};
use super::nodes::{Change, Nodes, Standing, Step};
use super::wire;
use crate::clock::Clock;
use crate::finesse::FinesseError;

/// The nodes, the client that speaks to them, and the one in use.
#[derive(Debug)]
pub(super) struct Route {
    client: Client,
    nodes: Vec<Node>,
    probe_limit: Duration,
    clock: Clock,
    state: Mutex<Nodes>,
    /// The node that wants to be left alone, and until when.
    hold: Mutex<Option<(usize, Instant)>>,
    /// Held while the nodes are compared, so that it is done once for all who wait.
    probing: tokio::sync::Mutex<()>,
    /// When a node was taken into use after another one, or after none was in service.
    fail_overs: watch::Sender<Option<Time>>,
}

/// A node's address.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: usize,
    /// Scheme, host and port, as log lines show it.
    pub(super) name: String,
    base: Url,
}

impl Node {
    /// The address of `/finesse/api/…`, each part escaped. `None` for a part that an address
    /// cannot hold.
    pub(super) fn url(&self, path: &[&str], query: Option<(&str, &str)>) -> Option<Url> {
        if path.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return None;
        }
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.clear().extend(["finesse", "api"]).extend(path);
        if let Some((key, value)) = query {
            url.query_pairs_mut().append_pair(key, value);
        }
        Some(url)
    }
}

impl Route {
    pub(super) fn new(client: Client, nodes: &[Url], probe_limit: Duration, clock: Clock) -> Self {
        let state = Mutex::new(Nodes::new(nodes.len()));
        let nodes = nodes.iter().enumerate().map(|(place, base)| Node {
            place,
            name: base.origin().ascii_serialization(),
            base: base.clone(),
        });
        let nodes = nodes.collect();
        Self {
            client,
            nodes,
            probe_limit,
            clock,
            state,
            hold: Mutex::new(None),
            probing: tokio::sync::Mutex::new(()),
            fail_overs: watch::Sender::new(None),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The node to ask now; compares the nodes first where that is due.
    pub(super) async fn node(&self) -> Result<&Node, FinesseError> {
        if let Some(known) = self.known() {
            return known;
        }
        let _alone = self.probing.lock().await;
        if let Some(known) = self.known() {
            return known;
        }
        let standings = self.ask_all().await;
        self.take_in(|state, now| state.probed(now, standings));
        self.known().unwrap_or_else(|| Err(self.out_of_service(None)))
    }

    /// Asks every node each `interval` how it is, for ever: one that says it is out of service is
    /// left before a request fails. While none is in service, calls ask by themselves.
    pub(super) async fn attend(&self, interval: Duration) -> Infallible {
        loop {
            sleep(interval).await;
            let _alone = self.probing.lock().await;
            if self.state().in_use().is_some() {
                let standings = self.ask_all().await;
                self.take_in(|state, now| state.heard(now, standings));
            }
        }
    }

    /// See [`crate::finesse::Finesse::fail_overs`].
    pub(super) fn fail_overs(&self) -> watch::Receiver<Option<Time>> {
        self.fail_overs.subscribe()
    }

    /// Was the node in use taken after `time`, after a gap?
    pub(super) fn failed_over_since(&self, time: Time) -> bool {
        self.fail_overs.borrow().is_some_and(|at| at > time)
    }

    /// `node` asked to be left alone for so long; the other one did not.
    pub(super) fn hold(&self, node: &Node, pause: Duration) {
        let mut hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        *hold = Some((node.place, Instant::now() + pause));
    }

    /// Until when the node in use wants to be left alone.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let in_use = self.state().in_use();
        let hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        hold.filter(|(node, _)| Some(*node) == in_use).map(|(_, until)| until)
    }

    pub(super) fn succeeded(&self, node: &Node) {
        self.state().succeeded(node.place);
    }

    pub(super) fn failed(&self, node: &Node) {
        self.state().failed(node.place);
    }

    pub(super) fn health(&self, stopped_accounts: Vec<String>) -> Health {
        let state = self.state();
        let name = |place: usize| self.nodes.get(place).map(|node| node.name.clone());
        let nodes = self.nodes.iter().zip(state.standings()).map(|(node, standing)| NodeHealth {
            node: node.name.clone(),
            in_service: *standing == Standing::InService,
            detail: words(standing).to_owned(),
        });
        let nodes = nodes.collect();
        Health { in_use: state.in_use().and_then(name), nodes, stopped_accounts }
    }

    /// What is known without asking anybody.
    fn known(&self) -> Option<Result<&Node, FinesseError>> {
        let step = self.state().step(Instant::now());
        match step {
            Step::Use(place) => self.nodes.get(place).map(Ok),
            Step::Wait(pause) => Some(Err(self.out_of_service(Some(pause)))),
            Step::Probe => None,
        }
    }

    /// What every node says of itself, in their order.
    async fn ask_all(&self) -> Vec<Standing> {
        let standings = join_all(self.nodes.iter().map(|node| self.standing(node))).await;
        for (place, standing) in standings.iter().enumerate() {
            metering::node(place, *standing == Standing::InService);
        }
        standings
    }

    fn take_in(&self, learn: impl FnOnce(&mut Nodes, Instant) -> Option<Change>) {
        let change = {
            let mut state = self.state();
            let change = learn(&mut state, Instant::now());
            // Known before anybody can be told of the new node.
            if let Some(Change::To { gap: true, .. }) = change {
                self.fail_overs.send_replace(Some(self.clock.now()));
            }
            change
        };
        if let Some(change) = change {
            self.tell(change);
        }
    }

    async fn standing(&self, node: &Node) -> Standing {
        let Some(url) = node.url(&["SystemInfo"], None) else {
            return Standing::Out(format!("{}: not an address", node.name));
        };
        let request = Request {
            method: Method::GET,
            url,
            authorization: None,
            id: None,
            body: None,
            limit: Call::System.body_limit(),
        };
        let deadline = Instant::now() + self.probe_limit;
        match http::send(&self.client, request, &node.name, deadline).await {
            Ok(answer) => judged(answer),
            Err(broken) => Standing::Silent(broken.into_words()),
        }
    }

    fn tell(&self, change: Change) {
        let name = |place: usize| self.nodes.get(place).map_or("", |node| node.name.as_str());
        match change {
            Change::To { from: None, to, gap: false } => {
                tracing::info!(finesse.node = name(to), "finesse node in use");
            }
            Change::To { from: None, to, gap: true } => {
                tracing::warn!(
                    finesse.node = name(to),
                    "finesse is in service again; everybody is looked at anew"
                );
            }
            Change::To { from: Some(from), to, .. } => {
                metering::switched();
                let why = self.state().standings().get(from).map(|s| words(s).to_owned());
                tracing::warn!(
                    finesse.node = name(to),
                    finesse.node_before = name(from),
                    finesse.status = why.as_deref().unwrap_or_default(),
                    "switched to the other finesse node"
                );
            }
            Change::Lost => {
                let detail = self.why_none();
                tracing::warn!(finesse.status = detail, "no finesse node is in service");
            }
        }
    }

    fn out_of_service(&self, retry_after: Option<Duration>) -> FinesseError {
        FinesseError::Unavailable { detail: self.why_none(), not_sent: true, retry_after }
    }

    fn why_none(&self) -> String {
        let state = self.state();
        let each = self.nodes.iter().zip(state.standings()).map(|(node, standing)| {
            let words = words(standing);
            if words.starts_with(&node.name) {
                return words.to_owned();
            }
            format!("{}: {words}", node.name)
        });
        each.collect::<Vec<_>>().join("; ")
    }

    fn state(&self) -> MutexGuard<'_, Nodes> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn words(standing: &Standing) -> &str {
    match standing {
        Standing::Unasked => "not asked yet",
        Standing::InService => "in service",
        Standing::Out(why) | Standing::Silent(why) => why,
    }
}

fn judged(answer: Answer) -> Standing {
    if !answer.is_success() {
        return Standing::Out(match answer.location {
            Some(target) => format!("SystemInfo redirects to {target}"),
            None => format!("SystemInfo answered {}", answer.status),
        });
    }
    match answer.body {
        Ok(body) => match wire::system_info(&body) {
            Ok(info) if info.in_service => Standing::InService,
            Ok(info) => Standing::Out(info.status),
            Err(error) => Standing::Out(format!("SystemInfo cannot be read: {error}")),
        },
        Err(BodyError::TooLarge(limit)) => Standing::Out(format!("SystemInfo over {limit} bytes")),
        Err(BodyError::Broken(broken)) => Standing::Silent(broken.into_words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_escaped_in_the_path_and_never_leave_it() {
        let base = "https://f1:8445".parse().unwrap();
        let node = Node { place: 0, name: "https://f1:8445".into(), base };
        let url = |id| node.url(&["User", id], None).map(|url| url.to_string());
        assert_eq!(url("0001").unwrap(), "https://f1:8445/finesse/api/User/0001");
        assert_eq!(
            url("a/b c?d#é").unwrap(),
            "https://f1:8445/finesse/api/User/a%2Fb%20c%3Fd%23%C3%A9"
        );
        for id in ["", ".", ".."] {
            assert_eq!(url(id), None, "{id:?}");
        }
    }
}

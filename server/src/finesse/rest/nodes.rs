//! Which of the nodes is asked: a small machine without a socket; `SystemInfo` decides (Finesse
//! notes 1.9).
//!
//! The node in use stays in use while it works, also when the one before it is back: moving costs
//! a full re-reading. A failure casts doubt on it; the next call then compares the nodes first. With none in service calls are answered at once with what is known,
//! and the nodes are compared again after a growing pause.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause after no node was in service; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Finesse's own desktop asks every 20 s (Finesse notes 1.9); agents wait for us, so twice that.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Comparisons come no closer than this, however many requests fail.
const PROBE_GAP: Duration = Duration::from_secs(1);
/// A node that says `IN_SERVICE` and fails this often in a row is left if the other one is in
/// service too.
const STRIKES: u32 = 3;

/// What a node said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Never asked.
    Unasked,
    /// `IN_SERVICE`.
    InService,
    /// It says that it is not, or what it says cannot be read: why.
    Out(String),
    /// No answer: why.
    Silent(String),
}

/// What a call does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this node.
    Use(usize),
    /// Compare the nodes first.
    Probe,
    /// No node is in service; ask again after this time.
    Wait(Duration),
}

/// The outcome of a comparison, where it changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A node is in use, after another one or none.
    To {
        /// The node before.
        from: Option<usize>,
        /// The node now.
        to: usize,
        /// There was a gap: what the other node, or this one before, had told says nothing now.
        gap: bool,
    },
    /// No node is in service any more.
    Lost,
}

/// The nodes and the one in use.
#[derive(Debug)]
pub(super) struct Nodes {
    standings: Vec<Standing>,
    in_use: Option<usize>,
    doubtful: bool,
    strikes: u32,
    probed_at: Option<Instant>,
    /// The pause after the last comparison, zero while a node is in use.
    pause: Duration,
    /// Nothing was in service at the last comparison.
    lost: bool,
}

impl Nodes {
    pub(super) fn new(count: usize) -> Self {
        Self {
            standings: vec![Standing::Unasked; count],
            in_use: None,
            doubtful: false,
            strikes: 0,
            probed_at: None,
            pause: Duration::ZERO,
            lost: false,
        }
    }

    pub(super) fn in_use(&self) -> Option<usize> {
        self.in_use
    }

    pub(super) fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// What to do now.
    pub(super) fn step(&self, now: Instant) -> Step {
        let age = self.probed_at.map(|at| now.saturating_duration_since(at));
        match (self.in_use, age) {
            (Some(node), _) if !self.doubtful => Step::Use(node),
            (Some(node), Some(age)) if age < PROBE_GAP => Step::Use(node),
            (None, Some(age)) if age < self.pause => Step::Wait(self.pause.saturating_sub(age)),
            _ => Step::Probe,
        }
    }

    /// Takes in what the nodes said, in their order.
    pub(super) fn probed(&mut self, now: Instant, standings: Vec<Standing>) -> Option<Change> {
        self.standings = standings;
        self.probed_at = Some(now);
        self.doubtful = false;
        let before = self.in_use;
        self.in_use = self.best();
        if let Some(node) = self.in_use {
            self.pause = Duration::ZERO;
            let was_lost = std::mem::take(&mut self.lost);
            if before == Some(node) {
                return None;
            }
            self.strikes = 0;
            return Some(Change::To { from: before, to: node, gap: before.is_some() || was_lost });
        }
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        let news = !self.lost;
        self.lost = true;
        news.then_some(Change::Lost)
    }

    /// Takes in a heartbeat: as a comparison, but that silence of the node in use is only a doubt,
    /// for one packet may be lost. What it says itself counts at once.
    pub(super) fn heard(&mut self, now: Instant, standings: Vec<Standing>) -> Option<Change> {
        let silent = |node: &usize| matches!(standings.get(*node), Some(Standing::Silent(_)));
        let Some(node) = self.in_use.filter(silent) else { return self.probed(now, standings) };
        self.standings = standings;
        self.failed(node);
        None
    }

    /// A request to `node` was answered.
    pub(super) fn succeeded(&mut self, node: usize) {
        if self.in_use == Some(node) {
            self.strikes = 0;
            self.doubtful = false;
        }
    }

    /// A request to `node` got no answer, or one that says it is out of service. What comes late
    /// from a node that was left is of no interest.
    pub(super) fn failed(&mut self, node: usize) {
        if self.in_use == Some(node) {
            self.strikes = self.strikes.saturating_add(1);
            self.doubtful = true;
        }
    }

    /// The node in use if it still serves, else the first that does.
    fn best(&self) -> Option<usize> {
        let serves = |node: &usize| self.standings.get(*node) == Some(&Standing::InService);
        let mut others = (0..self.standings.len()).filter(|node| Some(*node) != self.in_use);
        let other = others.find(|node| serves(node));
        match self.in_use.filter(serves) {
            Some(node) if self.strikes < STRIKES => Some(node),
            current => other.or(current),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Standing::InService;
    use super::*;

    fn out() -> Standing {
        Standing::Out("OUT_OF_SERVICE".into())
    }

    fn using(node: usize, now: Instant) -> Nodes {
        let mut nodes = Nodes::new(2);
        let mut standings = vec![out(), out()];
        standings[node] = InService;
        assert_eq!(
            nodes.probed(now, standings),
            Some(Change::To { from: None, to: node, gap: false })
        );
        nodes
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_asked_before_the_nodes_were_compared() {
        let now = Instant::now();
        let mut nodes = Nodes::new(2);
        assert_eq!(nodes.step(now), Step::Probe);
        assert_eq!(
            nodes.probed(now, vec![InService, InService]),
            Some(Change::To { from: None, to: 0, gap: false })
        );
        assert_eq!(nodes.step(now), Step::Use(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_compares_again_and_moves_when_the_node_is_out() {
        let now = Instant::now();
        let mut nodes = using(0, now);
        nodes.failed(0);
        assert_eq!(nodes.step(now), Step::Use(0), "compared a moment ago");
        let later = now + PROBE_GAP;
        assert_eq!(nodes.step(later), Step::Probe);
        let change = nodes.probed(later, vec![out(), InService]);
        assert_eq!(change, Some(Change::To { from: Some(0), to: 1, gap: true }));
        assert_eq!(nodes.step(later), Step::Use(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_node_in_use_is_kept_while_it_serves() {
        let now = Instant::now();
        let mut nodes = using(1, now);
        nodes.failed(1);
        assert_eq!(nodes.probed(now, vec![InService, InService]), None);
        assert_eq!(nodes.in_use(), Some(1));
        nodes.failed(0);
        assert_eq!(nodes.step(now + PROBE_GAP), Step::Use(1), "the other node's late failure");
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_says_in_service_and_fails_three_times_is_left() {
        let now = Instant::now();
        let mut nodes = using(0, now);
        for _ in 0..3 {
            nodes.failed(0);
        }
        let change = nodes.probed(now, vec![InService, InService]);
        assert_eq!(change, Some(Change::To { from: Some(0), to: 1, gap: true }));
        let mut alone = Nodes::new(1);
        alone.probed(now, vec![InService]);
        for _ in 0..9 {
            alone.failed(0);
        }
        assert_eq!(alone.probed(now, vec![InService]), None);
        assert_eq!(alone.in_use(), Some(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_takes_the_doubt_away() {
        let now = Instant::now();
        let mut nodes = using(0, now);
        nodes.failed(0);
        nodes.succeeded(0);
        assert_eq!(nodes.step(now + PROBE_GAP), Step::Use(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_finds_a_node_out_of_service_before_a_request_does() {
        let now = Instant::now();
        let mut nodes = using(0, now);
        assert_eq!(nodes.heard(now, vec![InService, out()]), None);
        let change = nodes.heard(now, vec![out(), InService]);
        assert_eq!(change, Some(Change::To { from: Some(0), to: 1, gap: true }));
        assert_eq!(nodes.heard(now, vec![InService, InService]), None, "no return while it serves");
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_without_an_answer_is_only_a_doubt() {
        let now = Instant::now();
        let mut nodes = using(0, now);
        let silent = || Standing::Silent("no answer".into());
        assert_eq!(nodes.heard(now, vec![silent(), InService]), None);
        assert_eq!(nodes.in_use(), Some(0));
        let later = now + PROBE_GAP;
        assert_eq!(nodes.step(later), Step::Probe, "asked again by the next call");
        let change = nodes.probed(later, vec![silent(), InService]);
        assert_eq!(change, Some(Change::To { from: Some(0), to: 1, gap: true }));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_while_no_node_is_in_service_and_are_told_once() {
        let mut now = Instant::now();
        let mut nodes = using(0, now);
        nodes.failed(0);
        assert_eq!(nodes.probed(now, vec![out(), out()]), Some(Change::Lost));
        for expected in [1, 2, 4, 8, 10, 10] {
            assert_eq!(nodes.step(now), Step::Wait(Duration::from_secs(expected)));
            now += Duration::from_secs(expected);
            assert_eq!(nodes.step(now), Step::Probe);
            assert_eq!(nodes.probed(now, vec![out(), out()]), None);
        }
        let back = nodes.probed(now, vec![out(), InService]);
        assert_eq!(back, Some(Change::To { from: None, to: 1, gap: true }));
        nodes.failed(1);
        assert_eq!(nodes.probed(now, vec![out(), out()]), Some(Change::Lost));
        assert_eq!(nodes.step(now), Step::Wait(FIRST_PAUSE));
    }
}

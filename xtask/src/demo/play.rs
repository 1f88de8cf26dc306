//! Plays scenes on a stage and checks where everybody is.

use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::board::{Board, Row};
use super::check::{Checked, Open};
use super::control::Control;
use super::scene::{Act, Expect, FeedIs, Scene};

/// How long anything that is to come true may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// How fast a day is played.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// After each act, for people who watch.
    pub(super) act: Duration,
    /// After each scene.
    pub(super) scene: Duration,
    /// For how many seconds a cut feed stays away.
    pub(super) away: u64,
}

/// As fast as it goes.
pub(super) const AT_ONCE: Pace = Pace { act: Duration::ZERO, scene: Duration::ZERO, away: 4 };
/// So that people can follow.
pub(super) const TO_WATCH: Pace =
    Pace { act: Duration::from_millis(500), scene: Duration::from_millis(4_500), away: 10 };

/// Plays scene after scene.
#[derive(Debug)]
pub(super) struct Player {
    control: Control,
    boards: watch::Receiver<Board>,
    pace: Pace,
    open: Open,
    /// Where everybody was last.
    expected: Vec<Expect>,
}

impl Player {
    pub(super) const fn new(
        control: Control,
        boards: watch::Receiver<Board>,
        pace: Pace,
        open: Open,
    ) -> Self {
        Self { control, boards, pace, open, expected: Vec::new() }
    }

    /// Where everybody was to be after the last scene.
    pub(super) fn expected(&self) -> &[Expect] {
        &self.expected
    }

    /// The board as it is.
    pub(super) fn board(&self) -> Board {
        self.boards.borrow().clone()
    }

    /// Waits until the server is ready and watches everybody.
    pub(super) async fn ready(&mut self, agents: usize) -> anyhow::Result<()> {
        let ready = |board: &Board| {
            board.health.ready && board.health.watched == agents && board.rows.len() == agents
        };
        self.until("the server is ready and watches everybody", ready).await.map(drop)
    }

    /// Plays one scene; the checks say what became of everybody.
    pub(super) async fn play(&mut self, scene: &Scene) -> anyhow::Result<Vec<Checked>> {
        let began = Instant::now();
        let (seq, told) = {
            let board = self.boards.borrow();
            (board.last_seq(), board.decisions.len())
        };
        let mut missed = Vec::new();
        for act in &scene.acts {
            if let Err(error) = self.act(act, told).await {
                missed.push(Checked::never(&format!("{error:#}"), began.elapsed()));
                break;
            }
            tokio::time::sleep(self.pace.act).await;
        }
        let expected = self.expectations(scene);
        let mut checked = self.settle(&expected, seq, began).await?;
        self.stay(&mut checked, &expected, seq, scene.quiet).await?;
        for (check, expect) in checked.iter_mut().zip(&expected) {
            check.named = scene.expect.iter().any(|named| named.who == expect.who);
        }
        self.expected = expected;
        checked.extend(missed);
        tokio::time::sleep(self.pace.scene).await;
        Ok(checked)
    }

    fn expectations(&self, scene: &Scene) -> Vec<Expect> {
        let before = self.expected.iter().map(Expect::stays);
        let named = |who| scene.expect.iter().find(|expect| expect.who == who);
        if self.expected.is_empty() {
            return scene.expect.clone();
        }
        before.map(|expect| named(expect.who).cloned().unwrap_or(expect)).collect()
    }

    // === acts ===

    /// `told` is how many decisions there were before the scene.
    pub(super) async fn act(&mut self, act: &Act, told: usize) -> anyhow::Result<()> {
        match act {
            Act::Presence(who, presence) => {
                let row = self.row(*who)?;
                self.control.presence(&row.address(), presence).await
            }
            Act::State(who, order) => {
                let row = self.row(*who)?;
                self.control.state(&row.login_id, order).await
            }
            Act::Call(who, order) => {
                let row = self.row(*who)?;
                self.control.call(&row.login_id, order).await
            }
            Act::Cut => self.control.cut_feed(self.pace.away).await,
            Act::Until(who, code) => {
                let what = format!("{}: {code}", self.row(*who)?.name);
                self.until(&what, |board| board.decided(*who, code, told)).await.map(drop)
            }
            Act::Polled => self.polled().await,
            Act::Feed(FeedIs::Live) => {
                self.until("the feed is live", |board| board.health.feed == "live").await.map(drop)
            }
            Act::Feed(FeedIs::Stale) => {
                let stale = |board: &Board| board.stale_for(Instant::now()).is_some();
                self.until("the feed is stale", stale).await.map(drop)
            }
        }
    }

    /// The second reading from now on began after now.
    async fn polled(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + DEADLINE;
        let before = self.control.readings().await?;
        while self.control.readings().await? < before + 2 {
            anyhow::ensure!(Instant::now() < deadline, "never came true: the team is read");
            self.boards.changed().await.context("nobody looks any more")?;
        }
        Ok(())
    }

    fn row(&self, who: usize) -> anyhow::Result<Row> {
        self.boards.borrow().rows.get(who).cloned().context("there is no such agent")
    }

    async fn until(&mut self, what: &str, is_so: impl Fn(&Board) -> bool) -> anyhow::Result<Board> {
        let deadline = Instant::now() + DEADLINE;
        match timeout_at(deadline, self.boards.wait_for(|board| is_so(board))).await {
            Ok(board) => Ok(board.context("nobody looks any more")?.clone()),
            Err(_) => anyhow::bail!("never came true in {DEADLINE:?}: {what}"),
        }
    }

    // === checks ===

    /// Waits until everybody is where they should be; whoever never is, fails.
    async fn settle(
        &mut self,
        expected: &[Expect],
        seq: u64,
        began: Instant,
    ) -> anyhow::Result<Vec<Checked>> {
        let deadline = Instant::now() + DEADLINE;
        let mut took: Vec<Option<Duration>> = vec![None; expected.len()];
        loop {
            // A board from before the last act says nothing.
            let fresh = timeout_at(deadline, self.boards.changed()).await;
            let board = self.boards.borrow_and_update().clone();
            for (expect, took) in expected.iter().zip(&mut took) {
                let so = self.open.is_at(&board, expect, seq);
                *took = so.then(|| took.unwrap_or_else(|| began.elapsed()));
            }
            if took.iter().all(Option::is_some) || fresh.is_err() || Instant::now() >= deadline {
                let check = |(expect, took): (&Expect, &Option<Duration>)| {
                    self.open.found(&board, expect, seq, took.unwrap_or_else(|| began.elapsed()))
                };
                return Ok(expected.iter().zip(&took).map(check).collect());
            }
        }
    }

    /// For `quiet`, nobody may leave where they are, not for a moment.
    async fn stay(
        &mut self,
        checked: &mut [Checked],
        expected: &[Expect],
        seq: u64,
        quiet: Duration,
    ) -> anyhow::Result<()> {
        let until = Instant::now() + quiet;
        while let Ok(changed) = timeout_at(until, self.boards.changed()).await {
            changed.context("nobody looks any more")?;
            let board = self.boards.borrow_and_update().clone();
            for (check, expect) in checked.iter_mut().zip(expected).filter(|(check, _)| check.ok) {
                let now = self.open.found(&board, expect, seq, check.took);
                if !now.ok {
                    *check = now;
                }
            }
        }
        Ok(())
    }
}

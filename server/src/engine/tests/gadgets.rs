//! `mode = "gadget"`: the gadget acts, the server carries and keeps.

use lockstep_core::agent::{Code, Decision, Hold};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::protocol::{Report, Term, ToGadget};
use lockstep_core::writer::{Link, TABS};

use super::*;
use crate::engine::tabs::{ACK_WITHIN, LAST_WORD_WITHIN};
use crate::engine::{FromGadget, OUTBOX, Said};
use crate::finesse::fake::Read;
use crate::mailbox::{Inbox, mailbox};

/// One gadget, as the engine sees it.
pub(super) struct Tab {
    pub(super) agent: AgentId,
    pub(super) link: Link,
    engine: Handle,
    inbox: Inbox<Box<ToGadget>>,
    /// Of the last want that came.
    pub(super) sequence: u64,
    pub(super) want: Option<Want>,
    pub(super) term: Option<Term>,
    pub(super) ledger: Option<LedgerEntry>,
    number: u64,
    /// It is to tell its last account.
    is_revoked: bool,
}

impl Tab {
    pub(super) async fn open(bench: &Bench, agent: &str, link: u64) -> Self {
        let (outbox, inbox) = mailbox(OUTBOX);
        let (agent, link, engine) = (AgentId::new(agent), Link(link), bench.engine.clone());
        let (sequence, want, term, ledger, number) = (0, None, None, None, 0);
        let is_revoked = false;
        let tab =
            Self { agent, link, engine, inbox, sequence, want, term, ledger, number, is_revoked };
        tab.say(Said::Hello { outbox }).await;
        tab
    }

    pub(super) async fn say(&self, said: Said) {
        let (agent, link) = (self.agent.clone(), self.link);
        self.engine.send(Message::Gadget(FromGadget { agent, link, said })).await;
    }

    /// The next message; what it says is kept, as a gadget would.
    pub(super) async fn next(&mut self) -> Option<ToGadget> {
        let message = *self.inbox.next().await?;
        match &message {
            ToGadget::Wanted { sequence, want } => {
                assert!(*sequence > self.sequence, "wants grow: {message:?}");
                self.sequence = *sequence;
                self.want = Some(want.clone());
            }
            ToGadget::Grant { term, ledger } => {
                assert!(Some(*term) > self.term, "terms grow");
                self.term = Some(*term);
                self.ledger.clone_from(ledger);
            }
            ToGadget::Revoke { term } => self.is_revoked = self.term == Some(*term),
            _ => {}
        }
        Some(message)
    }

    /// All that has come by now.
    pub(super) async fn all(&mut self) -> Vec<ToGadget> {
        self.engine.rows().await; // what was sent so far is taken in
        let mut all = Vec::new();
        while !self.inbox.is_empty() {
            all.extend(self.next().await);
        }
        all
    }

    /// Answers that its turn is over.
    pub(super) async fn yields(&mut self, ledger: LedgerEntry) {
        assert!(self.all().await.iter().any(|told| matches!(told, ToGadget::Revoke { .. })));
        self.report(ledger, None).await;
    }

    /// Reports as the writer that it believes to be.
    pub(super) async fn report(&mut self, ledger: LedgerEntry, decision: Option<Decision>) {
        self.number += 1;
        let wanted = (self.sequence > 0).then_some(self.sequence);
        let (number, term) = (self.number, self.term);
        let view = Some(view(AgentState::NotReady));
        let last = std::mem::take(&mut self.is_revoked);
        let report = Report { number, term, wanted, view, ledger, decision, last };
        self.say(Said::Report(Box::new(report))).await;
    }
}

fn view(state: AgentState) -> AgentView {
    AgentView { state, pending: None, reason: None, changed_at: None, busy_elsewhere: None }
}

pub(super) fn held() -> LedgerEntry {
    let hold = Hold {
        reason: Arc::from("Webex DND"),
        since: Time::from_millis(1_000_000),
        from: AgentState::Ready,
        changed_at: Some(Time::from_millis(1_000_000)),
        shown: None,
        pending: false,
    };
    LedgerEntry { hold: Some(hold), ..LedgerEntry::default() }
}

/// The same, as it is kept when it was told in this term.
fn of(term: Option<Term>) -> LedgerEntry {
    LedgerEntry { term: term.unwrap_or_default(), ..held() }
}

fn kinds(messages: &[ToGadget]) -> Vec<&'static str> {
    messages
        .iter()
        .map(|message| match message {
            ToGadget::Welcome { .. } => "welcome",
            ToGadget::Wanted { .. } => "wanted",
            ToGadget::Grant { .. } => "grant",
            ToGadget::Revoke { .. } => "revoke",
            ToGadget::Received { .. } => "received",
            ToGadget::Shown(_) => "shown",
            ToGadget::Snooze { .. } => "snooze",
            ToGadget::Unsnooze => "unsnooze",
            ToGadget::Stale { .. } => "stale",
            ToGadget::Bye { .. } => "bye",
            _ => "other",
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_server_decides_nothing_for_an_agent_and_tells_the_gadget_what_is_wanted() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    assert_eq!(kinds(&tab.all().await), ["welcome", "wanted", "grant"]);
    bench.says("0001", "dnd").await;
    bench
        .until("wanted", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy()))
        .await;
    assert_eq!(kinds(&tab.all().await), ["wanted"]);
    assert!(tab.want.as_ref().unwrap().wanted.is_busy());
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(bench.finesse.changes(), [], "with and without a gadget");
    assert_eq!(bench.row("0002").await.decided, None);
}

/// Law 2: after a reconnect the last want is a snapshot, which the grant follows.
#[tokio::test(start_paused = true)]
async fn a_gadget_that_comes_back_knows_what_is_wanted_before_it_may_act() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    tab.say(Said::Gone).await;
    bench.says("0001", "dnd").await;
    bench
        .until("wanted", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy()))
        .await;
    let mut again = Tab::open(&bench, "0001", 2).await;
    let came = again.all().await;
    assert_eq!(kinds(&came), ["welcome", "wanted", "grant"]);
    assert!(matches!(&came[1], ToGadget::Wanted { want, .. } if want.wanted.is_busy()));
    assert!(again.term > tab.term);
}

#[tokio::test(start_paused = true)]
async fn the_writers_account_is_the_row_and_the_ledger_and_survives_a_restart() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    assert_eq!(tab.ledger, None, "nothing was ever kept of them");
    bench.says("0001", "dnd").await;
    bench
        .until("wanted", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy()))
        .await;
    tab.all().await;
    let decision = Decision {
        at: Time::default(),
        code: Code::Taken,
        want: tab.want.clone(),
        state: Some(AgentState::NotReady),
        held: true,
        text: "Not Ready is set.\nfinesse.password=forged".to_owned(),
    };
    tab.report(held(), Some(decision)).await;
    let row = bench.row("0001").await;
    assert_eq!(row.ledger, of(tab.term));
    assert_eq!(row.decided, Some("taken"));
    assert_eq!(row.why, "Not Ready is set.finesse.password=forged", "a line stays a line");
    assert_eq!(row.view.unwrap().state, AgentState::NotReady);
    let kept = |bench: &Bench| bench.on_disk().get(&AgentId::new("0001")).cloned();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(kept(&bench), Some(of(tab.term)));

    let bench = bench.restart().await;
    let mut again = Tab::open(&bench, "0001", 1).await;
    again.all().await;
    assert_eq!(again.ledger, Some(of(tab.term)), "in the middle of a hold");
    assert!(again.term > tab.term, "terms grow over a restart");
    let mut other = Tab::open(&bench, "0002", 2).await;
    other.all().await;
    assert_eq!(other.ledger, Some(LedgerEntry::default()), "known to be free: nothing is adopted");
}

#[tokio::test(start_paused = true)]
async fn of_two_tabs_the_newer_acts_and_the_other_is_shown_what_it_reports() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    assert_eq!(kinds(&new.all().await), ["welcome", "wanted"]);
    assert_eq!(kinds(&old.all().await), ["revoke"]);
    old.report(LedgerEntry::default(), None).await;
    assert_eq!(kinds(&old.all().await), ["received"]);
    assert_eq!(kinds(&new.all().await), ["shown", "wanted", "grant"]);
    new.report(held(), None).await;
    assert_eq!(kinds(&new.all().await), ["received"]);
    let shown = old.all().await;
    assert!(matches!(&shown[..], [ToGadget::Shown(report)] if report.ledger == of(new.term)));
    new.say(Said::Gone).await;
    let came = old.all().await;
    assert_eq!(kinds(&came), ["wanted", "grant"]);
    assert_eq!(old.ledger, Some(of(new.term)), "what the other had reported");
}

/// The last account crosses the new tab's hello: the next turn begins with what it tells.
#[tokio::test(start_paused = true)]
async fn an_intent_that_crosses_a_hand_over_is_the_next_ones() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    // On its way before it heard of the other one.
    old.report(held(), None).await;
    new.all().await;
    assert_eq!(new.term, None, "more may come");
    old.yields(held()).await;
    new.all().await;
    assert!(new.term > old.term);
    assert_eq!(new.ledger, Some(of(old.term)));
}

/// A frozen tab answers nothing; its account is the newest until somebody else acts.
#[tokio::test(start_paused = true)]
async fn a_last_account_that_does_not_come_is_waited_for_by_a_bound() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    tokio::time::sleep(LAST_WORD_WITHIN.mul_f32(0.9)).await;
    new.all().await;
    assert_eq!(new.term, None);
    tokio::time::sleep(LAST_WORD_WITHIN.mul_f32(0.2)).await;
    new.all().await;
    assert!(new.term > old.term);
    old.yields(held()).await;
    assert_eq!(bench.row("0001").await.ledger, LedgerEntry::default(), "too late");
}

/// Nobody acts meanwhile; what the agent wishes then is not forgotten.
#[tokio::test(start_paused = true)]
async fn a_snooze_while_the_last_account_is_awaited_is_kept() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    let until = Time::from_millis(9_000_000);
    new.say(Said::Snooze { until }).await;
    old.yields(held()).await;
    new.all().await;
    let ledger = new.ledger.expect("a ledger");
    assert_eq!((ledger.snoozed_until, ledger.hold), (Some(until), None));
    assert!(ledger.lent.is_some());
}

/// A writer that was, or never was, is heard and not believed.
#[tokio::test(start_paused = true)]
async fn a_report_of_an_older_term_changes_nothing() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    let stale = old.term;
    old.yields(LedgerEntry::default()).await;
    old.all().await;
    new.all().await;
    old.report(held(), None).await;
    let told = old.all().await;
    assert!(matches!(told[..], [ToGadget::Revoke { term }] if Some(term) == stale), "{told:?}");
    // Nor with the other's term.
    old.term = new.term;
    old.report(held(), None).await;
    assert_eq!(kinds(&old.all().await), ["revoke"]);
    assert_eq!(new.all().await, []);
    assert_eq!(bench.row("0001").await.ledger, LedgerEntry::default());
    assert_eq!(bench.row("0002").await.ledger, LedgerEntry::default());
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_does_not_answer_gives_way_to_one_that_does() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    old.yields(LedgerEntry::default()).await;
    new.all().await;
    new.report(LedgerEntry::default(), None).await;
    old.all().await;
    bench.says("0001", "dnd").await;
    tokio::time::sleep(ACK_WITHIN + LAST_WORD_WITHIN + Duration::from_secs(1)).await;
    assert_eq!(kinds(&new.all().await), ["received", "wanted", "revoke"]);
    assert_eq!(kinds(&old.all().await), ["wanted", "wanted", "grant"]);
    // The frozen tab wakes up, and is the newest that is well again.
    new.term = None;
    new.is_revoked = false;
    new.report(LedgerEntry::default(), None).await;
    assert_eq!(kinds(&new.all().await), ["received"]);
    old.yields(LedgerEntry::default()).await;
    assert_eq!(kinds(&new.all().await), ["shown", "wanted", "grant"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_goodbye_of_an_old_connection_changes_nothing() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    old.yields(LedgerEntry::default()).await;
    new.all().await;
    old.say(Said::Gone).await;
    old.say(Said::Gone).await;
    assert_eq!(new.all().await, []);
    new.report(held(), None).await;
    assert_eq!(bench.row("0001").await.ledger, of(new.term));
}

#[tokio::test(start_paused = true)]
async fn a_snooze_in_one_tab_is_the_writers_to_do() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    old.yields(LedgerEntry::default()).await;
    old.all().await;
    new.all().await;
    let until = Time::from_millis(9_000_000);
    old.say(Said::Snooze { until }).await;
    old.say(Said::Unsnooze).await;
    assert_eq!(new.all().await, [ToGadget::Snooze { until }, ToGadget::Unsnooze]);
    assert_eq!(old.all().await, []);
    assert_eq!(bench.row("0001").await.ledger.snoozed_until, None);
}

#[tokio::test(start_paused = true)]
async fn law_9_gadgets_are_told_when_presence_is_lost_and_known_again() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    let lost = FeedEvent::Lost { why: "a test".to_owned() };
    bench.engine.send(Message::Feed(lost)).await;
    let told = tab.all().await;
    assert!(matches!(told[..], [ToGadget::Stale { since: Some(_) }]), "{told:?}");
    let mut late = Tab::open(&bench, "0001", 2).await;
    assert_eq!(kinds(&late.all().await)[..2], ["welcome", "stale"]);
    tab.all().await;
    bench.says("0001", "active").await;
    assert_eq!(tab.all().await, [ToGadget::Stale { since: None }]);
}

/// Law 12: a gadget that does not read costs its connection, and nobody else anything.
#[tokio::test(start_paused = true)]
async fn law_12_a_connection_that_takes_nothing_is_given_up() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut stuck = Tab::open(&bench, "0001", 2).await;
    let mut other = Tab::open(&bench, "0002", 3).await;
    for round in 0..OUTBOX {
        for agent in ["0001", "0002"] {
            bench.says(agent, if round % 2 == 0 { "dnd" } else { "meeting" }).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.all().await;
        other.report(LedgerEntry::default(), None).await;
    }
    assert_eq!(bench.row("0001").await.gadgets, 0);
    assert_eq!(bench.row("0002").await.gadgets, 1);
    while stuck.next().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn law_12_nine_tabs_are_one_too_many() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut tabs = Vec::new();
    for link in 0..TABS as u64 {
        tabs.push(Tab::open(&bench, "0001", link).await);
    }
    let mut one_more = Tab::open(&bench, "0001", 99).await;
    assert_eq!(kinds(&one_more.all().await), ["bye"]);
    assert!(one_more.next().await.is_none(), "its connection ends");
    assert_eq!(bench.row("0001").await.gadgets, TABS);
}

#[tokio::test(start_paused = true)]
async fn gadgets_of_who_is_no_longer_watched_are_sent_away_and_nobody_else() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut gone = Tab::open(&bench, "0001", 1).await;
    let mut stays = Tab::open(&bench, "0002", 2).await;
    gone.all().await;
    stays.all().await;
    bench.watch(&["0002"]).await;
    assert_eq!(kinds(&gone.all().await), ["bye"]);
    assert!(gone.next().await.is_none());
    assert_eq!(stays.all().await, []);
    let mut stranger = Tab::open(&bench, "0001", 3).await;
    assert_eq!(kinds(&stranger.all().await), ["bye"]);
}

#[tokio::test(start_paused = true)]
async fn another_policy_brings_every_gadget_back_to_hear_it() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    bench.engine.send(Message::Policies(Box::new(policy_in(Mode::Gadget).into()))).await;
    assert_eq!(tab.all().await, [], "the same policy is no news");
    let mut other = policy_in(Mode::Gadget);
    other.agent.deployment = Deployment::Ccx;
    bench.engine.send(Message::Policies(Box::new(other.into()))).await;
    assert_eq!(kinds(&tab.all().await), ["bye"]);
    let mut again = Tab::open(&bench, "0001", 2).await;
    let came = again.all().await;
    let ToGadget::Welcome { policy, .. } = &came[0] else { panic!("{came:?}") };
    assert_eq!(policy.deployment, Deployment::Ccx);
}

/// `mode = "server"`: gadgets look on.
#[tokio::test(start_paused = true)]
async fn in_server_mode_gadgets_are_shown_what_the_server_does_and_never_act() {
    let mut bench = Bench::start().await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let came = tab.all().await;
    assert!(!kinds(&came).contains(&"grant"), "{came:?}");
    let shown = came.iter().filter_map(|message| match message {
        ToGadget::Shown(report) => Some(&**report),
        _ => None,
    });
    let shown: Vec<_> = shown.collect();
    assert!(shown.last().expect("it is shown").ledger.hold.is_some());
    let taken = |report: &&Report| {
        report.decision.as_ref().is_some_and(|decision| decision.code == Code::Taken)
    };
    assert!(shown.iter().any(taken), "{shown:#?}");
    // A tab that claims a term is not believed, and a snooze is the server's to do.
    tab.term = Some(Term::default().next());
    tab.report(LedgerEntry::default(), None).await;
    assert!(bench.row("0001").await.ledger.hold.is_some());
    tab.say(Said::Snooze { until: Time::from_millis(90_000_000) }).await;
    assert_eq!(bench.row("0001").await.decided, Some("left_snoozed"));
    assert_eq!(bench.finesse.reads(Read::Identify), 0);
}

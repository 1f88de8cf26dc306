//! A dry run predicts what a live run does on the same day.

use std::time::Duration;

use proptest::prelude::*;

use super::finesse_model::Model;
use super::world::gadget_settings;
use crate::Time;
use crate::agent::{
    Agent, AgentSettings, Answer, Code, Decision, Input, LedgerEntry, Output, Rehearsal, Request,
};
use crate::finesse::{Actor, AgentState, Deployment, Target};
use crate::presence::{
    Facts, Kind, Observation, Person, PresenceOutput, PresenceSettings, Profile, Version,
};
use crate::rules::{Rules, Wanted};

/// Looks, answers and effects come this late.
const TICK: Duration = Duration::from_millis(250);

enum Side {
    Live(Box<Agent>),
    Dry(Box<Rehearsal>),
}

/// One agent and one Finesse, on which requests have their effect a tick later.
struct Day {
    now: Time,
    model: Model,
    side: Side,
    actor: Actor,
    person: Person,
    rules: Rules,
    said: u64,
    sent: Vec<Request>,
    told: Vec<Decision>,
    ledger: LedgerEntry,
    look: bool,
}

impl Day {
    fn new(settings: &AgentSettings, dry: bool) -> Self {
        let now = Time::from_millis(1_000_000);
        let (settings, ledger) = (settings.clone(), LedgerEntry::default());
        let (model, actor) = (Model::new(settings.deployment, now), settings.actor);
        let side = if dry {
            Side::Dry(Box::new(Rehearsal::new(settings, ledger)))
        } else {
            Side::Live(Box::new(Agent::new(settings, ledger)))
        };
        Self {
            now,
            model,
            side,
            actor,
            person: Person::new(Profile::WEBEX),
            rules: Rules::builtin(),
            said: 0,
            sent: Vec::new(),
            told: Vec::new(),
            ledger: LedgerEntry::default(),
            look: true,
        }
    }

    fn says(&mut self, status: &str) {
        self.said += 1;
        let mut facts = Facts::new().with("status", status);
        if status == "meeting" {
            facts = facts.with("meeting_type", "online");
        }
        let observation = Observation {
            device: None,
            epoch: 1,
            version: Version::from([("dc".to_owned(), self.said)]),
            source_time: Some(self.now),
            kind: Kind::Delta,
            facts: Some(facts),
        };
        let settings = PresenceSettings::default();
        let outputs = self.person.observe(self.now, observation, &self.rules, &settings);
        for output in outputs {
            if let PresenceOutput::Want(want) = output {
                self.step(Input::Want(want));
            }
        }
    }

    fn step(&mut self, input: Input) {
        let outputs = match &mut self.side {
            Side::Live(agent) => agent.step(self.now, input),
            Side::Dry(rehearsal) => rehearsal.step(self.now, input),
        };
        for output in outputs {
            match output {
                Output::Send(request) => self.sent.push(request),
                Output::Decided(decision) => self.told.push(decision),
                Output::Look(_) => self.look = true,
                Output::Record(entry) => self.ledger = entry,
            }
        }
    }

    fn tick(&mut self) {
        self.now = self.now.after(TICK);
        for request in std::mem::take(&mut self.sent) {
            assert!(matches!(self.side, Side::Live(_)), "a dry run asks for nothing");
            let label = request.reason.as_deref().unwrap_or_default();
            let admits = self.model.admits(self.actor, request.target);
            let answer = if admits { Answer::Accepted } else { Answer::InvalidState };
            if admits {
                let author = super::finesse_model::Author::Us;
                self.model.apply(self.now, self.actor, author, request.target, label);
            }
            self.step(Input::Answered { request: request.number, answer });
        }
        let wants = self.person.wake(self.now, &self.rules, &PresenceSettings::default());
        if let Some(want) = wants {
            self.step(Input::Want(want));
        }
        let asked_at = self.now;
        self.step(Input::Seen { view: self.model.view(), asked_at, clock_ahead_ms: 0 });
        self.step(Input::Wake);
    }

    fn run(&mut self, secs: u64) {
        for _ in 0..secs * 4 {
            self.tick();
        }
    }

    /// What was decided, each once, without what tells of the way there only.
    fn decisions(&self) -> Vec<(Code, Option<Wanted>, Option<AgentState>, bool)> {
        let told = self.told.iter().map(|decision| {
            let wanted = decision.want.as_ref().map(|want| want.wanted.clone());
            (decision.code, wanted, decision.state, decision.held)
        });
        told.collect()
    }
}

#[derive(Debug, Clone, Copy)]
enum Op {
    Says(&'static str),
    Lunch,
    Ready,
    SignOut,
    SignIn,
    Ring { wrap_up: bool },
    Answer,
    End,
    Snooze,
}

/// The same day, live and dry.
struct Both {
    live: Day,
    dry: Day,
}

impl Both {
    fn new(settings: &AgentSettings) -> Self {
        let [live, dry] = [false, true].map(|dry| {
            let mut day = Day::new(settings, dry);
            day.tick();
            day.says("active");
            day
        });
        let mut both = Self { live, dry };
        both.run(5);
        both
    }

    fn run(&mut self, secs: u64) {
        self.live.run(secs);
        self.dry.run(secs);
    }

    fn each(&mut self, mut act: impl FnMut(&mut Day)) {
        act(&mut self.live);
        act(&mut self.dry);
    }

    /// Is it the same state, so that the same may happen to it?
    fn agree(&self) -> bool {
        self.live.model.state == self.dry.model.state
    }

    fn play(&mut self, op: Op) {
        let live = self.live.model.state;
        match op {
            Op::Says(status) => self.each(|day| day.says(status)),
            Op::Snooze => self.each(|day| {
                // Between two whole seconds, at which other things happen: what crosses is the limits.
                let until = day.now.after(Duration::from_millis(30_400));
                day.step(Input::Snooze { until });
            }),
            // Over a Not Ready of ours as well as over the READY that it really is.
            Op::Lunch if !live.is_on_call() && !live.is_wrap_up() => self.each(|day| {
                day.model.human(day.now, Actor::Agent, Target::NotReady, "Lunch");
            }),
            // A READY that was never there is seen by nobody, so nobody presses it: the limits.
            Op::Ready if live == AgentState::NotReady && self.agree() => self.each(|day| {
                day.model.human(day.now, Actor::Agent, Target::Ready, "");
            }),
            Op::SignOut if self.agree() => self.each(|day| {
                day.model.human(day.now, Actor::Agent, Target::Logout, "");
            }),
            Op::SignIn => self.each(|day| day.model.sign_in(day.now)),
            // A call is routed only to who is READY: live none is, where dry one would be.
            Op::Ring { wrap_up } if self.agree() => self.each(|day| {
                day.model.ring(day.now, wrap_up);
            }),
            Op::Answer => self.each(|day| day.model.answer(day.now)),
            Op::End => self.each(|day| day.model.end(day.now)),
            _ => {}
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    let status = prop::sample::select(vec!["active", "active", "dnd", "meeting", "call", "ooo"]);
    prop_oneof![
        10 => status.prop_map(Op::Says),
        2 => Just(Op::Lunch),
        2 => Just(Op::Ready),
        1 => Just(Op::SignOut),
        2 => Just(Op::SignIn),
        3 => any::<bool>().prop_map(|wrap_up| Op::Ring { wrap_up }),
        3 => Just(Op::Answer),
        4 => Just(Op::End),
        1 => Just(Op::Snooze),
    ]
}

fn supervisor(deployment: Deployment) -> AgentSettings {
    AgentSettings { deployment, ..AgentSettings::default() }
}

fn check(settings: &AgentSettings, day: &[(u64, Op)]) -> Result<(), TestCaseError> {
    let mut both = Both::new(settings);
    for (secs, op) in day {
        both.play(*op);
        both.run(*secs);
    }
    both.run(60);
    let held = both.dry.ledger.hold.is_some() || both.dry.ledger.claim.is_some();
    prop_assert!(!held, "a dry run holds nobody");
    prop_assert_eq!(both.live.decisions(), both.dry.decisions());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_dry_run_decides_what_a_live_run_does_in_server_mode(
        day in prop::collection::vec((5u64..20, op()), 0..40), ccx in any::<bool>()
    ) {
        check(&supervisor(if ccx { Deployment::Ccx } else { Deployment::Cce }), &day)?;
    }

    #[test]
    fn a_dry_run_decides_what_a_live_run_does_in_gadget_mode(
        day in prop::collection::vec((5u64..20, op()), 0..40), ccx in any::<bool>()
    ) {
        check(&gadget_settings(if ccx { Deployment::Ccx } else { Deployment::Cce }), &day)?;
    }
}

#[test]
fn a_call_that_would_not_have_been_routed_is_passed_over() {
    let mut day = Day::new(&supervisor(Deployment::Cce), true);
    day.tick();
    day.says("meeting");
    day.run(5);
    assert!(day.model.ring(day.now, true), "the agent is really READY");
    day.run(5);
    day.model.answer(day.now);
    day.run(30);
    day.model.end(day.now);
    day.run(30);
    day.model.end(day.now);
    day.says("active");
    day.run(5);
    let codes: Vec<Code> = day.told.iter().map(|decision| decision.code).collect();
    let expected = [Code::Taking, Code::Taken, Code::StaysHeld, Code::Releasing, Code::Released];
    assert_eq!(codes[..5], expected, "{codes:?}");
    assert!(day.told.iter().all(|decision| decision.text.starts_with("Dry run")));
}

/// What was really held before the dry run began stays recorded: after it law 1 releases it.
#[test]
fn a_hold_from_before_the_dry_run_stays_in_the_ledger() {
    let mut live = Day::new(&supervisor(Deployment::Cce), false);
    live.tick();
    live.says("dnd");
    live.run(5);
    assert!(live.ledger.hold.is_some());
    let mut dry = Rehearsal::new(supervisor(Deployment::Cce), live.ledger.clone());
    let view = live.model.view();
    dry.step(live.now, Input::Seen { view, asked_at: live.now, clock_ahead_ms: 0 });
    assert_eq!(dry.ledger().hold, live.ledger.hold);
    live.side = Side::Dry(Box::new(dry));
    live.says("active");
    live.run(5);
    assert_eq!(live.model.state, AgentState::NotReady, "nobody is touched");
    let Side::Dry(dry) = &live.side else { panic!("it is dry") };
    assert!(dry.ledger().hold.is_some() && dry.agent().ledger().hold.is_none());
}

/// A snooze in a dry run lends what is really held, as it would in earnest: when the dry run ends
/// while it lasts, nobody is made Ready in spite of it.
#[test]
fn a_snooze_in_a_dry_run_is_a_snooze_after_it() {
    let mut live = Day::new(&supervisor(Deployment::Cce), false);
    live.tick();
    live.says("dnd");
    live.run(5);
    let mut dry = Rehearsal::new(supervisor(Deployment::Cce), live.ledger.clone());
    let view = live.model.view();
    dry.step(live.now, Input::Seen { view, asked_at: live.now, clock_ahead_ms: 0 });
    live.side = Side::Dry(Box::new(dry));
    live.says("active");
    live.run(5);
    let until = live.now.after(Duration::from_hours(1));
    live.step(Input::Snooze { until });
    live.run(5);
    let Side::Dry(dry) = &live.side else { panic!("it is dry") };
    let kept = dry.ledger();
    assert_eq!(
        (kept.snoozed_until, kept.hold.is_none(), kept.lent.is_some()),
        (Some(until), true, true)
    );
}

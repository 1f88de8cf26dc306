//! The product's table of who may do what, asked of this simulator: two independent readings of
//! the Finesse notes (1.3, 1.10) must agree wherever the product would act on its own.

use std::time::Duration;

use finesse_sim::{By, CallEvent, Category, Deployment, EventKind, HistoryEntry};
use lockstep_core::finesse as core;

use crate::desk::{Desk, desk_with, quick, wait_for};

const AGENT: &str = "1001001";

/// Brings the agent into `state` by means that the platform has.
fn bring(desk: &Desk, platform: core::Deployment, state: core::AgentState) -> bool {
    use core::AgentState as S;
    let set = |state: &str, reason: Option<&str>| {
        desk.sim.set_state(AGENT, state, reason, By::System).expect("the system may");
    };
    let call = |event| desk.sim.call(AGENT, event).expect("a call may");
    set("READY", None);
    match state {
        S::Ready => {}
        S::NotReady => set("NOT_READY", Some("Lunch")),
        S::Logout => set("LOGOUT", None),
        S::Reserved => call(CallEvent::Ring),
        S::Talking => {
            call(CallEvent::Ring);
            call(CallEvent::Answer);
        }
        S::ReservedOutbound => set("RESERVED_OUTBOUND", None),
        S::ReservedOutboundPreview => set("RESERVED_OUTBOUND_PREVIEW", None),
        S::Work => set("WORK", None),
        S::Hold if platform == core::Deployment::Cce => {
            call(CallEvent::Ring);
            call(CallEvent::Answer);
            call(CallEvent::Hold);
        }
        S::WorkReady if platform == core::Deployment::Cce => set("WORK_READY", None),
        // CCX knows neither, and nobody is ever brought into UNKNOWN.
        S::Hold | S::WorkReady | S::Unknown => return false,
    }
    true
}

/// What came of a request, as far as the outside can tell.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Refused,
    Applied,
    Pending,
    Nothing,
    Failed(Option<String>),
}

async fn ask(desk: &Desk, actor: core::Actor, target: core::Target) -> Came {
    let seq = desk.sim.events_after(0).last().map_or(0, |event| event.seq);
    let user = match actor {
        core::Actor::Agent => AGENT,
        core::Actor::Supervisor => "supervisor1",
    };
    let lunch = desk.sim.reason(Category::NotReady, "Break").expect("a reason").id;
    let reason = match (actor, target) {
        (core::Actor::Agent, core::Target::NotReady) => {
            format!("<reasonCodeId>{lunch}</reasonCodeId>")
        }
        (core::Actor::Agent, core::Target::Logout) => {
            let id = desk.sim.reason(Category::Logout, "End of shift").map(|reason| reason.id);
            id.map(|id| format!("<reasonCodeId>{id}</reasonCodeId>")).unwrap_or_default()
        }
        _ => String::new(),
    };
    let body = format!("<User><state>{}</state>{reason}</User>", target.as_str());
    let answer = desk.put(AGENT, user, &body).await;
    if answer.status >= 400 {
        return Came::Refused;
    }
    let mine = |event: &HistoryEntry| {
        event.seq > seq && event.user == AGENT && event.kind != EventKind::Call
    };
    let outcome = wait_for("the request has an outcome", || {
        desk.sim.events_after(seq).into_iter().find(mine).ok_or("nothing happened")
    })
    .await;
    match outcome.kind {
        EventKind::State => Came::Applied,
        EventKind::Pending => Came::Pending,
        EventKind::Error => Came::Failed(outcome.error.map(|error| error.error_data)),
        _ => Came::Nothing,
    }
}

/// Where the documents do not say, the product holds back and the simulator chose a reading.
fn agrees(verdict: core::Verdict, came: &Came) -> bool {
    if verdict == core::Verdict::Untold {
        return true;
    }
    match (verdict, came) {
        (core::Verdict::Applies, Came::Applied)
        | (core::Verdict::Pends, Came::Pending)
        | (core::Verdict::Refused, Came::Refused)
        | (core::Verdict::NoChange, Came::Nothing | Came::Applied)
        | (core::Verdict::FailsLater(None), Came::Failed(_)) => true,
        (core::Verdict::FailsLater(Some(code)), Came::Failed(Some(told))) => {
            *told == code.to_string()
        }
        _ => false,
    }
}

async fn compare(deployment: Deployment, platform: core::Deployment) {
    let mut config = quick(deployment);
    config.wrap_up_for = Duration::from_mins(10);
    let desk = desk_with(config).await;
    let mut asked = 0;
    for actor in [core::Actor::Agent, core::Actor::Supervisor] {
        for target in core::Target::ALL {
            for state in core::AgentState::ALL {
                if !bring(&desk, platform, state) {
                    continue;
                }
                let situation = core::Situation {
                    deployment: platform,
                    state,
                    busy_elsewhere: false,
                    pending_spent: false,
                };
                let verdict = core::verdict(actor, target, situation);
                let came = ask(&desk, actor, target).await;
                assert!(
                    agrees(verdict, &came),
                    "{platform} {actor:?} {state} -> {target:?}: table {verdict:?}, simulator {came:?}"
                );
                asked += 1;
                desk.sim.set_state(AGENT, "LOGOUT", None, By::System).expect("the system may");
            }
        }
    }
    let rows = if platform == core::Deployment::Cce { 60 } else { 48 };
    assert!(asked == rows, "only {asked} rows were asked");
}

#[tokio::test]
async fn notes_1_3_the_products_table_agrees_on_cce() {
    compare(Deployment::Ucce, core::Deployment::Cce).await;
}

#[tokio::test]
async fn notes_1_10_the_products_table_agrees_on_ccx() {
    compare(Deployment::Uccx, core::Deployment::Ccx).await;
}

//! What the engine tells the operator: one log line per decision, and metrics.
//!
//! Metrics never carry an agent's id: a label per agent would be a time series per agent.

use std::time::Duration;

use lockstep_core::agent::{Code, Decision, LookFor};
use lockstep_core::presence::Anomaly;
use lockstep_core::protocol::Term;
use lockstep_core::{AgentId, TeamId, Time};

use super::{Policy, Watched};
use crate::finesse::{Change, FinesseError};
use crate::journal::Deed;
use crate::webex::FeedEvent;

/// One decision, as one line; `by` says whose it is, the server's or a gadget's.
pub fn decision(watched: &Watched, by: &'static str, decision: &Decision) {
    metrics::counter!("lockstep_decisions_total", "code" => decision.code.as_str()).increment(1);
    let want = decision.want.as_ref();
    let (agent, name) = (watched.id.as_str(), watched.login_name.as_str());
    let code = decision.code.as_str();
    let wanted = want.map(|want| want.wanted.to_string()).unwrap_or_default();
    let rule = want.map(|want| want.rule.to_string()).unwrap_or_default();
    let state = decision.state.map_or("not seen", lockstep_core::finesse::AgentState::as_str);
    let text = &decision.text;
    if is_trouble(decision.code) {
        tracing::warn!(
            agent.id = agent, agent.login = name, decision.code = code, decided.by = by,
            decision.wanted = %wanted, decision.rule = %rule, finesse.state = state,
            held = decision.held, "{text}"
        );
    } else {
        tracing::info!(
            agent.id = agent, agent.login = name, decision.code = code, decided.by = by,
            decision.wanted = %wanted, decision.rule = %rule, finesse.state = state,
            held = decision.held, "{text}"
        );
    }
}

/// Somebody asked for something on the supervisors' page.
pub fn deed(deed: &Deed) {
    metrics::counter!("lockstep_page_deeds_total", "what" => deed.what).increment(1);
    let agent = deed.who.as_ref().map(|who| who.id.as_str()).unwrap_or_default();
    let team = deed.team.as_ref().map(TeamId::as_str).unwrap_or_default();
    tracing::info!(
        user = &*deed.actor,
        deed = deed.what,
        agent.id = agent,
        finesse.team = team,
        "asked for on the supervisors' page"
    );
}

const fn is_trouble(code: Code) -> bool {
    matches!(
        code,
        Code::RefusedForGood
            | Code::NotPermitted
            | Code::NoEffect
            | Code::CannotTell
            | Code::ReasonMissing
            | Code::Spared
    )
}

/// What became of a gadget's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The writer's: recorded and shown.
    Kept,
    /// Of a tab that only shows: its acknowledgement counts.
    Watching,
    /// Of a term that is over.
    Outdated,
}

/// A report came.
pub fn taken(taken: Taken) {
    let kind = match taken {
        Taken::Kept => "kept",
        Taken::Watching => "watching",
        Taken::Outdated => "outdated",
    };
    metrics::counter!("lockstep_gadget_reports_total", "kind" => kind).increment(1);
}

/// What is wanted was sent to so many gadgets.
pub fn wanted_sent(gadgets: usize) {
    metrics::counter!("lockstep_gadget_wanted_total").increment(gadgets as u64);
}

/// The writer acknowledged what is wanted.
pub fn round_trip(took: Duration) {
    metrics::histogram!("lockstep_gadget_round_trip_seconds").record(took.as_secs_f64());
}

/// How many gadgets are connected, for how many agents one acts, and for how many who were seen signed
/// in lately nobody does: their desktop has no gadget, or it is kept out.
pub fn gadgets(connected: usize, acting: usize, alone: usize) {
    #[expect(clippy::cast_precision_loss, reason = "gauges; gadgets are thousands")]
    let [connected, acting, alone] = [connected as f64, acting as f64, alone as f64];
    metrics::gauge!("lockstep_gadgets").set(connected);
    metrics::gauge!("lockstep_gadgets_acting").set(acting);
    metrics::gauge!("lockstep_agents_without_gadget").set(alone);
}

/// A gadget acts from now on.
pub fn granted(watched: &Watched, term: Term) {
    metrics::counter!("lockstep_gadget_grants_total").increment(1);
    tracing::debug!(agent.id = %watched.id, term = ?term, "a gadget acts for this agent");
}

/// Another side decides from now on.
pub fn handed_over(watched: &Watched, to: &'static str) {
    metrics::counter!("lockstep_hand_overs_total", "to" => to).increment(1);
    tracing::info!(
        agent.id = %watched.id, agent.login = %watched.login_name, to,
        "the {to} acts for this agent from now on"
    );
}

/// The writer has not acknowledged what is wanted.
pub fn not_acknowledged(watched: &Watched) {
    metrics::counter!("lockstep_gadget_silent_total").increment(1);
    tracing::warn!(
        agent.id = %watched.id, agent.login = %watched.login_name,
        "the gadget does not answer; another one acts, if there is one"
    );
}

/// A gadget's connection takes nothing any more.
pub fn stuck(watched: &Watched) {
    metrics::counter!("lockstep_gadget_stuck_total").increment(1);
    tracing::warn!(
        agent.id = %watched.id, agent.login = %watched.login_name,
        "a gadget does not read; its connection is given up"
    );
}

/// How many agents are watched.
pub fn watched(count: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge; agents are thousands")]
    metrics::gauge!("lockstep_agents").set(count as f64);
}

/// How many agents are held, and of how many presence is stale.
pub fn gauges(held: usize, stale: usize) {
    #[expect(clippy::cast_precision_loss, reason = "gauges; agents are thousands")]
    let (held, stale) = (held as f64, stale as f64);
    metrics::gauge!("lockstep_held_agents").set(held);
    metrics::gauge!("lockstep_stale_agents").set(stale);
}

/// Drift was looked for; `unseen` agents are looked at one by one.
pub fn reconciled(agents: usize, unseen: usize) {
    metrics::counter!("lockstep_reconciles_total").increment(1);
    if unseen > 0 {
        tracing::info!(agents, unseen, "agents whom no poll has shown lately are looked at");
    }
}

/// An agent is left READY, because the team would fall below its floor.
pub fn spared(watched: &Watched, policy: &Policy) {
    metrics::counter!("lockstep_spared_total").increment(1);
    tracing::warn!(
        agent.id = %watched.id, agent.login = %watched.login_name, finesse.team = %watched.team,
        policy = %policy.name, staffing.floor = policy.staffing_floor,
        "the team is at its staffing floor; this agent is left Ready"
    );
}

/// How many teams are at their floor, so that somebody in them is left READY.
pub fn at_floor(teams: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge; teams are hundreds")]
    metrics::gauge!("lockstep_teams_at_floor").set(teams as f64);
}

/// Another policy applies to an agent who is held, and nothing will be changed any more.
pub fn rehearsed_while_held(watched: &Watched) {
    tracing::warn!(
        agent.id = %watched.id, agent.login = %watched.login_name,
        "a dry run begins while lockstep holds this agent: they stay Not Ready until it ends, or \
         until somebody makes them Ready"
    );
}

/// A state that had been right was wrong, although nothing else was wanted.
pub fn repair() {
    metrics::counter!("lockstep_repairs_total").increment(1);
}

/// Another human is behind the agent.
pub fn other_person(watched: &Watched) {
    tracing::info!(
        agent.id = %watched.id, agent.login = %watched.login_name,
        "another person is behind this agent; what the one before wanted is forgotten"
    );
}

/// An agent is no longer watched.
pub fn unwatched(watched: &Watched, held: bool) {
    tracing::warn!(
        agent.id = %watched.id, agent.login = %watched.login_name, held,
        "no longer watched; what we set stays as it is"
    );
}

/// The feed came, went, or cannot watch somebody.
pub fn feed(event: &FeedEvent) {
    let live = match event {
        FeedEvent::Live { epoch } => {
            tracing::info!(webex.epoch = epoch, "webex feed is live");
            1.0
        }
        FeedEvent::Polling { why } => {
            tracing::warn!(why, "webex presence is polled, which is slower");
            0.5
        }
        FeedEvent::Lost { why } => {
            tracing::warn!(why, "webex feed is lost; nobody is moved for that");
            0.0
        }
        FeedEvent::Refused { person, why } => {
            metrics::counter!("lockstep_webex_refused_total").increment(1);
            tracing::warn!(webex.person = %person, why, "a person cannot be watched in webex");
            return;
        }
        FeedEvent::Observed { .. } => {
            metrics::counter!("lockstep_observations_total").increment(1);
            return;
        }
    };
    metrics::gauge!("lockstep_feed_live").set(live);
}

/// The feed is back; how long it was gone (S1-32).
pub fn feed_back(lost: Time, back: Time) {
    let lasted = back.since(lost);
    metrics::histogram!("lockstep_feed_lost_seconds").record(lasted.as_secs_f64());
    let lost_ms = u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(start = utc(lost), end = utc(back), lost_ms, "the webex feed was lost");
}

/// As RFC 3339; the milliseconds themselves should they be beyond it.
fn utc(time: Time) -> String {
    let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| time.to_string(), |at| at.to_string())
}

/// An observation was not used as it stood (S1-30).
pub fn anomaly(agent: &AgentId, anomaly: Anomaly) {
    let kind = match anomaly {
        Anomaly::Stale => "stale",
        Anomaly::Duplicate => "duplicate",
        Anomaly::CompositeDiffers => "composite_differs",
        Anomaly::TooManyDevices => "too_many_devices",
    };
    metrics::counter!("lockstep_presence_anomalies_total", "kind" => kind).increment(1);
    tracing::debug!(agent.id = %agent, kind, "an observation was not used as it stood");
}

/// A look is asked for.
pub fn look(why: LookFor) {
    metrics::counter!("lockstep_looks_total", "for" => why.as_str()).increment(1);
}

/// One reading for many agents of a team brought nothing.
pub fn looks_failed(team: &TeamId, agents: usize, error: &FinesseError) {
    tracing::warn!(finesse.team = %team, agents, error = %error, "failed to look at agents of a team");
}

/// A look brought nothing.
pub fn look_failed(agent: &AgentId, error: &FinesseError) {
    tracing::warn!(agent.id = %agent, error = %error, "failed to look at an agent");
}

/// A change was asked for.
pub fn changed(change: &Change, result: &Result<(), FinesseError>, took: Duration) {
    let outcome = if result.is_ok() { "accepted" } else { "refused" };
    let target = change.target.as_str();
    metrics::counter!("lockstep_changes_total", "target" => target, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("lockstep_change_seconds").record(took.as_secs_f64());
    let (agent, request) = (&change.agent, &change.request_id);
    let latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(()) => tracing::debug!(
            agent.id = %agent, finesse.request = %request, finesse.target = target, latency_ms,
            "finesse took the request"
        ),
        // A race that the machine expects and repeats.
        Err(error @ FinesseError::InvalidState { .. }) => tracing::info!(
            agent.id = %agent, finesse.request = %request, finesse.target = target, latency_ms,
            error = %error, "finesse refused a change"
        ),
        Err(error) => tracing::warn!(
            agent.id = %agent, finesse.request = %request, finesse.target = target, latency_ms,
            error = %error, "failed to change a state"
        ),
    }
}

//! What the gadgets' side tells the operator. Never an agent's id in a label, never a credential.

use lockstep_core::AgentId;
use lockstep_core::protocol::{Refusal, RefusalCode};

/// A session or a link was refused, at this `door`.
pub(super) fn refused(door: &'static str, agent: Option<&AgentId>, refusal: &Refusal) {
    let code = word(refusal.code);
    metrics::counter!("lockstep_gadget_refused_total", "door" => door, "code" => code).increment(1);
    tracing::debug!(
        agent.id = agent.map(AgentId::as_str),
        door,
        code,
        "a gadget was refused: {}",
        refusal.message
    );
}

/// Somebody proved whose desktop it is.
pub(super) fn proved(agent: &AgentId) {
    metrics::counter!("lockstep_gadget_sessions_total").increment(1);
    tracing::debug!(agent.id = %agent, "finesse confirmed whose desktop it is");
}

/// A link was opened.
pub(super) fn opened(agent: &AgentId) {
    tracing::debug!(agent.id = %agent, "a gadget is connected");
}

/// A link has ended; `why` is one of ours.
pub(super) fn ended(agent: &AgentId, why: &'static str) {
    metrics::counter!("lockstep_gadget_ends_total", "why" => why).increment(1);
    tracing::debug!(agent.id = %agent, why, "a gadget's link has ended");
}

const fn word(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NotSignedIn => "not_signed_in",
        RefusalCode::SomebodyElse => "somebody_else",
        RefusalCode::NotWatched => "not_watched",
        RefusalCode::WrongOrigin => "wrong_origin",
        RefusalCode::Token => "token",
        RefusalCode::TooMany => "too_many",
        RefusalCode::FinesseUnavailable => "finesse_unavailable",
        RefusalCode::BadRequest => "bad_request",
        RefusalCode::Other => "other",
    }
}

//! What a page asks of Finesse in the agent's name.

use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::desk::Reply;
use lockstep_core::finesse::Target;

use super::{Desktops, Due, Hears};
use crate::desk::{Asks, Way};
use crate::laws::{Leaving, OUR_LABELS};

/// A question on its way.
#[derive(Debug)]
pub(super) enum Ask {
    /// `GET User`.
    Look,
    /// The same, asked then.
    LookOf(Time, Duration),
    /// The agent's reasons.
    Reasons,
    /// `GET SystemInfo`.
    Clock,
    /// `setState`.
    Set(u64, Asks),
}

impl Desktops {
    pub(super) fn ask(&mut self, number: u64, ask: Ask) {
        let Some(page) = self.pages.get(&number) else { return };
        if matches!(ask, Ask::Look) && page.finesse_ms.is_none() && self.now > page.opened {
            self.ask(number, Ask::Clock);
        }
        let Some(page) = self.pages.get(&number) else { return };
        let ask = match ask {
            Ask::Look => Ask::LookOf(page.now(self.now), self.now),
            ask => ask,
        };
        match self.finesse.way_of_desktop() {
            Way::Open(after) => {
                let at = self.now + after;
                self.schedule(at, Due::Finesse(number, ask));
            }
            Way::OutOfService(after) => self.in_vain(number, &ask, 503, after),
            Way::Silent(after) => self.in_vain(number, &ask, 0, after),
        }
    }

    fn in_vain(&mut self, number: u64, ask: &Ask, status: u16, after: Duration) {
        let hears = match ask {
            Ask::Look | Ask::LookOf(..) => Hears::LookFailed,
            Ask::Reasons => Hears::Reasons(None),
            Ask::Clock => return,
            Ask::Set(request, _) => {
                Hears::Replied { request: *request, reply: Reply { status, ..Reply::default() } }
            }
        };
        let at = self.now + after;
        self.schedule(at, Due::Page(number, hears));
    }

    /// The page may be gone by now; what it asked for is done all the same.
    pub(super) fn arrives_at_finesse(&mut self, number: u64, ask: Ask) {
        let (hears, after) = match ask {
            Ask::Look => return,
            Ask::LookOf(asked_at, asked) => {
                let Some(page) = self.pages.get(&number) else { return };
                let answered = self.finesse.look_of_desktop(&page.agent);
                let hears = match answered.what {
                    Some((view, upto)) => {
                        Hears::Seen { view, asked: Some((asked_at, asked)), upto }
                    }
                    None => Hears::LookFailed,
                };
                (hears, answered.after)
            }
            Ask::Reasons => {
                let answered = self.finesse.reasons();
                (Hears::Reasons(answered.what), answered.after)
            }
            Ask::Clock => (Hears::Clock(self.finesse.clock_of_desktop()), Duration::ZERO),
            Ask::Set(request, asks) => {
                let answered = self.finesse.ask(&asks);
                (Hears::Replied { request, reply: answered.what }, answered.after)
            }
        };
        let at = self.now + after;
        self.schedule(at, Due::Page(number, hears));
    }

    pub(super) fn asks_for(
        &mut self,
        number: u64,
        request: u64,
        target: Target,
        reason: Option<String>,
    ) {
        let Some(page) = self.pages.get(&number) else { return };
        let id = format!("gadget-{number}-{request}");
        let label = reason.as_deref().and_then(|id| page.machine.reasons().label(id));
        let puts_back = label.is_some_and(|label| !label.starts_with(OUR_LABELS));
        let asks = Asks { agent: page.agent.clone(), ready: target == Target::Ready, reason, id };
        let entry = page.machine.ledger().cloned().unwrap_or_default();
        let leaving = Leaving {
            at: self.now,
            by: number,
            agent: &page.agent,
            ready: asks.ready,
            puts_back,
            id: &asks.id,
            written: page.told == entry,
            entry: &entry,
        };
        let (turn, deaf) = (page.turn, page.deaf_for);
        // Nobody takes in what it tells of the intent.
        let may_be_lost = page.cut.is_some() || !self.wire.is_served();
        self.finesse.judge(|laws| {
            let in_turn = laws.acts(&page.agent, self.now, turn, deaf);
            laws.leaves(&leaving);
            if may_be_lost || !in_turn {
                laws.forgotten(&page.agent);
            }
        });
        if let Some(page) = self.pages.get_mut(&number) {
            page.unanswered = Some(request);
        }
        self.ask(number, Ask::Set(request, asks));
    }

    /// CTI tells later that a request failed.
    pub(super) fn fails_later(&mut self, id: &str, reply: &Reply) {
        let Some((page, request)) =
            id.strip_prefix("gadget-").and_then(|rest| rest.split_once('-'))
        else {
            return;
        };
        let (Ok(number), Ok(request)) = (page.parse::<u64>(), request.parse()) else { return };
        if self.pages.get(&number).is_some_and(|page| !page.hub_gone) {
            let at = self.after(5, 300);
            self.schedule(
                at,
                Due::Page(number, Hears::FailsLater { request, reply: reply.clone() }),
            );
        }
    }
}

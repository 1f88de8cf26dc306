use super::Facts;

/// How one source's words compare: which fact says how busy a person is, and in which order.
///
/// A table per source, never a constant: platforms disagree about the order (S1-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The source's name in logs.
    pub name: &'static str,
    /// The fact that carries the state.
    pub fact: &'static str,
    /// Its values, busiest first; a value that is not listed ranks below all of them.
    pub busiest_first: &'static [&'static str],
    /// Values that may be the customer's call seen from the other side (law 6).
    pub call: &'static [&'static str],
}

impl Profile {
    /// Webex presence, which composes a person's devices itself (Webex notes 4.4). The order is
    /// ours: it only breaks ties between statements of the same instant.
    pub const WEBEX: Self = Self {
        name: "webex",
        fact: "status",
        busiest_first: &[
            "call",
            "presenting",
            "meeting",
            "dnd",
            "busy",
            "calendarItem",
            "ooo",
            "inactive",
            "active",
            "pending",
            "unknown",
        ],
        call: &["call"],
    };

    /// A source with several devices per person, in the order of S1-8.
    pub const DEVICES: Self = Self {
        name: "devices",
        fact: "status",
        busiest_first: &["onCall", "wrapUp", "notReady", "available", "offline"],
        call: &["onCall"],
    };

    /// How busy these facts are; greater is busier.
    pub fn rank(&self, facts: &Facts) -> usize {
        let word = facts.get(self.fact).unwrap_or_default();
        let place = self.busiest_first.iter().position(|known| known.eq_ignore_ascii_case(word));
        place.map_or(0, |place| self.busiest_first.len() - place)
    }

    /// May these facts be the customer's call seen from the other side?
    pub fn is_call(&self, facts: &Facts) -> bool {
        let word = facts.get(self.fact).unwrap_or_default();
        self.call.iter().any(|call| call.eq_ignore_ascii_case(word))
    }
}

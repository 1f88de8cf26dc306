use crate::presence::Facts;

/// A fact that the source can state, and the values of it that it is known to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// The key, as rules name it.
    pub name: &'static str,
    /// Values known to be sent; others may come and are matched all the same.
    pub values: &'static [&'static str],
}

/// What Webex states about a person (Webex notes 4.2 and 4.4).
pub const FACTS: [Fact; 3] = [
    Fact {
        name: "status",
        values: &[
            "active",
            "inactive",
            "ooo",
            "dnd",
            "call",
            "meeting",
            "presenting",
            "unknown",
            "calendarItem",
            "busy",
            "pending",
        ],
    },
    Fact { name: "meeting_type", values: &["online"] },
    Fact { name: "category", values: &["unknown"] },
];

/// Stands for "any other value" of a fact whose values are known in part only.
pub const OTHER: &str = "other";

/// Every presence that Webex is known to send, in the order of the built-in rules.
///
/// `meeting`, `presenting` and `unknown` come with each value of the fact that tells them apart:
/// the known one, another ([`OTHER`]), and none.
pub fn known_presences() -> Vec<Facts> {
    FACTS[0].values.iter().flat_map(|status| presences_of(status)).collect()
}

/// The place of the fact called `name` in [`FACTS`].
pub(super) fn fact_index(name: &str) -> Option<usize> {
    FACTS.iter().position(|fact| fact.name == name)
}

fn presences_of(status: &str) -> Vec<Facts> {
    let alone = Facts::new().with("status", status);
    let split = match status {
        "meeting" | "presenting" => ("meeting_type", "online"),
        "unknown" => ("category", "unknown"),
        _ => return vec![alone],
    };
    let (key, known) = split;
    vec![alone.clone().with(key, known), alone.clone().with(key, OTHER), alone]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_value_occurs_in_a_known_presence() {
        let presences = known_presences();
        for fact in FACTS {
            for value in fact.values {
                assert!(
                    presences.iter().any(|facts| facts.get(fact.name) == Some(value)),
                    "{} = {value}",
                    fact.name
                );
            }
        }
    }
}

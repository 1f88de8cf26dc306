//! Troubles that can be made: those that happen, and those that last until they are taken back.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::demo::control::{Control, Place};

/// For how many seconds a feed that is cut from the page stays away.
const AWAY: u64 = 10;

/// One that lasts: its key on the page, where it is, and what the reader is told.
struct Lasting {
    key: &'static str,
    place: Place,
    told: &'static str,
}

const LASTING: [Lasting; 5] = [
    Lasting { key: "webex_late", place: Place::Webex, told: "Presences come 3 s late." },
    Lasting { key: "finesse_slow", place: Place::Finesse, told: "Finesse takes 2 s to answer." },
    Lasting {
        key: "finesse_errors",
        place: Place::Finesse,
        told: "Finesse answers 500, also to its own desktop.",
    },
    Lasting {
        key: "finesse_ignores",
        place: Place::Finesse,
        told: "Finesse accepts state changes and forgets them.",
    },
    Lasting {
        key: "finesse_no_reasons",
        place: Place::Finesse,
        told: "Finesse has no reasons to list. A desktop that is open has read them already.",
    },
];

impl Lasting {
    /// As the simulator's control API wants it.
    fn fault(&self) -> Value {
        match self.key {
            "webex_late" => json!({ "fault": "event_delayed", "ms": 3_000 }),
            "finesse_slow" => json!({ "fault": "latency", "min_ms": 2_000, "max_ms": 2_000 }),
            "finesse_errors" => json!({ "fault": "error_before" }),
            "finesse_ignores" => json!({ "fault": "cti_drop" }),
            _ => json!({ "fault": "no_reason_codes" }),
        }
    }
}

/// The keys that are down.
#[derive(Debug, Clone, Default)]
pub(super) struct Troubles(Arc<Mutex<BTreeSet<&'static str>>>);

impl Troubles {
    pub(super) fn keys(&self) -> Vec<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// Does what a key says, to the agent's desktop or to everybody; tells what is so now.
    pub(super) async fn press(
        &self,
        control: &Control,
        login_id: &str,
        key: &str,
    ) -> anyhow::Result<String> {
        match key {
            "cut_feed" => {
                control.cut_feed(AWAY).await?;
                Ok(format!("Webex is cut off for {AWAY} s."))
            }
            "desktop_failing" => {
                control.desktop(login_id, "failing").await?;
                Ok("This desktop has lost Finesse.".to_owned())
            }
            "desktop_recovered" => {
                control.desktop(login_id, "recovered").await?;
                Ok("This desktop has Finesse again.".to_owned())
            }
            key => match LASTING.iter().find(|one| one.key == key) {
                Some(one) => self.turn(control, one).await,
                None => anyhow::bail!("there is no such key"),
            },
        }
    }

    /// Everything works again.
    pub(super) async fn clear(&self, control: &Control) -> anyhow::Result<()> {
        control.clear_faults(Place::Webex).await?;
        control.clear_faults(Place::Finesse).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    async fn turn(&self, control: &Control, one: &Lasting) -> anyhow::Result<String> {
        if !self.keys().contains(&one.key) {
            control.fault(one.place, &one.fault()).await?;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(one.key);
            return Ok(one.told.to_owned());
        }
        // Webex's simulator takes all back or none, so what is to stay is made again.
        control.clear_faults(one.place).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(one.key);
        let keys = self.keys();
        let stay = |other: &&Lasting| other.place == one.place && keys.contains(&other.key);
        for other in LASTING.iter().filter(stay) {
            control.fault(other.place, &other.fault()).await?;
        }
        Ok("That trouble is over.".to_owned())
    }
}

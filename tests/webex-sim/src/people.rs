//! The people of the simulated organisation, found by address and by id.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::config::{PersonSpec, StartError};
use crate::ids;
use crate::presence::{Change, Presence};

/// One person, as the control API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The mail address, as it was given.
    pub address: String,
    /// The raw id: the subject of presence.
    pub id: Uuid,
    /// The id of the public API.
    pub public_id: String,
    /// What is shown to people.
    pub display_name: String,
    /// `false` after the person switched presence off: everybody then reads `unknown`.
    pub presence_enabled: bool,
    /// What the person is doing.
    #[serde(flatten)]
    pub presence: Presence,
    /// What it was before the last change; a stale event repeats it.
    #[serde(skip)]
    pub(crate) before: Option<Presence>,
    #[serde(skip)]
    pub(crate) created: Timestamp,
}

/// Everybody but the bot.
#[derive(Debug, Default)]
pub(crate) struct People {
    by_id: HashMap<Uuid, Person>,
    by_address: BTreeMap<String, Uuid>,
}

// === impl Person ===

impl Person {
    fn new(spec: &PersonSpec, now: Timestamp) -> Self {
        let id = spec.id.unwrap_or_else(|| ids::of_address(&spec.address));
        Self {
            address: spec.address.clone(),
            id,
            public_id: ids::public("PEOPLE", id),
            display_name: display_name(&spec.address),
            presence_enabled: true,
            presence: Presence::initial(now),
            before: None,
            created: now,
        }
    }
}

// === impl People ===

impl People {
    pub(crate) fn add(&mut self, spec: &PersonSpec, now: Timestamp) -> Result<Uuid, StartError> {
        if !looks_like_an_address(&spec.address) {
            return Err(StartError::NotAnAddress(spec.address.clone()));
        }
        let person = Person::new(spec, now);
        let key = spec.address.to_lowercase();
        if self.by_address.contains_key(&key) || self.by_id.contains_key(&person.id) {
            return Err(StartError::Taken(spec.address.clone()));
        }
        let id = person.id;
        self.by_address.insert(key, id);
        self.by_id.insert(id, person);
        Ok(id)
    }

    pub(crate) fn remove(&mut self, address: &str) -> Option<Person> {
        let id = self.by_address.remove(&address.to_lowercase())?;
        self.by_id.remove(&id)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Person> {
        self.by_id.get(&id)
    }

    pub(crate) fn at(&self, address: &str) -> Option<&Person> {
        self.by_id.get(self.by_address.get(&address.to_lowercase())?)
    }

    /// Sets a presence and keeps the one before it.
    pub(crate) fn change(&mut self, id: Uuid, change: Change, now: Timestamp) -> Option<&Person> {
        let person = self.by_id.get_mut(&id)?;
        person.before = Some(person.presence.clone());
        person.presence.change(change, now);
        Some(person)
    }

    pub(crate) fn enable_presence(&mut self, id: Uuid, enabled: bool) -> bool {
        match self.by_id.get_mut(&id) {
            Some(person) => {
                person.presence_enabled = enabled;
                person.presence.version += 1;
                true
            }
            None => false,
        }
    }

    /// Everybody, by address.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Person> {
        self.by_address.values().filter_map(|id| self.by_id.get(id))
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.by_address.keys().map(String::as_str)
    }
}

fn looks_like_an_address(text: &str) -> bool {
    matches!(text.split_once('@'), Some((name, domain)) if !name.is_empty() && !domain.is_empty())
        && !text.contains([' ', '/'])
}

/// `agent1001@example.com` is shown as `Agent 1001`.
fn display_name(address: &str) -> String {
    let name = address.split('@').next().unwrap_or(address);
    let digits = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let (word, number) = name.split_at(digits);
    let mut letters = word.chars();
    let word: String =
        letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect();
    format!("{word} {number}").trim().to_owned()
}

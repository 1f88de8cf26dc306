//! Reason codes: what is configured, what the system stamps, and their database ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use super::state::Deployment;
use super::system_codes::{self, SystemCode};

/// Longest label (Finesse notes 1.5).
const LABEL_LIMIT: usize = 40;
/// The team of a code that is not for all and assigned to no team.
pub(crate) const NOBODY: u32 = 0;
/// Most codes of one catalogue; a test that configures more is lost.
const CODE_LIMIT: usize = 1_000;

/// Which change a reason code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    /// Going `NOT_READY`.
    NotReady,
    /// Signing out.
    Logout,
}

impl Category {
    /// The word on the wire.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::NotReady => "NOT_READY",
            Self::Logout => "LOGOUT",
        }
    }

    /// The category of that name, if there is one.
    pub fn from_wire(word: &str) -> Option<Self> {
        [Self::NotReady, Self::Logout].into_iter().find(|category| category.wire() == word)
    }
}

/// A reason code to configure; its database id is drawn at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonSpec {
    /// Which change it belongs to.
    pub category: Category,
    /// The number: CCE 1–65535, CCX 1–999.
    pub code: u32,
    /// What people read; at most 40 characters.
    pub label: String,
    /// The teams it is assigned to; none: every team (`forAll`).
    pub teams: Vec<u32>,
}

impl ReasonSpec {
    /// A global `NOT_READY` reason.
    pub fn not_ready(code: u32, label: &str) -> Self {
        Self { category: Category::NotReady, code, label: label.to_owned(), teams: Vec::new() }
    }

    /// A global LOGOUT reason.
    pub fn logout(code: u32, label: &str) -> Self {
        Self { category: Category::Logout, code, label: label.to_owned(), teams: Vec::new() }
    }
}

/// A reason code as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReasonCode {
    pub(crate) id: u32,
    pub(crate) category: Category,
    pub(crate) code: i32,
    pub(crate) label: String,
    pub(crate) teams: BTreeSet<u32>,
    pub(crate) system: bool,
}

impl ReasonCode {
    pub(crate) fn for_all(&self) -> bool {
        self.teams.is_empty()
    }

    fn visible_to(&self, team: u32) -> bool {
        self.for_all() || self.teams.contains(&team)
    }
}

/// Why a reason code could not be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReasonError {
    #[error("the code {0} is outside of the range of this deployment")]
    Range(i64),
    #[error("the label is empty or longer than 40 characters")]
    Label,
    #[error("the code or label exists already in this category")]
    Duplicate,
    #[error("the catalogue is full")]
    Full,
    #[error("the reason code does not exist")]
    Unknown,
    #[error("system reason codes cannot be changed")]
    System,
    #[error("a global reason code belongs to every team and is assigned to none")]
    Global,
}

/// All reason codes of one contact centre.
#[derive(Debug)]
pub(crate) struct Catalogue {
    deployment: Deployment,
    by_id: BTreeMap<u32, Arc<ReasonCode>>,
    next_id: u32,
}

impl Catalogue {
    /// The system's codes and the configured ones, with ids that differ from start to start and are
    /// never equal to any code (Finesse notes 0.3: always resolve by label).
    pub(crate) fn new(
        deployment: Deployment,
        specs: &[ReasonSpec],
        rng: &mut StdRng,
    ) -> Result<Self, ReasonError> {
        let next_id = rng.random_range(100..700);
        let mut catalogue = Self { deployment, by_id: BTreeMap::new(), next_id };
        for code in system_codes::of(deployment) {
            catalogue.insert_system(code);
        }
        for spec in specs {
            let draft = ReasonCode {
                id: 0,
                category: spec.category,
                code: i32::try_from(spec.code).unwrap_or(-1),
                label: spec.label.clone(),
                teams: spec.teams.iter().copied().collect(),
                system: false,
            };
            catalogue.next_id += rng.random_range(0..4);
            catalogue.insert(draft)?;
        }
        Ok(catalogue)
    }

    fn insert_system(&mut self, code: &SystemCode) {
        let id = self.free_id();
        let reason = ReasonCode {
            id,
            category: code.category,
            code: code.code,
            label: code.label.to_owned(),
            teams: BTreeSet::new(),
            system: true,
        };
        self.by_id.insert(id, Arc::new(reason));
    }

    /// Stores a code under a fresh id and returns it.
    pub(crate) fn insert(&mut self, mut draft: ReasonCode) -> Result<u32, ReasonError> {
        if self.by_id.len() >= CODE_LIMIT {
            return Err(ReasonError::Full);
        }
        draft.id = 0;
        self.validate(&draft)?;
        draft.id = self.free_id();
        let id = draft.id;
        self.by_id.insert(id, Arc::new(draft));
        Ok(id)
    }

    /// Replaces a configured code under its id.
    pub(crate) fn replace(&mut self, changed: ReasonCode) -> Result<(), ReasonError> {
        self.configured(changed.id)?;
        self.validate(&changed)?;
        self.by_id.insert(changed.id, Arc::new(changed));
        Ok(())
    }

    /// The team's own codes of the category are these, and no other ones.
    pub(crate) fn assign(
        &mut self,
        category: Category,
        team: u32,
        ids: &[u32],
    ) -> Result<(), ReasonError> {
        for id in ids {
            let code = self.configured(*id)?;
            if code.category != category {
                return Err(ReasonError::Unknown);
            }
            if code.for_all() {
                return Err(ReasonError::Global);
            }
        }
        for code in self.by_id.values_mut().filter(|code| code.category == category) {
            if code.system || code.for_all() {
                continue;
            }
            let code = Arc::make_mut(code);
            if ids.contains(&code.id) {
                code.teams.remove(&NOBODY);
                code.teams.insert(team);
            } else {
                code.teams.remove(&team);
            }
            if code.teams.is_empty() {
                code.teams.insert(NOBODY);
            }
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: u32) -> Result<(), ReasonError> {
        self.configured(id)?;
        self.by_id.remove(&id);
        Ok(())
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Arc<ReasonCode>> {
        self.by_id.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<ReasonCode>> {
        self.by_id.values()
    }

    /// What an agent of this team may choose from: configured, global or assigned to the team.
    pub(crate) fn offered(
        &self,
        category: Category,
        team: u32,
    ) -> impl Iterator<Item = &Arc<ReasonCode>> {
        self.all().filter(move |reason| {
            !reason.system && reason.category == category && reason.visible_to(team)
        })
    }

    /// The code that the system itself stamps (Finesse notes 1.6).
    pub(crate) fn system(&self, category: Category, code: i32) -> Option<Arc<ReasonCode>> {
        self.all()
            .find(|reason| reason.system && reason.category == category && reason.code == code)
            .cloned()
    }

    /// Finds by label, by `code` or by id: a script may say what it likes.
    pub(crate) fn named(&self, category: Category, name: &str) -> Option<Arc<ReasonCode>> {
        let of_category = || self.all().filter(|reason| reason.category == category);
        let number: Option<i64> = name.parse().ok();
        of_category()
            .find(|reason| reason.label == name)
            .or_else(|| of_category().find(|reason| Some(i64::from(reason.code)) == number))
            .or_else(|| of_category().find(|reason| Some(i64::from(reason.id)) == number))
            .cloned()
    }

    fn configured(&self, id: u32) -> Result<&ReasonCode, ReasonError> {
        let reason = self.by_id.get(&id).ok_or(ReasonError::Unknown)?;
        if reason.system { Err(ReasonError::System) } else { Ok(reason) }
    }

    fn validate(&self, draft: &ReasonCode) -> Result<(), ReasonError> {
        let highest = match self.deployment {
            Deployment::Ucce => 65_535,
            Deployment::Uccx => 999,
        };
        if !(1..=highest).contains(&draft.code) {
            return Err(ReasonError::Range(i64::from(draft.code)));
        }
        if draft.label.is_empty() || draft.label.chars().count() > LABEL_LIMIT {
            return Err(ReasonError::Label);
        }
        let clash = self.all().any(|other| {
            other.id != draft.id
                && other.category == draft.category
                && (other.code == draft.code || other.label == draft.label)
        });
        if clash { Err(ReasonError::Duplicate) } else { Ok(()) }
    }

    fn free_id(&mut self) -> u32 {
        loop {
            let id = self.next_id;
            self.next_id += 1;
            let is_a_code = self.all().any(|reason| i64::from(reason.code) == i64::from(id))
                || id == 999
                || self.by_id.contains_key(&id);
            if !is_a_code {
                return id;
            }
        }
    }
}

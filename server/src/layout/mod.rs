//! Desktop layouts of Finesse: our gadget is put into one, and all else is kept byte for byte.
//!
//! A layout is never written anew from what was understood of it: a few bytes are put between those
//! that are there, so that comments, ends of lines, encodings and whatever Finesse adds in later
//! releases stay as they are.

mod address;
mod element;
mod indent;
mod insert;
mod source;
mod structure;
#[cfg(test)]
mod tests;

use std::fmt;

pub use address::Address;
pub use source::{MAX_BYTES, Position, Unreadable};
pub use structure::{Finding, Weight};

use element::Element;
use source::Source;

/// Where in the desktop the gadget is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Placement {
    /// Above the tabs, there in every tab. Always loaded.
    Page,
    /// In the first column of the tab "home", or of the first tab. Loaded when the tab is opened.
    Tab,
    /// Nowhere to be seen, and at work all the same. Always loaded.
    Headless,
}

/// Whose desktops get the gadget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Roles {
    /// Agents.
    Agent,
    /// Supervisors.
    Supervisor,
    /// Both; those that the layout has.
    All,
}

/// A layout that has been read.
#[derive(Debug)]
pub struct Layout<'a> {
    source: Source<'a>,
    root: Element,
}

/// A layout with the gadget in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The layout, in the encoding in which it came.
    pub bytes: Vec<u8>,
    /// What was done, or was done already, for each role in the order of the text.
    pub roles: Vec<RoleOutcome>,
    /// What else is to be said of the layout; no faults.
    pub remarks: Vec<Finding>,
}

/// What was done for one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleOutcome {
    /// As the layout names it.
    pub role: String,
    /// Was the gadget put in? Otherwise it was there.
    pub added: bool,
    /// Where the gadget stands in the outcome.
    pub at: Position,
}

/// Why the gadget was not put in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no XML.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// It is XML, and Finesse would refuse it as it is.
    #[error("{}", lines(.0))]
    Faulty(Vec<Finding>),
    /// It has no layout for the role.
    #[error("no <layout> of the role {0}; choose another --role, or add one to the layout")]
    NoRole(&'static str),
    /// There is nowhere to put it.
    #[error("{at}: the layout of the role {role} has no <tab>; use --place page")]
    NoTab {
        /// The layout.
        at: Position,
        /// Its role.
        role: String,
    },
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

// === impl Layout ===

impl<'a> Layout<'a> {
    /// Reads a layout.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let source = Source::read(bytes)?;
        let root = element::root(&source)?;
        Ok(Self { source, root })
    }

    /// What is to be said of it, in the order of the text.
    pub fn findings(&self) -> Vec<Finding> {
        structure::check(&self.source, &self.root)
    }

    /// Where gadgets of this address stand: the role, and the place.
    pub fn places(&self, address: &Address) -> Vec<(String, Position)> {
        let found = |layout: &Element| {
            let at = self.gadget(layout, address)?;
            Some((role(layout).to_owned(), at))
        };
        self.root.all("layout").filter_map(found).collect()
    }

    /// Puts the gadget into the layouts of `roles` that do not have it anywhere yet.
    pub fn add(
        &self,
        address: &Address,
        roles: Roles,
        placement: Placement,
    ) -> Result<Outcome, Refused> {
        let mut findings = self.findings();
        if findings.iter().any(|finding| finding.weight == Weight::Fault) {
            return Err(Refused::Faulty(findings));
        }
        let layouts: Vec<_> = self.root.all("layout").filter(|l| roles.include(role(l))).collect();
        if layouts.is_empty() {
            return Err(Refused::NoRole(roles.as_str()));
        }
        let mut edits = Vec::new();
        for layout in layouts.iter().filter(|layout| self.gadget(layout, address).is_none()) {
            let edit = insert::edit(&self.source.text, layout, address, placement);
            edits.push(edit.ok_or_else(|| Refused::NoTab {
                at: self.source.position(layout.whole.start),
                role: role(layout).to_owned(),
            })?);
        }
        if placement == Placement::Headless && !edits.is_empty() {
            findings.extend(structure::hidden_is_new(&self.source, &self.root));
        }
        let had: Vec<_> = layouts.iter().map(|l| self.gadget(l, address).is_some()).collect();
        self.outcome(&edits, address, roles, &had, findings)
    }

    /// The outcome of `edits`, read again as Finesse will read it.
    fn outcome(
        &self,
        edits: &[insert::Edit],
        address: &Address,
        roles: Roles,
        had: &[bool],
        remarks: Vec<Finding>,
    ) -> Result<Outcome, Refused> {
        let bytes = self.source.with(edits);
        let outcome = Layout::read(&bytes)?;
        let findings = outcome.findings();
        if findings.iter().any(|finding| finding.weight == Weight::Fault) {
            return Err(Refused::Faulty(findings));
        }
        let places = outcome.places(address).into_iter().filter(|(role, _)| roles.include(role));
        let roles = places
            .zip(had)
            .map(|((role, at), had)| RoleOutcome { role, added: !had, at })
            .collect();
        Ok(Outcome { bytes, roles, remarks })
    }

    fn gadget(&self, layout: &Element, address: &Address) -> Option<Position> {
        let mut gadgets = Vec::new();
        layout.below("gadget", &mut gadgets);
        let ours = gadgets.into_iter().find(|gadget| address.is(&gadget.text))?;
        Some(self.source.position(ours.whole.start))
    }
}

fn role(layout: &Element) -> &str {
    layout.first("role").map_or("", |role| role.text.trim())
}

// === impl Roles ===

impl Roles {
    fn include(self, role: &str) -> bool {
        match self {
            Self::Agent => role == "Agent",
            Self::Supervisor => role == "Supervisor",
            Self::All => matches!(role, "Agent" | "Supervisor"),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Supervisor => "Supervisor",
            Self::All => "Agent or Supervisor",
        }
    }
}

// === impl Finding ===

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, what, remedy, .. } = self;
        write!(f, "{at}: {what}; {remedy}")
    }
}

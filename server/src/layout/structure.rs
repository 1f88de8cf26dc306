//! What Finesse's documents say a layout consists of (Finesse notes 3.5; administration guides 12.5
//! and 12.6, "Manage Desktop Layout").
//!
//! What they forbid is a fault. What they do not speak of is a remark: a later release may know it.

use super::element::{Element, NAMESPACE};
use super::source::{Position, Source};

/// Which of Finesse's elements may stand in which.
const CHILDREN: &[(&str, &[&str])] = &[
    ("finesseLayout", &["version", "configs", "header", "layout"]),
    ("configs", &["config"]),
    ("header", &["leftAlignedColumns", "rightAlignedColumns"]),
    ("leftAlignedColumns", &["headercolumn"]),
    ("rightAlignedColumns", &["headercolumn"]),
    ("headercolumn", &["component", "gadget"]),
    ("component", &["url", "stylesheet"]),
    ("layout", &["role", "page", "tabs"]),
    ("page", &["gadget", "component"]),
    ("tabs", &["tab"]),
    ("tab", &["id", "icon", "label", "columns", "gadgets", "gadget"]),
    ("columns", &["column"]),
    ("column", &["gadgets"]),
    ("gadgets", &["gadget", "component"]),
];
/// Elements that hold a text, and nothing else.
const TEXTS: &[&str] = &["version", "role", "id", "icon", "label", "url", "stylesheet", "gadget"];
/// Columns of a tab.
const MAX_COLUMNS: usize = 4;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Not in the documents; Finesse may know better.
    Remark,
    /// Finesse refuses it, or the desktop would not show what it says.
    Fault,
}

/// Something about a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// Where it is.
    pub at: Position,
    /// What is found.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// Everything that is to be said of the layout `root`.
pub(super) fn check(source: &Source<'_>, root: &Element) -> Vec<Finding> {
    let mut check = Check { source, findings: Vec::new() };
    if !root.is("finesseLayout") {
        check.root(root);
        return check.findings;
    }
    check.children(root);
    if root.first("layout").is_none() {
        check.fault(root, "there is no <layout> in it", "add one for each role");
    }
    for layout in root.all("layout") {
        check.layout(layout);
    }
    check.findings.sort_by_key(|finding| finding.at);
    check.findings
}

/// A remark where a headless gadget is put into a layout of before 12.0: those have no version and no
/// header, and
/// their documents do not speak of `hidden`.
pub(super) fn hidden_is_new(source: &Source<'_>, root: &Element) -> Option<Finding> {
    let mut check = Check { source, findings: Vec::new() };
    if root.first("version").is_none() && root.first("header").is_none() {
        let what = "this looks like a layout of Finesse 11: headless gadgets came with 12.0";
        check.remark(root, what, "use --place page on Finesse 11");
    }
    check.findings.pop()
}

struct Check<'a> {
    source: &'a Source<'a>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn root(&mut self, root: &Element) {
        let (what, remedy) = match root.name.as_str() {
            "finesseLayout" => (
                format!("<finesseLayout> is not in the namespace {NAMESPACE}"),
                format!("write <finesseLayout xmlns=\"{NAMESPACE}\">"),
            ),
            "TeamLayoutConfig" | "SystemConfig" | "Teams" => (
                format!("<{}> is what the REST API gives around a layout", root.name),
                "give the text of its <layoutxml> alone, with &lt; as <".to_owned(),
            ),
            name => (
                format!("<{name}> is not a desktop layout"),
                "give what stands in Finesse's Manage Desktop Layout: <finesseLayout …>".to_owned(),
            ),
        };
        self.fault(root, what, remedy);
    }

    /// Elements and texts where they do not belong.
    fn children(&mut self, element: &Element) {
        let allowed = CHILDREN.iter().find(|(name, _)| *name == element.name).map(|(_, all)| *all);
        let is_known = |name: &str| CHILDREN.iter().any(|(_, all)| all.contains(&name));
        for child in &element.children {
            let inside = &element.name;
            let name = &child.name;
            if !child.is_finesse {
                let what = format!("<{name}> is not in Finesse's namespace");
                self.remark(child, what, "Finesse may refuse it");
            } else if allowed.is_some_and(|all| all.contains(&name.as_str())) {
                self.children(child);
            } else if is_known(name) {
                let places = CHILDREN.iter().filter(|(_, all)| all.contains(&name.as_str()));
                let places: Vec<_> = places.map(|(place, _)| format!("<{place}>")).collect();
                let what = format!("<{name}> does not belong into <{inside}>");
                self.fault(child, what, format!("it belongs into {}", places.join(" or ")));
            } else {
                let what = format!("<{name}> in <{inside}> is not known here");
                self.remark(child, what, "it is kept as it is; Finesse decides");
            }
        }
        if allowed.is_some() && !element.text.trim().is_empty() {
            let what = format!("a text directly in <{}>", element.name);
            self.fault(element, what, "delete it, or make a comment of it");
        }
        if TEXTS.contains(&element.name.as_str()) && !element.children.is_empty() {
            let what = format!("<{}> holds an element where a text belongs", element.name);
            self.fault(element, what, "write & as &amp; and < as &lt;, or close it earlier");
        }
    }

    fn layout(&mut self, layout: &Element) {
        match layout.all("role").map(|role| role.text.trim()).collect::<Vec<_>>()[..] {
            [] => self.fault(layout, "a <layout> without a <role>", "add <role>Agent</role>"),
            ["Agent" | "Supervisor"] => {}
            [other] => {
                let what = format!("the role {other:?} is not known here");
                self.remark(layout, what, "Agent and Supervisor are");
            }
            _ => self.fault(layout, "a <layout> with several roles", "write one for each role"),
        }
        for name in ["page", "tabs"] {
            if let Some(second) = layout.all(name).nth(1) {
                self.fault(second, format!("a second <{name}>"), "put them together into one");
            }
        }
        for tab in layout.all("tabs").flat_map(|tabs| tabs.all("tab")) {
            self.tab(tab);
        }
        self.gadgets(layout);
    }

    fn tab(&mut self, tab: &Element) {
        if tab.first("id").is_none_or(|id| id.text.trim().is_empty()) {
            self.fault(tab, "a <tab> without an <id>", "add <id>…</id>, a name of its own");
        }
        for columns in tab.all("columns") {
            if let Some(fifth) = columns.all("column").nth(MAX_COLUMNS) {
                let what = format!("a tab has {MAX_COLUMNS} columns at most");
                self.fault(fifth, what, "move what it holds into another column");
            }
        }
    }

    /// The gadgets of one role.
    fn gadgets(&mut self, layout: &Element) {
        let mut all = Vec::new();
        layout.below("gadget", &mut all);
        let mut ids: Vec<&str> = Vec::new();
        for gadget in &all {
            self.gadget(gadget);
            let Some(id) = gadget.attribute("id") else { continue };
            let rest =
                id.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
            if !id.starts_with(|c: char| c.is_ascii_alphabetic()) || !rest.is_empty() {
                let remedy = "begin with a letter; letters, digits, - and _ only";
                self.fault(gadget, format!("{id:?} is not an id"), remedy);
            }
            if ids.contains(&id) {
                self.fault(gadget, format!("the id {id:?} is used twice"), "give it another");
            }
            ids.push(id);
        }
        for gadget in all {
            let Some(by) = gadget.attribute("managedBy").filter(|by| !ids.contains(by)) else {
                continue;
            };
            let what = format!("it is managed by {by:?}, which is no gadget of this role");
            self.remark(gadget, what, "it will never be shown");
        }
    }

    fn gadget(&mut self, gadget: &Element) {
        let address = gadget.text.trim();
        let remedy = "write the address of its XML: https://… or /3rdpartygadget/files/…";
        if address.is_empty() {
            self.fault(gadget, "a <gadget> without an address", remedy);
        } else if !["/", "https://", "http://"].iter().any(|begin| address.starts_with(begin)) {
            let shown: String = address.chars().take(80).collect();
            self.fault(gadget, format!("{shown:?} is not an address"), remedy);
        }
        if gadget.attribute("hidden").is_some_and(|hidden| !matches!(hidden, "true" | "false")) {
            self.fault(gadget, "hidden is neither true nor false", "write hidden=\"true\"");
        }
    }

    fn fault(&mut self, element: &Element, what: impl Into<String>, remedy: impl Into<String>) {
        self.find(Weight::Fault, element, what.into(), remedy.into());
    }

    fn remark(&mut self, element: &Element, what: impl Into<String>, remedy: impl Into<String>) {
        self.find(Weight::Remark, element, what.into(), remedy.into());
    }

    fn find(&mut self, weight: Weight, element: &Element, what: String, remedy: String) {
        let at = self.source.position(element.whole.start);
        self.findings.push(Finding { weight, at, what, remedy });
    }
}

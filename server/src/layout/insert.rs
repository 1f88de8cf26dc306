//! Where our gadget goes, and what is written there.

use std::ops::Range;

use super::element::Element;
use super::indent::Line;
use super::{Address, Placement};

/// A change of the text: what stands there, and what will.
pub(super) type Edit = (Range<usize>, String);

/// Puts the gadget into `layout`, the layout of one role; `None` where it has no tab to put it into.
pub(super) fn edit(
    text: &str,
    layout: &Element,
    address: &Address,
    placement: Placement,
) -> Option<Edit> {
    let address = address.as_str().replace('&', "&amp;");
    let gadget = Gadget { address, hidden: placement == Placement::Headless };
    let into = |parents: &[&Element], within: &'static [&'static str]| {
        Some(Insertion { text, parents: parents.to_vec(), within, gadget: &gadget }.edit())
    };
    let Placement::Tab = placement else {
        return match layout.first("page") {
            Some(page) => into(&[layout, page], &[]),
            None => Some(after_role(text, layout, &gadget)),
        };
    };
    let tabs = layout.first("tabs")?;
    let is_home = |tab: &&Element| tab.first("id").is_some_and(|id| id.text.trim() == "home");
    let tab = tabs.all("tab").find(is_home).or_else(|| tabs.first("tab"))?;
    if let Some(gadgets) = tab.first("gadgets") {
        return into(&[tab, gadgets], &[]);
    }
    let Some(columns) = tab.first("columns") else {
        if tab.first("gadget").is_some() {
            return into(&[tabs, tab], &[]);
        }
        return into(&[tabs, tab], &["columns", "column", "gadgets"]);
    };
    let Some(column) = columns.first("column") else {
        return into(&[tab, columns], &["column", "gadgets"]);
    };
    match column.first("gadgets") {
        Some(gadgets) => into(&[column, gadgets], &[]),
        None => into(&[columns, column], &["gadgets"]),
    }
}

/// A page for our gadget, where a layout has none: after its role, before its tabs.
fn after_role(text: &str, layout: &Element, gadget: &Gadget) -> Edit {
    let outer = Line::of(text, layout);
    let Some(role) = layout.first("role") else {
        let insertion = Insertion { text, parents: vec![layout], within: &["page"], gadget };
        return insertion.edit();
    };
    let line = Line::of(text, role).map(|line| line.stepped_from(outer.as_ref()));
    let end = role.whole.end;
    (end..end, gadget.markup(&role.prefix, &["page"], line.as_ref()))
}

struct Gadget {
    /// Escaped already.
    address: String,
    hidden: bool,
}

impl Gadget {
    /// The gadget within elements named `within`, the first outermost, each on a line of its own
    /// where there are lines.
    fn markup(&self, prefix: &str, within: &[&str], line: Option<&Line<'_>>) -> String {
        let begin = line.map(Line::begin).unwrap_or_default();
        let Some((outermost, rest)) = within.split_first() else {
            let hidden = if self.hidden { " hidden=\"true\"" } else { "" };
            let address = &self.address;
            return format!("{begin}<{prefix}gadget{hidden}>{address}</{prefix}gadget>");
        };
        let inner = self.markup(prefix, rest, line.map(Line::deeper).as_ref());
        format!("{begin}<{prefix}{outermost}>{inner}{begin}</{prefix}{outermost}>")
    }
}

/// The gadget as the last thing in an element.
struct Insertion<'a> {
    text: &'a str,
    /// The element, and before it those around it.
    parents: Vec<&'a Element>,
    /// New elements around the gadget.
    within: &'static [&'static str],
    gadget: &'a Gadget,
}

impl Insertion<'_> {
    fn edit(&self) -> Edit {
        let Some((parent, around)) = self.parents.split_last() else {
            return (0..0, String::new());
        };
        let outer = around.last().and_then(|outer| Line::of(self.text, outer));
        let line = Line::of(self.text, parent).map(|line| line.stepped_from(outer.as_ref()));
        let markup =
            |line: Option<&Line<'_>>| self.gadget.markup(&parent.prefix, self.within, line);
        let deeper = line.as_ref().map(Line::deeper);
        let close = line.as_ref().map(Line::begin).unwrap_or_default();
        let Some(inside) = &parent.inside else {
            // <page/> becomes <page>…</page>: its slash goes, and nothing else.
            let slash = parent.whole.end - 2;
            let name = format!("{}{}", parent.prefix, parent.name);
            let opened = format!(">{}{close}</{name}>", markup(deeper.as_ref()));
            return (slash..parent.whole.end, opened);
        };
        if let Some(last) = parent.children.last() {
            let line = Line::of(self.text, last);
            return (last.whole.end..last.whole.end, markup(line.as_ref()));
        }
        // Comments may stand in it; the gadget goes before them, where its line is certain.
        let at = inside.start;
        let begins_line = self.text[at..].trim_start_matches([' ', '\t']).starts_with(['\r', '\n']);
        let close = if begins_line { "" } else { close.as_str() };
        (at..at, format!("{}{close}", markup(deeper.as_ref())))
    }
}

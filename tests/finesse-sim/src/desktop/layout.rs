//! Reads a desktop layout (Finesse notes 3.5).

use serde::Serialize;

use crate::rest::xml::{Element, PAGE, parse_within};

const NAMESPACE: &str = "http://www.cisco.com/vtg/finesse";
/// The layout of a desktop without any gadget of ours.
const USUAL: &str = include_str!("../../desktop/layout.xml");
const ROLES: [&str; 2] = ["Agent", "Supervisor"];

/// A layout: one desktop per role.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    roles: Vec<RoleLayout>,
}

/// The desktop of one role.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct RoleLayout {
    pub(crate) role: String,
    /// Gadgets on every tab.
    pub(crate) page: Vec<Gadget>,
    pub(crate) tabs: Vec<Tab>,
}

/// One tab.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Tab {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) columns: Vec<Vec<Gadget>>,
}

/// One gadget, or one part of the desktop itself (a path that ends in `.js`).
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Gadget {
    pub(crate) url: String,
    pub(crate) id: Option<String>,
    pub(crate) hidden: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self::read(USUAL).unwrap_or(Self { roles: Vec::new() })
    }
}

impl Layout {
    /// Reads a layout, or says in a sentence what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let root = parse_within(text, PAGE)?;
        if root.name != "finesseLayout" {
            return Err(format!("the root element is {}, not finesseLayout", root.name));
        }
        if root.attribute("xmlns") != Some(NAMESPACE) {
            return Err(format!("finesseLayout must have xmlns=\"{NAMESPACE}\""));
        }
        let roles = root.all("layout").map(role).collect::<Result<Vec<_>, _>>()?;
        if roles.is_empty() {
            return Err("finesseLayout has no layout".to_owned());
        }
        Ok(Self { roles })
    }

    pub(crate) fn role(&self, role: &str) -> Option<&RoleLayout> {
        self.roles.iter().find(|layout| layout.role == role)
    }
}

fn role(layout: &Element) -> Result<RoleLayout, String> {
    let role = layout.text_of("role").unwrap_or_default().to_owned();
    if !ROLES.contains(&role.as_str()) {
        return Err(format!("a layout is for Agent or Supervisor, not for `{role}`"));
    }
    let page = layout.all("page").flat_map(|page| page.all("gadget"));
    let page = page.map(gadget).collect::<Result<_, _>>()?;
    let tabs = layout.all("tabs").flat_map(|tabs| tabs.all("tab"));
    let tabs = tabs.map(tab).collect::<Result<_, _>>()?;
    Ok(RoleLayout { role, page, tabs })
}

fn tab(tab: &Element) -> Result<Tab, String> {
    let id = tab.text_of("id").unwrap_or_default().to_owned();
    let label = tab.text_of("label").unwrap_or_default().to_owned();
    if id.is_empty() || label.is_empty() {
        return Err("a tab needs an id and a label".to_owned());
    }
    let gadgets = |parent: &Element| -> Result<Vec<Gadget>, String> {
        let lists = parent.all("gadgets").flat_map(|gadgets| gadgets.all("gadget"));
        lists.map(gadget).collect()
    };
    // A tab has its gadgets in columns, or at once.
    let columns = tab.all("columns").flat_map(|columns| columns.all("column"));
    let mut columns = columns.map(gadgets).collect::<Result<Vec<_>, _>>()?;
    let bare = gadgets(tab)?;
    if !bare.is_empty() {
        columns.push(bare);
    }
    Ok(Tab { id, label, columns })
}

fn gadget(gadget: &Element) -> Result<Gadget, String> {
    let url = gadget.text.trim().to_owned();
    let known = url.starts_with('/') || url.starts_with("http://") || url.starts_with("https://");
    if !known {
        return Err(format!("a gadget's address is absolute or a path, not `{url}`"));
    }
    let hidden = gadget.attribute("hidden") == Some("true");
    Ok(Gadget { url, id: gadget.attribute("id").map(str::to_owned), hidden })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_layout_has_both_roles() {
        let layout = Layout::default();
        for role in ROLES {
            let layout = layout.role(role).expect(role);
            assert!(!layout.tabs.is_empty(), "{role}");
        }
    }

    #[test]
    fn page_gadgets_tabs_and_hidden_ones_are_told_apart() {
        let text = r#"<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><version>1250.03</version>
            <layout><role>Agent</role><page><gadget hidden="true" id="x">https://a/b.xml?c=1&amp;d=2</gadget></page>
            <tabs><tab><id>home</id><label>Home</label><columns>
              <column><gadgets><gadget>/one.xml</gadget></gadgets></column>
              <column><gadgets><gadget>/two.xml</gadget></gadgets></column></columns></tab>
            <tab><id>more</id><label>More</label><gadgets><gadget>/three.xml</gadget></gadgets></tab>
            </tabs></layout></finesseLayout>"#;
        let layout = Layout::read(text).expect("a layout");
        let agent = layout.role("Agent").expect("for agents");
        assert_eq!(agent.page[0].url, "https://a/b.xml?c=1&d=2");
        assert!(agent.page[0].hidden && !agent.tabs[0].columns[0][0].hidden);
        assert_eq!(agent.tabs[0].columns.len(), 2);
        assert_eq!(agent.tabs[1].columns[0][0].url, "/three.xml");
        assert!(layout.role("Supervisor").is_none());
    }

    #[test]
    fn what_finesse_would_not_save_is_refused_in_a_sentence() {
        let layout =
            |inner: &str| format!("<finesseLayout xmlns=\"{NAMESPACE}\">{inner}</finesseLayout>");
        for wrong in [
            "<layout/>".to_owned(),
            "<finesseLayout><layout><role>Agent</role></layout></finesseLayout>".to_owned(),
            layout(""),
            layout("<layout><role>Admin</role></layout>"),
            layout("<layout><role>Agent</role><page><gadget>b.xml</gadget></page></layout>"),
            layout("<layout><role>Agent</role><tabs><tab><id>a</id></tab></tabs></layout>"),
        ] {
            assert!(Layout::read(&wrong).is_err(), "{wrong}");
        }
    }
}

//! Reads a gadget's XML (the Core Gadget 1.1; Finesse notes 3.1).

use std::collections::BTreeMap;

use crate::rest::xml::{Element, PAGE, parse_within};

/// Features that Finesse's Shindig has; a gadget that requires another is not shown.
const FEATURES: [&str; 16] = [
    "core",
    "rpc",
    "settitle",
    "dynamic-height",
    "dynamic-size",
    "pubsub",
    "pubsub-2",
    "setprefs",
    "loadingindicator",
    "content-rewrite",
    "collapsible",
    "minimessage",
    "locked-domain",
    "views",
    "tabs",
    "opensocial-0.9",
];

/// A gadget as it is rendered.
#[derive(Clone, Debug)]
pub(crate) struct Gadget {
    pub(crate) title: String,
    /// Names and defaults of the declared preferences.
    pub(crate) prefs: BTreeMap<String, String>,
    /// `__MSG_…__`, of the first locale.
    pub(crate) messages: BTreeMap<String, String>,
    /// Where the messages are, if not in the XML itself.
    pub(crate) messages_at: Option<String>,
    /// `exclude-url` of the feature content-rewrite, in lower case.
    pub(crate) excluded: Vec<String>,
    pub(crate) content: String,
}

impl Gadget {
    /// Reads the XML, or says in a sentence why it is not shown.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let module = parse_within(text.trim_start_matches('\u{feff}'), PAGE)?;
        if module.name != "Module" {
            return Err(format!("the root element is {}, not Module", module.name));
        }
        let prefs = module.child("ModulePrefs").ok_or("Module has no ModulePrefs")?;
        let title = prefs.attribute("title").ok_or("ModulePrefs has no title")?;
        for required in prefs.all("Require") {
            let feature = required.attribute("feature").ok_or("Require has no feature")?;
            if !FEATURES.contains(&feature) {
                return Err(format!("Unsupported feature: {feature}"));
            }
        }
        let locale = prefs.child("Locale");
        Ok(Self {
            title: title.to_owned(),
            prefs: module.all("UserPref").map(preference).collect::<Result<_, _>>()?,
            messages: locale.map(messages).unwrap_or_default(),
            messages_at: locale.and_then(|it| it.attribute("messages")).map(str::to_owned),
            excluded: excluded(prefs),
            content: content(&module)?,
        })
    }
}

/// The messages of a bundle or of a `Locale` that has them inside.
pub(crate) fn messages(bundle: &Element) -> BTreeMap<String, String> {
    let named = |msg: &Element| Some((msg.attribute("name")?.to_owned(), msg.text.clone()));
    bundle.all("msg").filter_map(named).collect()
}

fn preference(pref: &Element) -> Result<(String, String), String> {
    let name = pref.attribute("name").ok_or("UserPref has no name")?;
    Ok((name.to_owned(), pref.attribute("default_value").unwrap_or_default().to_owned()))
}

fn excluded(prefs: &Element) -> Vec<String> {
    let features = prefs.children.iter().filter(|child| {
        matches!(child.name.as_str(), "Require" | "Optional")
            && child.attribute("feature") == Some("content-rewrite")
    });
    let params = features.flat_map(|feature| feature.all("Param"));
    let named = params.filter(|param| param.attribute("name") == Some("exclude-url"));
    let words = named.map(|param| param.text.trim().to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

fn content(module: &Element) -> Result<String, String> {
    let mut html = String::new();
    let mut found = false;
    for content in module.all("Content") {
        match content.attribute("type").unwrap_or("html") {
            "html" => html.push_str(&content.text),
            other => return Err(format!("a Content of type {other} is not shown")),
        }
        found = true;
    }
    if found { Ok(html) } else { Err("Module has no Content".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <Module><ModulePrefs title="Webex presence">
          <Require feature="pubsub-2"/><Require feature="setprefs"/>
          <Optional feature="content-rewrite"><Param name="exclude-url">*</Param>
            <Param name="exclude-url">Finesse.min.js</Param></Optional>
          <Locale><msg name="hello">Hello</msg></Locale></ModulePrefs>
        <UserPref name="scheme" display_name="scheme" datatype="hidden" default_value="https"/>
        <Content type="html"><![CDATA[<p>__UP_scheme__ & more</p>]]></Content></Module>"#;

    #[test]
    fn what_matters_for_rendering_is_read() {
        let gadget = Gadget::read(XML).expect("a gadget");
        assert_eq!(gadget.title, "Webex presence");
        assert_eq!(gadget.prefs["scheme"], "https");
        assert_eq!(gadget.messages["hello"], "Hello");
        assert_eq!(gadget.excluded, ["*", "finesse.min.js"]);
        assert_eq!(gadget.content, "<p>__UP_scheme__ & more</p>");
    }

    #[test]
    fn a_gadget_that_finesse_would_not_show_is_refused_in_a_sentence() {
        for (from, to) in [
            ("Module>", "Other>"),
            (" title=\"Webex presence\"", ""),
            ("pubsub-2", "teleportation"),
            ("type=\"html\"", "type=\"url\""),
            ("name=\"scheme\"", ""),
        ] {
            assert!(Gadget::read(&XML.replace(from, to)).is_err(), "{to}");
        }
    }
}

//! XML in both directions: a writer that escapes, and a reader with limits.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

/// How much of a document is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    depth: usize,
    elements: usize,
}

/// Of a request: the deepest documented one has three levels.
const REQUEST: Limits = Limits { depth: 8, elements: 200 };
/// Of a desktop layout or a gadget: a layout nests ten deep, and both roles of the vendor's own have
/// some 200 elements.
pub(crate) const PAGE: Limits = Limits { depth: 24, elements: 5_000 };

/// A document that is being written.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An element with others in it.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        content(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element with text in it.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.0.push_str(&escape(text)));
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// An element of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of that name, in their order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut known = self.attributes.iter();
        known.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The trimmed text of a child.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }
}

/// Reads a whole request; the error is a sentence.
pub(crate) fn parse(text: &str) -> Result<Element, String> {
    parse_within(text, REQUEST)
}

/// Reads a whole document within limits; the error is a sentence.
pub(crate) fn parse_within(text: &str, limits: Limits) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { limits, open: Vec::new(), root: None, count: 0 };
    loop {
        let event = reader.read_event().map_err(|error| format!("not well-formed: {error}"))?;
        match event {
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => {
                tree.open(&start)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.add_text(&text)?,
            Event::CData(data) => tree.add_text(&data)?,
            Event::GeneralRef(reference) => tree.add_text(&resolved(&reference)?)?,
            Event::DocType(_) => return Err("a document type is not accepted".to_owned()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// A document that is being read.
struct Tree {
    limits: Limits,
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        self.count += 1;
        if self.open.len() >= self.limits.depth || self.count > self.limits.elements {
            return Err("more elements than such a document has".to_owned());
        }
        let name = start.name().as_ref().to_owned();
        let attributes = attributes(start)?;
        self.open.push(Element { name, attributes, ..Element::default() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let done = self.open.pop().ok_or("an element is closed that was not open")?;
        match (self.open.last_mut(), &self.root) {
            (Some(parent), _) => parent.children.push(done),
            (None, None) => self.root = Some(done),
            (None, Some(_)) => return Err("not well-formed: two roots".to_owned()),
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("not well-formed: text outside of the root".to_owned()),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, String> {
        if !self.open.is_empty() {
            return Err("not well-formed: an element is never closed".to_owned());
        }
        self.root.ok_or_else(|| "not well-formed: there is no element".to_owned())
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, String> {
    let mut read = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("not well-formed: {error}"))?;
        let raw = attribute.value.as_ref();
        let value = unescape(raw).map_err(|error| format!("not well-formed: {error}"))?;
        read.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(read)
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    let character = reference.resolve_char_ref().map_err(|error| error.to_string())?;
    if let Some(character) = character {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    resolve_predefined_entity(name)
        .map(str::to_owned)
        .ok_or_else(|| format!("not well-formed: unknown entity {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_finesse_is_sent() {
        let text =
            "<?xml version=\"1.0\"?>\n<User>\n <state>NOT_READY</state>\n <reasonCodeId/></User>";
        let user = parse(text).expect("well-formed");
        assert_eq!(user.text_of("state"), Some("NOT_READY"));
        assert_eq!(user.text_of("reasonCodeId"), Some(""));
    }

    #[test]
    fn refuses_what_is_not_well_formed() {
        for text in
            ["", "<User>", "<User></Usr>", "<a/><b/>", "text", "<!DOCTYPE a><a/>", "<a>&x;</a>"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn attributes_are_read() {
        let text = "<gadget hidden=\"true\" id='a &amp; b'>x</gadget>";
        let gadget = parse(text).expect("well-formed");
        assert_eq!(gadget.attribute("hidden"), Some("true"));
        assert_eq!(gadget.attribute("id"), Some("a & b"));
        assert_eq!(gadget.attribute("default"), None);
        assert!(parse("<a b=1/>").is_err(), "a value without quotes");
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut xml = Xml::new();
        xml.element("a", |xml| xml.leaf("b", "Lunch & <Break>"));
        let read = parse(&xml.into_text()).expect("well-formed");
        assert_eq!(read.text_of("b"), Some("Lunch & <Break>"));
    }
}

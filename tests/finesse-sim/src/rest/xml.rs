//! XML in both directions: a writer that escapes, and a reader with limits.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deepest nesting of a request; the deepest documented one has three levels.
const DEPTH_LIMIT: usize = 8;
/// Most elements of a request.
const ELEMENT_LIMIT: usize = 200;

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

/// An element of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The trimmed text of a child.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }
}

/// Reads a whole document; the error is a sentence.
pub(crate) fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
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
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        self.count += 1;
        if self.open.len() >= DEPTH_LIMIT || self.count > ELEMENT_LIMIT {
            return Err("more elements than a request of the API has".to_owned());
        }
        let name = start.name().as_ref().to_owned();
        self.open.push(Element { name, ..Element::default() });
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
    fn what_is_written_can_be_read() {
        let mut xml = Xml::new();
        xml.element("a", |xml| xml.leaf("b", "Lunch & <Break>"));
        let read = parse(&xml.into_text()).expect("well-formed");
        assert_eq!(read.text_of("b"), Some("Lunch & <Break>"));
    }
}

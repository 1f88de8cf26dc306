//! A layout as elements that know where they stand.

use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::source::{Source, Unreadable};

/// The namespace of desktop layouts.
pub(super) const NAMESPACE: &str = "http://www.cisco.com/vtg/finesse";
/// Elements inside each other; layouts need eight.
const DEPTH: usize = 64;

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: String,
    /// Its prefix with the colon, or nothing.
    pub(super) prefix: String,
    /// Is it one of Finesse's?
    pub(super) is_finesse: bool,
    /// Names, as written, and values.
    pub(super) attributes: Vec<(String, String)>,
    /// Its tags and all between them.
    pub(super) whole: Range<usize>,
    /// What is between its tags; `None` when it closes itself.
    pub(super) inside: Option<Range<usize>>,
    /// All of its own text, entities resolved, CDATA included.
    pub(super) text: String,
    /// The elements directly in it.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Is it Finesse's element of this name?
    pub(super) fn is(&self, name: &str) -> bool {
        self.is_finesse && self.name == name
    }

    /// The elements of this name directly in it.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// The first of them.
    pub(super) fn first<'a>(&'a self, name: &'a str) -> Option<&'a Self> {
        self.all(name).next()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut named = self.attributes.iter().filter(|(key, _)| key == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// Every element of this name in it, however deep, in the order of the text.
    pub(super) fn below<'a>(&'a self, name: &'a str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if child.is(name) {
                found.push(child);
            }
            child.below(name, found);
        }
    }
}

/// Reads the one element that a document consists of.
pub(super) fn root(source: &Source<'_>) -> Result<Element, Unreadable> {
    let text = &*source.text;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree { text, open: Vec::new(), root: None };
    loop {
        let begin = offset(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|error| malformed(text, offset(reader.error_position()), error.to_string()))?;
        let place = begin..offset(reader.buffer_position());
        match event {
            Event::Eof => return tree.end(),
            Event::Start(start) => tree.open(tree.element(&reader, &start, place)?)?,
            Event::Empty(start) => {
                let element = tree.element(&reader, &start, place)?;
                tree.open(Element { inside: None, ..element })?;
                tree.close(None);
            }
            // The reader has matched the names.
            Event::End(_) => tree.close(Some(place)),
            other => tree.other(begin, other)?,
        }
    }
}

/// What has been read so far.
struct Tree<'a> {
    text: &'a str,
    /// The elements that are not closed yet, the innermost last.
    open: Vec<Element>,
    root: Option<Element>,
}

impl Tree<'_> {
    /// The element of a start tag that stands at `tag`; its end is not known yet.
    fn element(
        &self,
        reader: &NsReader<&[u8]>,
        start: &BytesStart<'_>,
        tag: Range<usize>,
    ) -> Result<Element, Unreadable> {
        let fault = |what: String| malformed(self.text, tag.start, what);
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let is_finesse = match namespace {
            ResolveResult::Bound(namespace) => namespace.into_inner() == NAMESPACE,
            ResolveResult::Unbound => false,
            ResolveResult::Unknown(prefix) => {
                return Err(fault(format!("the prefix {prefix:?} is not declared")));
            }
        };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| fault(error.to_string()))?;
            let value = unescape(&attribute.value).map_err(|error| fault(error.to_string()))?;
            attributes.push((attribute.key.0.to_owned(), value.into_owned()));
        }
        let (name, whole) = (local.into_inner().to_owned(), start.name().0.to_owned());
        let is_name = |name: &str| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !is_name(&name) || !is_name(&whole) {
            return Err(fault(format!("{whole:?} is not a name")));
        }
        let prefix = whole[..whole.len() - name.len()].to_owned();
        let inside = Some(tag.end..tag.end);
        let (text, children) = (String::new(), Vec::new());
        Ok(Element { name, prefix, is_finesse, attributes, whole: tag, inside, text, children })
    }

    fn open(&mut self, element: Element) -> Result<(), Unreadable> {
        let at = element.whole.start;
        if self.open.is_empty() && self.root.is_some() {
            return Err(malformed(self.text, at, "a second root element".to_owned()));
        }
        if self.open.len() == DEPTH {
            return Err(malformed(self.text, at, "elements are nested too deep".to_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    /// Closes the innermost element, by the end tag at `tag` or by itself.
    fn close(&mut self, tag: Option<Range<usize>>) {
        let Some(mut element) = self.open.pop() else { return };
        if let (Some(tag), Some(inside)) = (tag, &mut element.inside) {
            inside.end = tag.start;
            element.whole.end = tag.end;
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    /// What is neither a tag nor the end.
    fn other(&mut self, at: usize, event: Event<'_>) -> Result<(), Unreadable> {
        match event {
            Event::Text(more) => match more.find("]]>") {
                Some(end) => Err(malformed(self.text, at + end, "\"]]>\" in a text".to_owned())),
                None => self.add(at, &more),
            },
            Event::CData(more) => self.add(at, &more),
            Event::GeneralRef(name) => {
                let entity = format!("&{};", &*name);
                let value =
                    unescape(&entity).map_err(|e| malformed(self.text, at, e.to_string()))?;
                self.add(at, &value)
            }
            Event::Decl(_) if at > 0 => {
                let what = "the XML declaration is not the first thing in the file".to_owned();
                Err(malformed(self.text, at, what))
            }
            Event::DocType(_) => {
                let what = "a document type, which layouts do not have".to_owned();
                Err(Unreadable::at(self.text, at, what, "delete the <!DOCTYPE …>"))
            }
            _ => Ok(()),
        }
    }

    /// Text belongs to the innermost open element; outside of the root there may be space only.
    fn add(&mut self, at: usize, more: &str) -> Result<(), Unreadable> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(more),
            None if more.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            None => {
                let at = at + (more.len() - more.trim_start().len());
                let what = "text outside of the root element".to_owned();
                return Err(malformed(self.text, at, what));
            }
        }
        Ok(())
    }

    fn end(self) -> Result<Element, Unreadable> {
        if let Some(left) = self.open.last() {
            let what = format!("<{}{}> is not closed", left.prefix, left.name);
            return Err(malformed(self.text, left.whole.start, what));
        }
        let nothing = || malformed(self.text, 0, "there is no element in it".to_owned());
        self.root.ok_or_else(nothing)
    }
}

fn malformed(text: &str, at: usize, what: String) -> Unreadable {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let remedy = if what.contains("entity") {
        "in an address write & as &amp;"
    } else {
        "correct it, or take the layout from Finesse anew (Manage Desktop Layout)"
    };
    Unreadable::at(text, at, what, remedy)
}

fn offset(position: u64) -> usize {
    // A layout is a megabyte at most.
    usize::try_from(position).unwrap_or(usize::MAX)
}

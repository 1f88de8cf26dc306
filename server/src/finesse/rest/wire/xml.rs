//! Reads XML the way Finesse writes it: names in either case, elements absent, empty or new.
//!
//! A small tree instead of serde's structures, because a structure refuses the whole document for
//! one element too many, and Finesse's documents differ in just that from version to version
//! (Finesse notes 1.1 and 6, 27).

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::WireError;

/// Elements nested deeper than this are an attack or not Finesse; its own documents need six.
const DEPTH: usize = 32;
/// Elements in one record: a supervisor of a thousand teams needs about 4,000.
const ELEMENTS: usize = 65_536;

/// An element: its text and its children; attributes are not used by Finesse.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// The local name in lower case.
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Is this its name, whatever the case?
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The text, trimmed; `None` when there is none.
    pub(super) fn text(&self) -> Option<&str> {
        let text = self.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// Every child of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// The text of the child of this name; an empty element is the same as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.child(name)?.text()
    }
}

/// Reads a document of which the root is `root`.
pub(super) fn document(body: &[u8], root: &str) -> Result<Element, WireError> {
    let mut reader = Reader::from_str(utf8(body)?);
    let (start, empty) = open_root(&mut reader, root)?;
    if empty {
        return Ok(Element { name: start, ..Element::default() });
    }
    subtree(&mut reader, start)
}

/// Calls `each` with every element `record` below `root`, one at a time, so that the memory in use
/// is that of one record.
pub(super) fn records(
    body: &[u8],
    root: &str,
    record: &str,
    mut each: impl FnMut(&Element),
) -> Result<(), WireError> {
    let mut reader = Reader::from_str(utf8(body)?);
    let (_, empty) = open_root(&mut reader, root)?;
    let mut depth = usize::from(!empty);
    while depth > 0 {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) if is_named(&start, record) => {
                each(&subtree(&mut reader, name_of(&start))?);
            }
            Event::Start(_) if depth == DEPTH => return Err(WireError::TooDeep),
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(WireError::CutOff),
            _ => {}
        }
    }
    Ok(())
}

fn utf8(body: &[u8]) -> Result<&str, WireError> {
    std::str::from_utf8(body).map_err(|_| WireError::NotUtf8)
}

/// Skips declaration, comments and document type; tells the root's name and whether it is empty.
fn open_root(reader: &mut Reader<&[u8]>, root: &str) -> Result<(String, bool), WireError> {
    loop {
        let (start, empty) = match reader.read_event().map_err(malformed)? {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::Eof => return Err(WireError::Empty),
            Event::Text(text) if !text.trim().is_empty() => return Err(WireError::NotXml),
            _ => continue,
        };
        if is_named(&start, root) {
            return Ok((name_of(&start), empty));
        }
        return Err(WireError::OtherRoot {
            expected: root.to_owned(),
            found: name_of(&start).chars().take(40).collect(),
        });
    }
}

/// Reads up to the end of the element that was just opened.
fn subtree(reader: &mut Reader<&[u8]>, name: String) -> Result<Element, WireError> {
    let mut open = vec![Element { name, ..Element::default() }];
    let mut elements = 1;
    while let Some(top) = open.last_mut() {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => {
                elements += 1;
                if open.len() == DEPTH {
                    return Err(WireError::TooDeep);
                }
                open.push(Element { name: name_of(&start), ..Element::default() });
            }
            Event::Empty(start) => {
                elements += 1;
                top.children.push(Element { name: name_of(&start), ..Element::default() });
            }
            Event::Text(text) => top.text.push_str(&text),
            Event::CData(text) => top.text.push_str(&text),
            Event::GeneralRef(entity) => push_entity(&mut top.text, &entity),
            Event::End(_) => {
                if let Some(done) = close(&mut open) {
                    return Ok(done);
                }
            }
            Event::Eof => return Err(WireError::CutOff),
            _ => {}
        }
        if elements > ELEMENTS {
            return Err(WireError::TooMany);
        }
    }
    Err(WireError::CutOff)
}

/// Closes the innermost element; returns it when it was the outermost too.
fn close(open: &mut Vec<Element>) -> Option<Element> {
    let done = open.pop()?;
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(done);
            None
        }
        None => Some(done),
    }
}

/// The five entities and character references; one of a document type stays as it is written.
fn push_entity(text: &mut String, entity: &str) {
    let written = format!("&{entity};");
    match unescape(&written) {
        Ok(plain) => text.push_str(&plain),
        Err(_) => text.push_str(&written),
    }
}

fn is_named(start: &BytesStart<'_>, name: &str) -> bool {
    name_of(start).eq_ignore_ascii_case(name)
}

fn name_of(start: &BytesStart<'_>) -> String {
    let name: &str = start.name().into_inner();
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

fn malformed(error: quick_xml::Error) -> WireError {
    WireError::Malformed(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_either_case_and_prefixes_are_dropped() {
        let root = document(b"<f:User><LoginID> 0001 </LoginID></f:User>", "user").unwrap();
        assert_eq!(root.get("loginId"), Some("0001"));
    }

    #[test]
    fn an_empty_element_is_the_same_as_none() {
        let root = document(b"<User><a></a><b/><c>  </c></User>", "User").unwrap();
        for name in ["a", "b", "c", "d"] {
            assert_eq!(root.get(name), None, "{name}");
        }
    }

    #[test]
    fn entities_are_resolved_and_a_document_type_is_ignored() {
        let body =
            b"<?xml version='1.0'?><!DOCTYPE User [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\
            <User><a>A&amp;B &lt;&#x31;&#49;</a><b>&x;</b><c><![CDATA[<&>]]></c></User>";
        let root = document(body, "User").unwrap();
        assert_eq!(root.get("a"), Some("A&B <11"));
        assert_eq!(root.get("b"), Some("&x;"));
        assert_eq!(root.get("c"), Some("<&>"));
    }

    #[test]
    fn what_is_not_the_document_is_an_error_that_says_so() {
        let error = |body: &[u8]| document(body, "User").unwrap_err().to_string();
        assert!(error(b"").contains("empty"));
        assert!(error(b"Service Unavailable").contains("not XML"));
        assert!(error(b"<html><body>x</body></html>").contains("html"));
        assert!(error(b"<User><state>READY</state>").contains("cut off"));
        assert!(error(b"<User><state>READY</User>").contains("well-formed"));
        assert!(error(b"<User>\xff</User>").contains("UTF-8"));
    }

    #[test]
    fn nesting_and_numbers_are_bounded() {
        let deep = format!("<User>{}", "<a>".repeat(1000));
        assert!(matches!(document(deep.as_bytes(), "User"), Err(WireError::TooDeep)));
        assert!(matches!(records(deep.as_bytes(), "User", "x", |_| ()), Err(WireError::TooDeep)));
        let wide = format!("<User>{}</User>", "<a/>".repeat(ELEMENTS));
        assert!(matches!(document(wide.as_bytes(), "User"), Err(WireError::TooMany)));
    }

    #[test]
    fn records_are_found_below_the_root_one_by_one() {
        let mut seen = Vec::new();
        let body = b"<Team><id>1</id><users><User><a>1</a></User><User/><user><a>2</a></user></users></Team>";
        records(body, "team", "User", |user| seen.push(user.get("a").map(str::to_owned))).unwrap();
        assert_eq!(seen, [Some("1".to_owned()), Some("2".to_owned())]);
        records(b"<Team/>", "team", "User", |_| panic!("no record")).unwrap();
        assert!(records(b"<Team><users>", "team", "User", |_| ()).is_err());
    }
}

//! Random layouts, as administrators leave them: everything outside of what is put in stays.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::element::NAMESPACE;
use super::*;

/// What may stand between two elements.
fn between() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(""),
        Just(" "),
        Just("\n"),
        Just("\r\n\t"),
        Just("\n    "),
        Just("<!-- <gadget>/commented.xml</gadget> é -->"),
        Just("<?keep this?>"),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn gadget() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<P:gadget>/desktop/scripts/js/callcontrol.js</P:gadget>".to_owned()),
        Just("<P:gadget id='a1' maxRows=\"5\">/x?a=1&amp;b=2</P:gadget>".to_owned()),
        Just("<P:gadget><![CDATA[https://x.example/a&b]]></P:gadget>".to_owned()),
        Just("<P:gadget\n hidden = 'true'\t>\n /x&#46;xml </P:gadget\n>".to_owned()),
        Just(format!("<P:gadget>{URL}?x=1</P:gadget>")),
        Just("<P:later a='>'/>".to_owned()),
    ]
}

/// An element of this name around some of these, or one that closes itself.
fn element(
    name: &'static str,
    inside: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = String> {
    let many = prop::collection::vec((between(), inside), 0..3);
    prop_oneof![
        4 => (many, between()).prop_map(move |(all, end)| {
            let all: String = all.into_iter().flat_map(|(space, one)| [space, one]).collect();
            format!("<P:{name}>{all}{end}</P:{name}>")
        }),
        1 => Just(format!("<P:{name}/>")),
        1 => Just(format!("<P:{name} \n/>")),
    ]
}

fn tab() -> impl Strategy<Value = String> {
    let id = prop_oneof![Just("home"), Just("other")];
    let gadgets = || element("gadgets", gadget()).boxed();
    let columns = element("columns", element("column", gadgets()).boxed()).boxed();
    let inside = prop_oneof![Just(String::new()), gadgets(), columns];
    (between(), id, between(), inside).prop_map(|(space, id, more, inside)| {
        format!("<P:tab>{space}<P:id>{id}</P:id>{more}{inside}</P:tab>")
    })
}

fn layout(role: &'static str) -> impl Strategy<Value = String> {
    let page =
        prop_oneof![3 => element("page", gadget()).boxed(), 1 => Just(String::new()).boxed()];
    let tabs = prop::collection::vec((between(), tab()), 1..3);
    (between(), between(), page, between(), tabs).prop_map(move |(a, b, page, c, tabs)| {
        let tabs: String = tabs.into_iter().flat_map(|(space, tab)| [space, tab]).collect();
        format!(
            "<P:layout>{a}<P:role>{role}</P:role>{b}{page}{c}<P:tabs>{tabs}</P:tabs></P:layout>"
        )
    })
}

fn document() -> impl Strategy<Value = String> {
    let begin = prop_oneof![
        Just(""),
        Just("\u{feff}"),
        Just("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"),
        Just("<!-- when you upgrade -->\n  "),
    ];
    let prefix = prop_oneof![Just(""), Just("f:"), Just("ü:")];
    let parts = (begin, between(), layout("Agent"), between(), layout("Supervisor"), between());
    (prefix, parts).prop_map(|(prefix, (begin, a, agent, b, supervisor, c))| {
        let name = prefix.trim_end_matches(':');
        let xmlns = if name.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{name}") };
        let inside = format!("{a}{agent}{b}{supervisor}{c}").replace("P:", prefix);
        let root = format!("{prefix}finesseLayout");
        format!("{begin}<{root} {xmlns}='{NAMESPACE}'>{inside}</{root}>\n")
    })
}

/// Is `part` left of `whole` when some bytes of it are taken away?
fn is_left_of(part: &[u8], whole: &[u8]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}

/// The events of a text but for spaces; an element that closes itself is one that is opened and
/// closed.
fn events(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut all = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return all,
            Event::Text(text) if text.trim().is_empty() => {}
            Event::Start(tag) => {
                all.push(format!("<{} {}>", tag.name().0, tag.attributes_raw().trim()));
            }
            Event::End(tag) => all.push(format!("</{}>", tag.name().0)),
            event => all.push(format!("{event:?}")),
        }
    }
}

/// Elements that are put in, if missing, around the gadget.
const MADE: [&str; 5] = ["page", "columns", "column", "gadgets", "gadget"];

fn placement() -> impl Strategy<Value = Placement> {
    prop_oneof![Just(Placement::Page), Just(Placement::Tab), Just(Placement::Headless)]
}

fn roles() -> impl Strategy<Value = Roles> {
    prop_oneof![Just(Roles::Agent), Just(Roles::Supervisor), Just(Roles::All)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_there_stays_and_twice_is_once(
        text in document(), placement in placement(), roles in roles()
    ) {
        let before = Layout::read(text.as_bytes()).unwrap();
        prop_assume!(before.findings().iter().all(|finding| finding.weight == Weight::Remark));
        let outcome = add(text.as_bytes(), roles, placement);

        prop_assert!(is_left_of(text.as_bytes(), &outcome.bytes), "bytes are gone");
        let (old, new) = (events(text.as_bytes()), events(&outcome.bytes));
        let mut rest = new.iter();
        for event in &old {
            let skipped = rest.by_ref().take_while(|other| *other != event);
            for other in skipped {
                let ours = other.contains(URL) || MADE.iter().any(|name| other.contains(name));
                prop_assert!(ours, "{other} was not there");
            }
        }

        let after = Layout::read(&outcome.bytes).unwrap();
        let wanted = if roles == Roles::All { 2 } else { 1 };
        prop_assert_eq!(outcome.roles.len(), wanted);
        prop_assert!(after.places(&address()).len() >= wanted);
        let again = add(&outcome.bytes, roles, placement);
        prop_assert_eq!(&again.bytes, &outcome.bytes);
        prop_assert!(again.roles.iter().all(|role| !role.added));
        if outcome.roles.iter().all(|role| !role.added) {
            prop_assert_eq!(&outcome.bytes, text.as_bytes());
        }
    }

    /// One role gets it: what is before and what is behind it is as it was, to the byte, but for the
    /// slash of an element that closed itself.
    #[test]
    fn one_span_is_put_in(text in document(), placement in placement()) {
        let before = Layout::read(text.as_bytes()).unwrap();
        prop_assume!(before.findings().iter().all(|finding| finding.weight == Weight::Remark));
        let after = add(text.as_bytes(), Roles::Agent, placement).bytes;
        let same = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
        let front = same(&mut text.as_bytes().iter().zip(&after));
        let back = same(&mut text.as_bytes().iter().rev().zip(after.iter().rev()));
        prop_assert!(front + back + 1 >= text.len(), "{front} + {back} of {}", text.len());
    }

    #[test]
    fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Layout::read(&bytes);
    }

    #[test]
    fn no_layout_that_is_broken_somewhere_makes_it_stumble(
        text in document(), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(layout) = Layout::read(&bytes)
            && let Ok(outcome) = layout.add(&address(), Roles::All, Placement::Page)
        {
            prop_assert!(is_left_of(&bytes, &outcome.bytes));
        }
    }
}

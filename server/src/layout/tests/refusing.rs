use super::*;

fn refusal(text: &str) -> String {
    match Layout::read(text.as_bytes()) {
        Err(error) => error.to_string(),
        Ok(layout) => match layout.add(&address(), Roles::All, Placement::Page) {
            Err(error) => error.to_string(),
            Ok(outcome) => panic!("{:?}", String::from_utf8(outcome.bytes)),
        },
    }
}

#[test]
fn what_is_no_xml_is_refused_with_its_place_and_a_remedy() {
    let whole = |inside: &str| agent(&format!("\n  <page>{inside}</page>"));
    let cases = [
        (String::new(), "line 1, column 1: there is no element in it"),
        ("layout".to_owned(), "line 1, column 1: text outside of the root element"),
        (whole("<gadget>/a"), "line 2, column"),
        (agent("\n<page>"), "line 2, column"),
        (
            agent("<page/>").replace("</finesseLayout>", ""),
            "line 1, column 1: <finesseLayout> is not closed",
        ),
        (whole("<gadget>/a?x=1&y=2</gadget>"), "line 2, column 23"),
        (whole("<gadget>&nbsp;</gadget>"), "line 2, column 17"),
        (whole("<gadget a='1' a='2'>/a</gadget>"), "line 2, column 9"),
        (whole("<gadget>/a]]></gadget>"), "line 2, column 19: \"]]>\" in a text"),
        (whole("<x:gadget>/a</x:gadget>"), "line 2, column 9: the prefix \"x\" is not declared"),
        (whole("<!-- a -- b -->"), "line 2, column"),
        (whole("<1/>"), "line 2, column 9: \"1\" is not a name"),
        (format!("\n{}<a/>", agent("")), "line 2, column"),
        (format!(" <?xml version='1.0'?>{}", agent("")), "line 1, column 2: the XML declaration"),
        (format!("<!DOCTYPE a>{}", agent("")), "line 1, column 1: a document type"),
        ("<a>".repeat(100), "nested too deep"),
    ];
    for (text, expected) in cases {
        let told = refusal(&text);
        assert!(told.contains(expected), "{told}\nis not of\n{expected}");
        assert!(told.contains("; "), "{told} has no remedy");
    }
}

#[test]
fn what_finesse_would_refuse_is_refused_with_its_place_and_a_remedy() {
    let page = |inside: &str| agent(&format!("\n  <page>{inside}</page>"));
    let tab = |inside: &str| agent(&format!("\n<tabs><tab>{inside}</tab></tabs>"));
    let columns = "<column/>".repeat(5);
    let cases = [
        (
            agent("").replace(" xmlns=", " about="),
            "line 1, column 1: <finesseLayout> is not in the namespace",
        ),
        (agent("").replace("vtg/finesse", "vtg/other"), "is not in the namespace"),
        ("<TeamLayoutConfig/>".to_owned(), "what the REST API gives"),
        ("<html/>".to_owned(), "<html> is not a desktop layout"),
        (agent("").replace("layout>", "label>"), "there is no <layout> in it"),
        (agent("").replace("<role>Agent</role>", ""), "a <layout> without a <role>"),
        (agent("<role>Supervisor</role>"), "with several roles"),
        (agent("<page/>\n<page/>"), "line 2, column 1: a second <page>"),
        (
            agent("\n<gadget>/a</gadget>"),
            "line 2, column 1: <gadget> does not belong into <layout>",
        ),
        (page("text"), "line 2, column 3: a text directly in <page>"),
        (page("<gadget/>"), "line 2, column 9: a <gadget> without an address"),
        (page("<gadget>a.xml</gadget>"), "\"a.xml\" is not an address"),
        (page("<gadget>/a<b/></gadget>"), "an element where a text belongs"),
        (page("<gadget hidden='yes'>/a</gadget>"), "hidden is neither"),
        (page("<gadget id='1'>/a</gadget>"), "\"1\" is not an id"),
        (
            page("<gadget id='a'>/a</gadget><gadget id='a'>/a</gadget>"),
            "the id \"a\" is used twice",
        ),
        (tab("<label>l</label>"), "line 2, column 7: a <tab> without an <id>"),
        (tab(&format!("<id>a</id><columns>{columns}</columns>")), "4 columns at most"),
    ];
    for (text, expected) in cases {
        let told = refusal(&text);
        assert!(told.contains(expected), "{told}\nis not of\n{expected}");
        assert!(told.lines().all(|line| line.contains("; ")), "{told} has no remedy");
    }
}

#[test]
fn what_the_documents_do_not_speak_of_is_told_and_kept() {
    let text =
        agent("<page><gadget managedBy=\"x\">/a</gadget><other>b</other></page><new><z/></new>");
    let outcome = add(text.as_bytes(), Roles::All, Placement::Page);
    let told: Vec<_> = outcome.remarks.iter().map(|finding| finding.what.as_str()).collect();
    let expected = ["it is managed by \"x\"", "<other> in <page>", "<new> in <layout>"];
    for expected in expected {
        assert!(told.iter().any(|what| what.contains(expected)), "{told:?}");
    }
    let outcome = add(agent("<page/>").as_bytes(), Roles::All, Placement::Headless);
    assert!(outcome.remarks[0].what.contains("Finesse 11"), "{:?}", outcome.remarks);
}

#[test]
fn a_role_or_a_tab_that_is_not_there_is_named() {
    let text = agent("<page/>");
    let layout = Layout::read(text.as_bytes()).unwrap();
    let error = layout.add(&address(), Roles::Supervisor, Placement::Page).unwrap_err();
    assert_eq!(error, Refused::NoRole("Supervisor"));
    let error = layout.add(&address(), Roles::Agent, Placement::Tab).unwrap_err();
    assert!(error.to_string().contains("no <tab>; use --place page"), "{error}");
}

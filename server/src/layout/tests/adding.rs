use super::*;

const GADGET: &str = "<gadget>https://lockstep.example.com/gadget/lockstep.xml</gadget>";

/// What stands in the layout after the role, where the gadget goes, and what stands there then.
fn becomes(placement: Placement, before: &str, after: &str) {
    let (before, after) = (agent(before), agent(&after.replace('@', GADGET)));
    assert_eq!(added(&before, placement), after);
    assert_eq!(added(&after, placement), after, "adding twice is adding once");
}

#[test]
fn on_the_page_it_is_the_last_gadget() {
    let page = |before, after| becomes(Placement::Page, before, after);
    page("<page><gadget>/a</gadget></page>", "<page><gadget>/a</gadget>@</page>");
    page(
        "<page><gadget>/a</gadget> <!-- b --> </page>",
        "<page><gadget>/a</gadget>@ <!-- b --> </page>",
    );
    page("<page></page>", "<page>@</page>");
    page("<page x='1' />", "<page x='1' >@</page>");
    page("<page><!-- none --></page>", "<page>@<!-- none --></page>");
    page("<tabs/>", "<page>@</page><tabs/>");
}

#[test]
fn lines_and_indentation_are_those_around_it() {
    let page = |before, after| becomes(Placement::Page, before, after);
    page(
        "\r\n\t<page>\r\n\t\t<gadget>/a</gadget>\r\n\t</page>",
        "\r\n\t<page>\r\n\t\t<gadget>/a</gadget>\r\n\t\t@\r\n\t</page>",
    );
    page("\n  <page/>\n", "\n  <page>\n      @\n  </page>\n");
    page("\n  <page></page>\n", "\n  <page>\n      @\n  </page>\n");
    page("\n  <page>\n  </page>\n", "\n  <page>\n      @\n  </page>\n");
    page("\r  <page>\r  </page>\r", "\r  <page>\r      @\r  </page>\r");
    page("\n <page><gadget>/a</gadget></page>", "\n <page><gadget>/a</gadget>@</page>");
}

#[test]
fn the_step_is_the_one_that_the_layout_takes() {
    let whole = |page: &str| {
        format!(
            "<finesseLayout xmlns=\"{}\">\n  <layout>\n    <role>Agent</role>\n    {page}\n  </layout>\n\
             </finesseLayout>\n",
            element::NAMESPACE
        )
    };
    let expected = whole(&format!("<page>\n      {GADGET}\n    </page>"));
    assert_eq!(added(&whole("<page/>"), Placement::Page), expected);
    let expected = whole(&format!("<page>\n      {GADGET}\n    </page>\n    <tabs/>"));
    assert_eq!(added(&whole("<tabs/>"), Placement::Page), expected);
}

#[test]
fn on_a_tab_it_goes_home_and_else_to_the_first() {
    let tab = |before: &str, after: &str| {
        let tabs = |inside: &str| format!("<page/><tabs>{inside}</tabs>");
        becomes(Placement::Tab, &tabs(before), &tabs(after));
    };
    let columns = |gadgets: &str| format!("<columns><column>{gadgets}</column></columns>");
    let with = |id: &str, inside: &str| format!("<tab><id>{id}</id>{inside}</tab>");
    let full = columns("<gadgets><gadget>/a</gadget></gadgets>");
    let both = columns("<gadgets><gadget>/a</gadget>@</gadgets>");
    let only = columns("<gadgets>@</gadgets>");
    tab(&with("home", &full), &with("home", &both));
    let other = with("other", &full);
    tab(&format!("{other}{}", with("home", &full)), &format!("{other}{}", with("home", &both)));
    tab(&format!("{other}{other}"), &format!("{}{other}", with("other", &both)));
    tab(
        &with("home", &columns("<!-- none -->")),
        &with("home", &columns("<gadgets>@</gadgets><!-- none -->")),
    );
    tab(&with("home", &columns("<gadgets/>")), &with("home", &only));
    tab(&with("home", "<columns><column/></columns>"), &with("home", &only));
    tab(&with("home", "<columns/>"), &with("home", &only));
    tab(&with("home", ""), &with("home", &only));
    tab(
        &with("home", "<gadgets><gadget>/a</gadget></gadgets>"),
        &with("home", "<gadgets><gadget>/a</gadget>@</gadgets>"),
    );
    tab(&with("home", "<gadget>/a</gadget>"), &with("home", "<gadget>/a</gadget>@"));
}

#[test]
fn headless_is_on_the_page_and_hidden() {
    let layout = agent("<page/>");
    let hidden = format!("<page><gadget hidden=\"true\">{URL}</gadget></page>");
    assert_eq!(added(&layout, Placement::Headless), agent(&hidden));
}

#[test]
fn a_prefix_is_kept() {
    let text = "<f:finesseLayout xmlns:f='http://www.cisco.com/vtg/finesse' xmlns='urn:other'>\
                <layout/><f:layout><f:role>Agent</f:role>@</f:layout></f:finesseLayout>";
    let before = text.replace('@', "<f:page/>");
    let after = format!("<f:page><f:gadget>{URL}</f:gadget></f:page>");
    assert_eq!(added(&before, Placement::Page), text.replace('@', &after));
}

#[test]
fn a_gadget_that_is_there_already_stays_where_it_is() {
    let same = [
        URL,
        "\n  https://LOCKSTEP.example.com:443/gadget/lockstep.xml \n",
        "https://lockstep.example.com/gadget/lockstep.xml?theme=dark&amp;x=1",
        "<![CDATA[https://lockstep.example.com/gadget/lockstep.xml]]>",
        "https://lockstep.example.com/gadget/lockstep&#46;xml",
    ];
    for url in same {
        let gadget = format!("<gadget hidden='true'>{url}</gadget>");
        let tabs = format!("<tabs><tab><id>x</id><gadgets>{gadget}</gadgets></tab></tabs>");
        let layout = agent(&format!("<page/>{tabs}"));
        for placement in [Placement::Page, Placement::Tab, Placement::Headless] {
            let outcome = add(layout.as_bytes(), Roles::All, placement);
            assert_eq!(outcome.bytes, layout.as_bytes(), "{url}");
            assert!(!outcome.roles[0].added);
        }
    }
    let others = [
        "<!-- https://lockstep.example.com/gadget/lockstep.xml -->/a",
        "https://lockstep.example.com:8443/gadget/lockstep.xml",
        "http://lockstep.example.com/gadget/lockstep.xml",
        "/gadget/lockstep.xml",
    ];
    for url in others {
        let layout = agent(&format!("<page><gadget>{url}</gadget></page>"));
        assert!(add(layout.as_bytes(), Roles::All, Placement::Page).roles[0].added, "{url}");
    }
}

#[test]
fn each_role_gets_it_once_and_others_keep_what_they_have() {
    let role = |role: &str, page: &str| format!("<layout><role> {role} </role>{page}</layout>");
    let whole = |layouts: &[String]| {
        let (begin, end) =
            ("<finesseLayout xmlns=\"http://www.cisco.com/vtg/finesse\">", "</finesseLayout>");
        format!("{begin}{}{end}", layouts.concat())
    };
    let (none, ours) = ("<page/>", format!("<page>{GADGET}</page>"));
    let roles = ["Agent", "Supervisor", "Admin"];
    let text = whole(&roles.map(|name| role(name, none)));
    let expected = |with: [bool; 3]| {
        whole(&[0, 1, 2].map(|n| role(roles[n], if with[n] { &ours } else { none })))
    };
    let cases = [
        (Roles::All, [true, true, false]),
        (Roles::Agent, [true, false, false]),
        (Roles::Supervisor, [false, true, false]),
    ];
    for (which, with) in cases {
        let outcome = add(text.as_bytes(), which, Placement::Page);
        assert_eq!(String::from_utf8(outcome.bytes).unwrap(), expected(with), "{which:?}");
    }
    let half = expected([true, false, false]);
    let outcome = add(half.as_bytes(), Roles::All, Placement::Page);
    assert_eq!(String::from_utf8(outcome.bytes).unwrap(), expected([true, true, false]));
    let told: Vec<_> = outcome.roles.iter().map(|r| (r.role.as_str(), r.added)).collect();
    assert_eq!(told, [("Agent", false), ("Supervisor", true)]);
}

#[test]
fn an_address_is_the_xml_or_the_server_that_serves_it() {
    let read = |text: &str| text.parse::<Address>().map(|a| a.to_string());
    for text in ["https://Lockstep.example.com/", "https://lockstep.example.com", URL] {
        assert_eq!(read(text).unwrap(), URL);
    }
    let uploaded = "/3rdpartygadget/files/lockstep/lockstep.xml";
    assert_eq!(read(uploaded).unwrap(), uploaded);
    let set = format!("{URL}?theme=dark&x=1");
    assert_eq!(read(&set).unwrap(), set);
    let layout = agent("<page/>");
    let layout = Layout::read(layout.as_bytes()).unwrap();
    let outcome = layout.add(&set.parse().unwrap(), Roles::All, Placement::Page).unwrap();
    assert!(String::from_utf8(outcome.bytes).unwrap().contains("?theme=dark&amp;x=1</gadget>"));
    for text in ["lockstep", "https://l.example.com/x.xml?<", "https://l.example.com/x.xml?a#b"] {
        assert!(read(text).is_err(), "{text}");
    }
}

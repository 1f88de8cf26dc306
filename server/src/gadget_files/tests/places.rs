use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use super::super::*;
use super::{TEMPLATE, place};

#[test]
fn an_address_ends_no_text_it_is_put_into() {
    let url = Url::parse("https://l.example.com/a&b'c\"d<e>f]]>`g\\h i/").unwrap();
    let server = Place::from(&url);
    assert_eq!(server.as_str(), "https://l.example.com/a%26b%27c%22d%3Ce%3Ef]]%3E%60g/h%20i");
    let xml = served(TEMPLATE, &server);
    let mut reader = Reader::from_str(&xml);
    let mut scripts = 0;
    loop {
        match reader.read_event().expect("it is XML") {
            Event::Eof => break,
            Event::CData(text) => {
                let text = text.into_inner();
                assert!(text.contains(&format!("'{server}/gadget/loader.js'")), "{text}");
                assert!(text.trim_end().ends_with("</script>"), "{text}");
                scripts += 1;
            }
            _ => {}
        }
    }
    assert_eq!(scripts, 1, "{xml}");
}

#[test]
fn an_exported_xml_finds_the_files_in_one_place_and_the_server_in_another() {
    let server = place("https://lockstep.example.com/");
    let on_finesse = place("/3rdpartygadget/files/lockstep/");
    let xml = exported(TEMPLATE, "loader.js", &server, &on_finesse);
    let loader =
        "/3rdpartygadget/files/lockstep/loader.js?server=https%3A%2F%2Flockstep.example.com";
    assert!(xml.contains(&format!("'{loader}'")), "{xml}");
    assert!(xml.contains("data-server=\"https://lockstep.example.com\""), "{xml}");
    let xml = exported(TEMPLATE, "loader.js", &server, &server.folder("gadget"));
    assert_eq!(xml, served(TEMPLATE, &server), "the server's own folder is nothing special");
}

#[test]
fn a_place_is_an_address_that_a_desktop_can_load_from() {
    let good = [
        ("https://L.example.com:443/", "https://l.example.com"),
        (
            "https://f1.example.com:8445/3rdpartygadget/files/l",
            "https://f1.example.com:8445/3rdpartygadget/files/l",
        ),
        ("/3rdpartygadget/files/lockstep/", "/3rdpartygadget/files/lockstep"),
        ("/a/../b c", "/b%20c"),
        ("http://127.0.0.1:8480", "http://127.0.0.1:8480"),
        ("http://[::1]:8480", "http://[::1]:8480"),
    ];
    for (text, expected) in good {
        assert_eq!(place(text).as_str(), expected);
    }
    let bad = [
        ("", "not an address"),
        ("lockstep.example.com", "not an address"),
        ("//l.example.com/x", "not an address"),
        ("javascript:alert(1)", "a browser can load from"),
        ("https://u:p@l.example.com", "a name or a password"),
        ("https://l.example.com/?x=1", "a query or a fragment"),
        ("/x#y", "a query or a fragment"),
        ("http://l.example.com", "over http"),
    ];
    for (text, expected) in bad {
        let error = text.parse::<Place>().expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

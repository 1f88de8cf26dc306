use super::*;

const TEXT: &str = "<finesseLayout xmlns=\"http://www.cisco.com/vtg/finesse\">\r\n<!-- Zürich -->\r\n\
                    \t<layout>\r\n\t\t<role>Agent</role>\r\n\t\t<page>\r\n\t\t</page>\r\n\t</layout>\r\n\
                    </finesseLayout>\r\n";

fn expected() -> String {
    TEXT.replace("<page>", &format!("<page>\r\n\t\t\t<gadget>{URL}</gadget>"))
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// `encode` makes bytes of a text; the same must come out as goes in.
fn keeps(encode: impl Fn(&str) -> Vec<u8>) {
    let outcome = add(&encode(TEXT), Roles::All, Placement::Page);
    assert_eq!(outcome.bytes, encode(&expected()));
}

#[test]
fn every_encoding_stays_what_it_is() {
    keeps(|text| text.as_bytes().to_vec());
    keeps(|text| [b"\xef\xbb\xbf", text.as_bytes()].concat());
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let units = move |text: &str| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        keeps(move |text| units(&format!("\u{feff}{text}")));
        keeps(units);
    }
    for name in ["ISO-8859-1", "iso-8859-15", "windows-1252"] {
        let declared = format!("<?xml version='1.0' encoding = '{name}' ?>\n");
        keeps(move |text| latin(&format!("{declared}{text}")));
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_stand() {
    let cases: [(Vec<u8>, &str); 5] = [
        (latin(TEXT), "line 2, column 7: this is not UTF-8"),
        (b"\xff\xfe<\0f\0\x00\xd8f\0".to_vec(), "line 1, column 3: this is not UTF-16"),
        (b"\xff\xfe<\0f\0x".to_vec(), "line 1, column 3: this is not UTF-16"),
        (
            b"<?xml version='1.0' encoding='Shift_JIS'?><a/>".to_vec(),
            "shift_jis, which is not known",
        ),
        (TEXT.replace('Z', "\u{1}").into_bytes(), "line 2, column 6: a control character"),
    ];
    for (bytes, expected) in cases {
        let error = Layout::read(&bytes).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(Layout::read(&vec![b' '; MAX_BYTES + 1]).is_err());
}

use secrecy::ExposeSecret;

use super::{Folder, SECRET, refused, text};
use crate::config::Token;

#[test]
fn newlines_at_the_end_of_a_secrets_file_are_cut() {
    let folder = Folder::new();
    let config = folder.load(&text(&[]), &[]).expect("good");
    let Token::Bot(token) = &config.webex.token else { panic!("not a bot") };
    assert_eq!(token.expose_secret(), "s3cret-token");
    assert_eq!(config.finesse.admin.password.expose_secret(), "s3cret-admin");
    assert_eq!(config.finesse.supervisors[0].password.expose_secret(), "s3cret-boss");
}

#[test]
fn no_secret_is_in_what_can_be_printed() {
    let folder = Folder::new();
    let config = folder.load(&text(&[]), &[]).expect("good");
    assert!(!format!("{config:?}").contains(SECRET));
}

#[test]
fn a_wrong_secret_names_key_and_path_and_never_itself() {
    let folder = Folder::new();
    folder.write("empty", "\n");
    folder.write("two", "s3cret\ns3cret\n");
    folder.write("long", &"x".repeat(17 * 1024));
    std::fs::write(folder.0.path().join("binary"), [0xff, 0xfe]).expect("write");
    let pasted = format!("{SECRET}{}_PF84_1eb65fdf", "a".repeat(40));
    let cases = [
        (
            "token_file = \"none\"",
            "lockstep.toml:2:14: webex.token_file: the file none: does not exist",
        ),
        ("token_file = \"empty\"", "webex.token_file: the file empty: is empty"),
        ("token_file = \"two\"", "the file two: has more than one line"),
        ("token_file = \"long\"", "the file long: has more than 16384 bytes"),
        ("token_file = \"binary\"", "the file binary: is not text"),
        ("token_file = \".\"", "webex.token_file: the file .: cannot be read"),
        ("token_file = \"\"", "webex.token_file: is empty"),
        ("token = \"\"", "webex.token: is empty"),
        ("token = [\"s3cret\"]", "webex.token: must be a text, not a list"),
        (
            "token = \"s3cret\"\ntoken_file = \"token\"",
            "webex.token: is given twice, as token and as token_file",
        ),
        (
            &format!("token_file = \"{pasted}\""),
            "looks like the secret itself (so it is not shown); give a path here, or use webex.token",
        ),
    ];
    for (line, expected) in cases {
        refused(&folder, &text(&[]).replace("token_file = \"token\"", line), &[], expected);
    }
}

#[test]
fn a_broken_text_does_not_show_its_secrets() {
    let folder = Folder::new();
    let broken = text(&[("webex", "token = \"s3cret")]);
    refused(&folder, &broken, &[], "lockstep.toml:3:");
    refused(&folder, &text(&[("webex", "token = s3cret")]), &[], "not TOML");
}

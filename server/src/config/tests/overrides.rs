use std::ffi::OsString;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Folder, refused, text};
use crate::config::environment::variable;
use crate::config::{Config, SECTIONS, Token};

#[test]
fn the_environment_overrides_texts_numbers_flags_lists_and_tables() {
    let folder = Folder::new();
    let environment = [
        ("LOCKSTEP_SYNC__HOLD_DOWN", "2s"),
        ("LOCKSTEP_SYNC__ADOPT_LABELLED", "false"),
        ("LOCKSTEP_SYNC__ON_SOURCE_LOSS", "{ policy = \"release\", after = \"2m\" }"),
        ("LOCKSTEP_WEBEX__PEOPLE_PER_MINUTE", "60"),
        ("LOCKSTEP_AGENTS__TEAMS", "[\"Support\", '7']"),
        ("LOCKSTEP_FINESSE__ADMIN", "{ user = \"root\", password = \"s3cret\" }"),
        ("LOCKSTEP_LOG", "debug"),
        ("LOCKSTEP_PORT_8480_TCP", "tcp://10.0.0.1:8480"),
        ("PATH", "/bin"),
    ];
    let config = folder.load(&text(&[]), &environment).expect("good");
    assert_eq!(config.sync.hold_down, Duration::from_secs(2));
    assert!(!config.sync.adopt_labelled);
    assert_eq!(config.sync.on_source_loss.after, Duration::from_mins(2));
    assert_eq!(config.webex.people_per_minute, 60);
    assert_eq!(config.agents.teams, ["Support", "7"]);
    assert_eq!(config.finesse.admin.user, "root");
}

#[test]
fn a_secret_of_the_environment_replaces_either_form_in_the_file() {
    let folder = Folder::new();
    folder.write("other", "s3cret-other");
    let token = |environment: &[(&str, &str)], line: &str| {
        let text = text(&[]).replace("token_file = \"token\"", line);
        match folder.load(&text, environment).expect("good").webex.token {
            Token::Bot(token) => token.expose_secret().to_owned(),
            Token::Integration { .. } => panic!("not a bot"),
        }
    };
    let value = [("LOCKSTEP_WEBEX__TOKEN", "s3cret-env")];
    let file = [("LOCKSTEP_WEBEX__TOKEN_FILE", "other")];
    assert_eq!(token(&value, "token_file = \"token\""), "s3cret-env");
    assert_eq!(token(&file, "token_file = \"token\""), "s3cret-other");
    assert_eq!(token(&file, "token = \"s3cret\""), "s3cret-other");
    let both = [value[0], file[0]];
    refused(
        &folder,
        &text(&[]),
        &both,
        "environment LOCKSTEP_WEBEX__TOKEN: webex.token: is given twice",
    );
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    let folder = Folder::new();
    let cases = [
        (
            "LOCKSTEP_SYNC__HOLD_DOWN",
            "90s",
            "environment LOCKSTEP_SYNC__HOLD_DOWN: sync.hold_down: 90s is out of range",
        ),
        (
            "LOCKSTEP_SYNC__HOLD_DWON",
            "1s",
            "environment LOCKSTEP_SYNC__HOLD_DWON: sync.hold_dwon: unknown key; did you mean LOCKSTEP_SYNC__HOLD_DOWN?",
        ),
        (
            "LOCKSTEP_SNYC__HOLD_DOWN",
            "1s",
            "unknown section; did you mean LOCKSTEP_SYNC__HOLD_DOWN?",
        ),
        ("LOCKSTEP_FINESSE__NODES", "https://f1.example.com", "finesse.nodes: is not a TOML value"),
        (
            "LOCKSTEP_FINESSE__NODES",
            "\"https://f1.example.com\"",
            "finesse.nodes: must be a list, not a text",
        ),
        (
            "LOCKSTEP_FINESSE__ADMIN",
            "{ user = \"a\", password = \"s3cret",
            "finesse.admin: is not a TOML value",
        ),
        ("LOCKSTEP_SYNC__ADOPT_LABELLED", "yes", "sync.adopt_labelled: must be true or false"),
        (
            "LOCKSTEP_WEBEX__PEOPLE_PER_MINUTE",
            "many",
            "webex.people_per_minute: must be a whole number",
        ),
        (
            "LOCKSTEP_WEBEX__TOKEN_FILE",
            "none",
            "environment LOCKSTEP_WEBEX__TOKEN_FILE: webex.token_file: the file none: does not exist",
        ),
        ("LOCKSTEP_WEBEX__TOKEN", "", "webex.token: is empty"),
    ];
    for (name, value, expected) in cases {
        refused(&folder, &text(&[]), &[(name, value)], expected);
    }
}

#[test]
fn every_key_can_be_overridden() {
    let folder = Folder::new();
    for (section, keys) in SECTIONS {
        for key in keys {
            let name = variable(section, key);
            let integration = key.starts_with("client_") || key.starts_with("refresh_");
            let text = if integration {
                text(&[]).replace("token_file = \"token\"", "")
            } else {
                text(&[])
            };
            // No key takes a control character, so every known name is complained about by key.
            let found = folder.load(&text, &[(&name, "\u{1}")]);
            let problems = found.expect_err(&name).to_string();
            assert!(
                problems.contains(&format!("environment {name}: {section}.{key}")),
                "{problems}"
            );
            assert!(!problems.contains("unknown"), "{problems}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_text_is_an_error_and_no_panic() {
    use std::os::unix::ffi::OsStringExt;
    let folder = Folder::new();
    let bad = OsString::from_vec(vec![0xff]);
    let environment = [(OsString::from("LOCKSTEP_STATE__DIR"), bad.clone()), (bad.clone(), bad)];
    let problems = Config::parse(&folder.path(), &text(&[]), environment).expect_err("not text");
    assert!(problems.to_string().contains("state.dir: is not valid text"), "{problems}");
}

use std::fs;
use std::time::Duration;

use lockstep_core::presence::LossPolicy;
use lockstep_core::rules::{Mode, Rules};

use super::{Folder, NONE, SECRET, example, text};
use crate::config::{Config, Journal, OnSourceLoss, SECTIONS, Token};

#[test]
fn the_defaults_are_those_of_the_contract() {
    let folder = Folder::new();
    let config = folder.load(&text(&[]), &[]).expect("good");
    assert_eq!(config.webex.u2c_url.as_str(), "https://u2c.wbx2.com/u2c/api/v1");
    assert_eq!(config.webex.api_url.as_str(), "https://webexapis.com/v1");
    let domains = ["wbx2.com", "webex.com", "ciscospark.com", "webexapis.com"];
    assert_eq!(config.webex.trusted_domains, domains);
    assert_eq!((config.webex.people_per_minute, config.webex.ca), (120, None));
    assert_eq!((config.finesse.poll_interval, config.finesse.ca), (Duration::from_secs(3), None));
    assert_eq!(config.sync.hold_down, Duration::from_millis(500));
    assert_eq!(config.sync.call_grace, Duration::from_secs(5));
    assert!(config.sync.adopt_labelled);
    assert_eq!(config.sync.default_reason, None);
    assert_eq!(config.sync.stale_after, Duration::from_secs(5));
    assert_eq!(config.sync.reconcile_every, Duration::from_mins(5));
    let loss = OnSourceLoss { policy: LossPolicy::Hold, after: Duration::from_mins(1) };
    assert_eq!(config.sync.on_source_loss, loss);
    assert_eq!((config.rules.rules, config.rules.file), (Rules::builtin(), None));
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8480");
    assert_eq!(config.state.dir, folder.0.path().join("state"), "relative to the file");
    let journal = Journal { keep: Duration::from_hours(90 * 24), max_size_mib: Some(1_024) };
    assert_eq!(config.journal, journal);
    assert_eq!(config.warnings, []);
}

#[test]
fn the_journal_may_grow_without_a_limit() {
    let folder = Folder::new();
    let config = folder.load(&text(&[("journal", "max_size_mib = 0\nkeep = \"1d\"")]), &[]);
    let journal = config.expect("good").journal;
    assert_eq!(journal, Journal { keep: Duration::from_hours(24), max_size_mib: None });
}

#[test]
fn the_mode_is_auto_unless_told_otherwise() {
    let folder = Folder::new();
    let more = "public_url = \"https://l.example.com\"\nfinesse_origins = [\"https://F1.example.com:443/\"]";
    let text = text(&[("http", more)]).replace("mode = \"server\"", "");
    let config = folder.load(&text, &[]).expect("good");
    assert_eq!(config.modes(), Mode::Auto);
    assert_eq!(config.http.finesse_origins, ["https://f1.example.com"], "as a browser writes it");
}

#[test]
fn gadget_mode_needs_no_supervisor() {
    let folder = Folder::new();
    let more =
        "public_url = \"https://l.example.com\"\nfinesse_origins = [\"https://f1.example.com\"]";
    let text = text(&[("http", more)])
        .replace("\"server\"", "\"gadget\"")
        .replace("supervisors = [{ user = \"boss\", password = \"s3cret-boss\" }]", "");
    assert!(folder.load(&text, &[]).expect("good").finesse.supervisors.is_empty());
}

#[test]
fn plain_http_is_for_this_machine() {
    let folder = Folder::new();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let bare = host.trim_matches(['[', ']']);
        let more = format!(
            "api_url = \"http://{host}:9000/v1\"\ntrusted_domains = [\"{bare}\", \"wbx2.com\"]"
        );
        folder.load(&text(&[("webex", &more)]), &[]).unwrap_or_else(|p| panic!("{host}: {p}"));
    }
}

#[test]
fn an_integration_takes_the_place_of_a_token() {
    let folder = Folder::new();
    folder.write("refresh", SECRET);
    let more = "client_id = \"C1\"\nclient_secret = \"s3cret\"\nrefresh_token_file = \"refresh\"";
    let text = text(&[("webex", more)]).replace("token_file = \"token\"\n", "");
    let config = folder.load(&text, &[]).expect("good");
    assert!(matches!(config.webex.token, Token::Integration { .. }));
}

#[test]
fn doubtful_is_a_warning_and_not_an_error() {
    let folder = Folder::new();
    let text =
        text(&[("agents", "users = [\"0001\"]")]).replace("email_domains", "overrides = {}\n#");
    let warnings = folder.load(&text, &[]).expect("good").warnings;
    assert_eq!(warnings[0].key, "agents.email_domains");
}

#[test]
fn the_example_is_good_and_mentions_every_key() {
    let folder = Folder::new();
    let text = fs::read_to_string(example()).expect("the example");
    for name in ["webex-token", "finesse-admin", "finesse-supervisor1"] {
        folder.write(name, SECRET);
    }
    let config = folder.load(&text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.warnings, []);
    for (section, keys) in SECTIONS {
        let start = text.find(&format!("[{section}]\n")).expect(section);
        let end = text[start + 1..].find("\n[").map_or(text.len(), |end| start + 1 + end);
        for key in keys {
            let named = text[start..end].split(|c: char| !(c.is_alphanumeric() || c == '_'));
            assert!(named.into_iter().any(|word| word == *key), "[{section}] {key}");
        }
    }
}

#[test]
fn the_example_shows_the_defaults() {
    let folder = Folder::new();
    for name in ["webex-token", "finesse-admin", "finesse-supervisor1"] {
        folder.write(name, SECRET);
    }
    let text = fs::read_to_string(example()).expect("the example");
    let defaults = [
        "u2c_url",
        "api_url",
        "trusted_domains",
        "people_per_minute",
        "poll_interval",
        "hold_down",
        "call_grace",
        "adopt_labelled",
        "stale_after",
        "reconcile_every",
        "on_source_loss",
        "listen",
        "dir",
        "keep",
        "max_size_mib",
        "enabled",
        "idle_timeout",
        "session_lifetime",
    ];
    let shown = defaults
        .iter()
        .fold(text.clone(), |text, key| text.replace(&format!("# {key} ="), &format!("{key} =")));
    assert_eq!(shown.len() + 2 * defaults.len(), text.len(), "each default stands in a comment");
    let load = |text: &str| format!("{:?}", folder.load(text, &[]).expect("good"));
    assert_eq!(load(&shown), load(&text));
}

#[test]
fn a_configuration_can_be_checked_without_a_file() {
    let folder = Folder::new();
    assert!(Config::parse(&folder.path(), &text(&[]), NONE).is_ok());
}

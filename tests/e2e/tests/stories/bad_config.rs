//! A broken configuration exits 2 with key, place and remedy, before anybody is contacted.

use finesse_sim::Deployment;
use lockstep_e2e::{Site, SiteConfig};
use toml::{Table, Value};

/// What goes wrong, what is changed, and what must be said.
struct Mistake {
    section: &'static str,
    line: &'static str,
    says: &'static [&'static str],
}

const fn mistake(
    section: &'static str,
    line: &'static str,
    says: &'static [&'static str],
) -> Mistake {
    Mistake { section, line, says }
}

const MISTAKES: &[Mistake] = &[
    mistake("sync", "hold_dwon = '1s'", &["sync.hold_dwon", "unknown key", "\"hold_down\""]),
    mistake("snyc", "mode = 'server'", &["snyc: unknown section", "[sync]"]),
    mistake("sync", "hold_down = 5", &["sync.hold_down", "must be a text, not a number"]),
    mistake("sync", "hold_down = '61s'", &["sync.hold_down", "out of range", "\"1m\""]),
    mistake("finesse", "poll_interval = '100ms'", &["finesse.poll_interval", "500ms"]),
    mistake("webex", "token_file = 'gone'", &["webex.token_file", "gone", "does not exist"]),
    mistake("finesse", "nodes = ['http://finesse.example.com']", &["finesse.nodes[0]", "https"]),
    mistake("webex", "api_url = 'http://webexapis.com/v1'", &["webex.api_url", "https"]),
    mistake("finesse", "supervisors = []", &["finesse.supervisors"]),
    mistake("agents", "teams = [1]", &["agents.teams[0]", "in quotes"]),
    mistake("sync", "mode = 'sever'", &["sync.mode", "\"server\""]),
    mistake("rules", "file = 'none.toml'", &["rules.file", "none.toml", "does not exist"]),
    mistake("http", "listen = '8480'", &["http.listen", "127.0.0.1:8480"]),
    mistake("sync", "on_source_loss = { policy = 'relase' }", &["policy", "\"release\""]),
];

const UNREACHABLE: &str = r#"
[[rule]]
id = "busy"
when = { status = ["dnd", "call"] }
set = { state = "NOT_READY", reason = "Webex DND" }
[[rule]]
id = "late"
when = { status = "call" }
set = "free"
[default]
set = "leave"
"#;
const NO_DEFAULT: &str = "[[rule]]\nid = \"a\"\nwhen = { status = \"dnd\" }\nset = \"free\"\n";

/// The usual configuration with one line changed.
fn with(usual: &str, section: &str, line: &str) -> String {
    let mut config: Table = usual.parse().expect("TOML");
    let line: Table = line.parse().expect("TOML");
    let section = config.entry(section).or_insert_with(|| Table::new().into());
    if let Value::Table(section) = section {
        section.extend(line);
    }
    config.to_string()
}

/// Exits 2, says so, and has contacted nobody.
async fn refused(site: &mut Site, text: &str, words: &[&str]) {
    site.folder.write("lockstep.toml", text);
    site.run();
    let exit = site.exit().await;
    let said = site.lines(&[]).into_iter().map(|line| line.text + "\n").collect::<String>();
    assert_eq!(exit.code, Some(2), "{text}\n{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not said of\n{text}\n{said}");
    }
    assert_eq!(site.finesse.counters().requests, 0, "finesse was contacted");
    assert!(site.webex.log().is_empty(), "webex was contacted");
    assert!(!site.folder.state().exists(), "something was written");
}

#[tokio::test]
async fn each_mistake_is_named_with_key_place_and_remedy_and_exits_2() {
    let mut site = Site::prepare(SiteConfig::new(Deployment::Uccx, 1)).await;
    let usual = std::fs::read_to_string(site.folder.config()).expect("it was written");
    for Mistake { section, line, says } in MISTAKES {
        let says = [&["lockstep.toml:"], *says].concat();
        refused(&mut site, &with(&usual, section, line), &says).await;
    }
    refused(&mut site, "[webex\n", &["lockstep.toml:1:", "not TOML"]).await;
    site.end().await;
}

#[tokio::test]
async fn a_rule_that_can_never_apply_and_a_missing_default_are_named() {
    let mut site = Site::prepare(SiteConfig::new(Deployment::Uccx, 1)).await;
    let usual = std::fs::read_to_string(site.folder.config()).expect("it was written");
    let text = with(&usual, "rules", "file = 'rules.toml'");
    site.folder.write("rules.toml", UNREACHABLE);
    refused(
        &mut site,
        &text,
        &["rules.toml:6:1: rule \"late\"", "rule \"busy\" (line 2)", "move it up"],
    )
    .await;
    site.folder.write("rules.toml", NO_DEFAULT);
    refused(&mut site, &text, &["rules.toml", "[default]"]).await;
    site.end().await;
}

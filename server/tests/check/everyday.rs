//! What an administrator meets every day: all is well, or a name, a password, a folder is not.

use crate::rig::Outside;
use finesse_sim::{Config as FinesseConfig, Deployment, Fault, UserSpec};

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_hand_is_green() {
    let outside = Outside::start().await;
    let checked = outside.check(&["--json"]).await;
    let json = checked.json();
    assert_eq!((checked.code, &json["status"]), (0, &"green".into()), "{json:#}");
    for subject in [
        "configuration",
        "state.dir",
        "node",
        "finesse.admin",
        "team Sales",
        "reasons",
        "agents",
        "webex",
        "webex discovery",
        "webex device",
        "webex mercury",
        "webex feed",
    ] {
        let begins = format!("{subject}: ");
        let told = checked.findings("green").iter().any(|told| told.starts_with(&begins));
        assert!(told, "{subject} is missing in {json:#}");
    }
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_one_screen_of_80_columns_without_colour_where_nobody_watches() {
    let outside = Outside::start().await;
    let checked = outside.check(&[]).await;
    let lines: Vec<&str> = checked.stdout.lines().collect();
    assert!(lines.len() <= 30, "{}", checked.stdout);
    let wide: Vec<_> = lines.iter().filter(|line| line.chars().count() > 80).collect();
    // Only a path or an address may be longer than a line.
    assert!(wide.iter().all(|line| line.split_whitespace().count() <= 2), "{wide:#?}");
    assert!(!checked.stdout.contains('\u{1b}'), "{}", checked.stdout);
    assert_eq!(checked.stderr, "", "the log stays out of the screen");
    assert!(checked.stdout.ends_with(" green: ready.\n"), "{}", checked.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_knows_are_amber_each_with_its_remedy() {
    let outside = Outside::start().await;
    outside.webex.remove_person("agent1002@example.com").expect("there is one");
    let outside = outside.set("agents", "teams", vec!["Sales", "Nowhere"]).set(
        "agents",
        "users",
        vec!["ghost"],
    );
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    checked.remedy("amber", "agents.teams", "Nowhere: finesse has no such team");
    checked.remedy("amber", "agents.users", "ghost: finesse has no such user");
    let missing = "agent1002: webex knows none of agent1002@example.com";
    let remedy = checked.remedy("amber", "agents in webex", missing);
    assert!(remedy.contains("add the domain to agents.email_domains"), "{remedy}");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_red_and_tried_once() {
    let outside = Outside::start().await;
    let wrong: toml::Value = "x = [{ user = 'supervisor1', password = 'wrong' }]"
        .parse::<toml::Table>()
        .expect("TOML")["x"]
        .clone();
    let outside = outside.set("finesse", "supervisors", wrong);
    let checked = outside.check(&[]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    assert!(checked.stdout.contains("red    team Sales"), "{}", checked.stdout);
    assert_eq!(outside.finesse.counters().unauthorized.values().sum::<u64>(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_who_is_none_and_a_supervisor_without_teams_are_red() {
    let mut config = FinesseConfig::new(Deployment::Uccx, 3);
    config.users.push(UserSpec::agent("7001", "idle"));
    let outside = Outside::with(config).await;
    let parse = |text: &str| text.parse::<toml::Table>().expect("TOML")["x"].clone();
    let admin = parse("x = { user = '1001001', password = 'secret' }");
    let outside = outside.set("finesse", "admin", admin);
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1);
    checked.remedy("red", "finesse.admin", "1001001");

    let outside = outside
        .set("finesse", "admin", parse("x = { user = 'administrator', password = 'secret' }"))
        .set("finesse", "supervisors", parse("x = [{ user = 'idle', password = 'secret' }]"));
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1);
    checked.remedy("red", "finesse.supervisors", "idle supervises no team");
    checked.remedy("red", "finesse.supervisors", "team Sales is supervised by none of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_amber_and_says_by_how_much() {
    let outside = Outside::start().await;
    outside.finesse.fault(Fault::ClockSkew { offset_ms: -90_000 });
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0);
    let node = outside.finesse.base_url();
    checked.remedy("amber", "clock", &format!("{node} is 90 s behind this machine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_of_two_that_is_out_of_service_is_amber() {
    let config = FinesseConfig::new(Deployment::Ucce, 3).with_secondary();
    let outside = Outside::with(config).await;
    let scope =
        finesse_sim::Scope { node: Some(finesse_sim::Node::Secondary), ..Default::default() };
    outside.finesse.fault_in(Fault::OutOfService, scope);
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let remedy = checked.remedy("amber", "node", "OUT_OF_SERVICE");
    assert!(remedy.contains("takes over"), "{remedy}");
    assert_eq!(
        checked.findings("green").iter().filter(|told| told.starts_with("node: ")).count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mode_gadget_misses_no_supervisor() {
    let mut outside = Outside::start().await.gadget("http://127.0.0.1:9");
    outside.toml["finesse"].as_table_mut().expect("a section").remove("supervisors");
    let checked = outside.check(&["--json"]).await;
    assert!(!checked.stdout.contains("supervisor"), "{}", checked.stdout);
    outside.end();
}

/// Nothing can be made in `/proc`, not even by root.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_dir_that_cannot_be_written_is_red() {
    let outside = Outside::start().await.set("state", "dir", "/proc/lockstep");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "state.dir", "/proc/lockstep");
    assert!(remedy.contains("set state.dir to another folder"), "{remedy}");
    outside.end();
}

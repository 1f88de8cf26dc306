//! The reasons that the rules name, in Finesse: seen, missing, and made.

use crate::rig::Outside;
use finesse_sim::{Category, Config as FinesseConfig, Deployment, Fault, ReasonSpec};

/// A contact centre with these reasons, and mode gadget.
async fn with(deployment: Deployment, reasons: Vec<ReasonSpec>) -> Outside {
    let mut config = FinesseConfig::new(deployment, 3);
    config.reasons = reasons;
    let outside = Outside::with(config).await;
    outside.gadget("http://127.0.0.1:9")
}

fn some() -> Vec<ReasonSpec> {
    vec![
        ReasonSpec::not_ready(1, "Lunch"),
        ReasonSpec::not_ready(11, "Webex Call"),
        ReasonSpec { teams: vec![1], ..ReasonSpec::not_ready(12, "Webex Meeting") },
        ReasonSpec { teams: vec![2], ..ReasonSpec::not_ready(13, "Webex DND") },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn check_is_red_where_a_reason_is_missing_or_another_teams() {
    let outside = with(Deployment::Uccx, some()).await;
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "reasons", "finesse has no Webex Unavailable");
    assert!(remedy.contains("lockstep reasons create"), "{remedy}");
    let remedy = checked.remedy("red", "reasons", "Webex DND is not assigned to team Sales");
    assert!(remedy.contains("Team Resources"), "{remedy}");
    checked.remedy("green", "reasons", "every team has Webex Call, Webex Meeting");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mode_server_does_not_use_is_amber() {
    let outside = with(Deployment::Uccx, some()).await.set("sync", "mode", "server");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    checked.remedy("amber", "reasons", "finesse has no Webex Unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_stands_in_makes_it_amber() {
    let outside = with(Deployment::Uccx, some()).await.set("sync", "default_reason", "Lunch");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    checked.remedy("amber", "reasons", "Lunch stands in");
}

/// Before 12.5 there is no list by team.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_finesse_is_asked_by_agent() {
    let outside = with(Deployment::Ucce, some()).await;
    let fault = Fault::Status {
        status: 404,
        error_type: None,
        error_data: None,
        error_message: None,
        phase: finesse_sim::Phase::Before,
    };
    let endpoint = Some(finesse_sim::Endpoint::TeamReasonCodes);
    outside.finesse.fault_in(fault, finesse_sim::Scope { endpoint, ..Default::default() });
    let checked = outside.check(&["--json"]).await;
    checked.remedy("red", "reasons", "Webex DND is not assigned to team Sales");
    checked.remedy("green", "reasons", "every team has Webex Call, Webex Meeting");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_finesse_has_no_reasons_at_all_it_wants_none() {
    let outside = with(Deployment::Ucce, Vec::new()).await;
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    checked.remedy("amber", "reasons", "no reasons for Not Ready at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_each_label_and_changes_nothing() {
    let outside = with(Deployment::Uccx, some()).await;
    let shown = outside.run(&["reasons"], &[]).await;
    assert_eq!(shown.code, 1, "{}{}", shown.stdout, shown.stderr);
    for line in [
        "UCCX: numbers 1 to 999",
        "Webex Call                there     number 11, every team",
        "Webex Meeting             there     number 12, team Sales",
        "Webex DND                 not here  number 13, not assigned, team Sales",
        "Webex Unavailable         missing, team Sales",
        "1 missing. To create them: lockstep reasons create --config ",
    ] {
        assert!(shown.stdout.contains(line), "{line} is missing in\n{}", shown.stdout);
    }
    let posts = outside.finesse.log().into_iter().filter(|one| one.method != "GET").count();
    assert_eq!(posts, 0);
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn create_makes_what_is_missing_for_every_team_and_leaves_the_rest() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let outside = with(deployment, vec![ReasonSpec::not_ready(801, "Webex Call")]).await;
        let made = outside.run(&["reasons", "create"], &[]).await;
        assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
        for (label, number) in
            [("Webex DND", 802), ("Webex Meeting", 803), ("Webex Unavailable", 804)]
        {
            let line = format!("created   {label:<24}  number {number}, every team");
            assert!(made.stdout.contains(&line), "{line}: {}", made.stdout);
            let there = outside.finesse.reason(Category::NotReady, label).expect("created");
            assert_eq!(i64::from(there.code), number);
        }
        assert!(made.stdout.contains("left      Webex Call"), "{}", made.stdout);
        let checked = outside.check(&["--json"]).await;
        checked.remedy("green", "reasons", "every team has");
        let again = outside.run(&["reasons", "create"], &[]).await;
        assert_eq!(again.code, 0, "{}", again.stdout);
        assert!(!again.stdout.contains("created"), "{}", again.stdout);
        outside.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_for_a_team_gives_the_new_ones_to_it_and_takes_nothing_from_it() {
    let outside = with(Deployment::Uccx, some()).await;
    let made = outside.run(&["reasons", "create"], &["--team", "Sales"]).await;
    // Webex DND is another team's, and stays so.
    assert_eq!(made.code, 1, "{}{}", made.stdout, made.stderr);
    assert!(made.stdout.contains("created   Webex Unavailable"), "{}", made.stdout);
    assert!(made.stdout.contains("assigned  to team Sales"), "{}", made.stdout);
    let shown = outside.run(&["reasons"], &["--team", "Sales"]).await;
    for line in [
        "Webex Meeting             there     number 12, team Sales",
        "Webex Unavailable         there     number 801, team Sales",
        "Webex DND                 not here",
    ] {
        assert!(shown.stdout.contains(line), "{line} is missing in\n{}", shown.stdout);
    }
    let unknown = outside.run(&["reasons"], &["--team", "Nowhere"]).await;
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("no team Nowhere"), "{}", unknown.stderr);
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn create_finds_the_primary_where_the_secondary_is_named_first() {
    let mut config = FinesseConfig::new(Deployment::Uccx, 3).with_secondary();
    config.reasons = vec![ReasonSpec::not_ready(1, "Lunch")];
    let outside = Outside::with(config).await;
    let secondary = outside.finesse.secondary_url().expect("two nodes");
    let nodes = vec![secondary, outside.finesse.base_url()];
    let outside = outside.set("finesse", "nodes", nodes);
    let made = outside.run(&["reasons", "create"], &["--first-number", "990"]).await;
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    assert!(made.stdout.contains("number 990, every team"), "{}", made.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finesse_refuses_is_told_and_is_no_success() {
    let outside = with(Deployment::Uccx, vec![ReasonSpec::not_ready(1, "Lunch")]).await;
    let scope = finesse_sim::Scope { method: Some("POST".to_owned()), ..Default::default() };
    let fault = Fault::Status {
        status: 400,
        error_type: Some("Maximum Exceeded".to_owned()),
        error_data: None,
        error_message: Some("too many".to_owned()),
        phase: finesse_sim::Phase::Before,
    };
    outside.finesse.fault_in(fault, scope);
    let made = outside.run(&["reasons", "create"], &[]).await;
    assert_eq!(made.code, 1, "{}{}", made.stdout, made.stderr);
    assert!(made.stdout.contains("refused   Webex Call, number 801"), "{}", made.stdout);
    assert!(made.stdout.contains("Maximum Exceeded"), "{}", made.stdout);

    let full = outside.run(&["reasons", "create"], &["--first-number", "1000"]).await;
    assert_eq!(full.code, 1);
    assert!(full.stdout.contains("no number from 1000 upwards is free"), "{}", full.stdout);
}

//! Who is who: the configuration's names, Finesse's users, people in Webex (S4-2, W10, W11, W18).

use finesse_sim::AgentState::{Logout, NotReady, Ready};
use finesse_sim::{Deployment, Endpoint, Fault, Scope, UserSpec};
use lockstep_e2e::{Site, SiteConfig, on_both};
use toml::Value;
use webex_sim::PersonSpec;

fn texts(words: &[&str]) -> Value {
    Value::Array(words.iter().map(|&word| word.into()).collect())
}

/// The agents with their loginIds and loginNames, a supervisor of Sales, and people in Webex.
fn people(deployment: Deployment, agents: &[(&str, &str)], addresses: &[&str]) -> SiteConfig {
    let mut config = SiteConfig::new(deployment, 0);
    let specs = agents.iter().map(|(id, name)| UserSpec::agent(id, name).starting(Ready));
    config.finesse.users.extend(specs);
    config.webex.people = addresses.iter().map(|&address| PersonSpec::from(address)).collect();
    config
}

/// Presence of this person moves that agent, and free lets go.
async fn moves(site: &Site, address: &str, agent: &str) {
    site.turn(agent);
    site.presence_at(address, "dnd");
    site.taken(agent).await;
    site.presence_at(address, "active");
    site.released(agent).await;
}

#[tokio::test]
async fn w11_a_login_id_is_text_and_0001_is_not_1() {
    on_both(|deployment| async move {
        let agents = [("0001", "ann"), ("1", "bob")];
        let config = people(deployment, &agents, &["ann@example.com", "bob@example.com"]);
        let site = Site::start(config).await;
        moves(&site, "ann@example.com", "ann").await;
        assert_eq!(site.asked("0001"), ["NOT_READY", "READY"]);
        assert!(site.asked("1").is_empty());
        moves(&site, "bob@example.com", "bob").await;
        assert_eq!(site.asked("1"), ["NOT_READY", "READY"]);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_single_element_lists_w10_a_team_of_one_and_a_list_of_one_user_are_read() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        moves(&site, "agent1001@example.com", "agent1001").await;
        site.end().await;

        // Only one user in the whole list: watched, and told that nobody may act for them.
        let mut config = SiteConfig::new(deployment, 1);
        let only = Scope { endpoint: Some(Endpoint::Users), ..Scope::default() };
        config.finesse.faults = vec![(Fault::SingleElementLists, only)];
        let site = Site::start(config).await;
        site.says("the supervisor is missed", &["supervisor", "not known to finesse"]).await;
        assert_eq!(site.get("/readyz").await.json()["agents"]["watched"], 1);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn s4_2_addresses_come_from_domains_names_and_overrides() {
    on_both(|deployment| async move {
        let agents = [
            ("1001", "Ann"),
            ("1002", "bob"),
            ("1003", "Carl@Other.example"),
            ("1004", "dora"),
            ("1005", "emil"),
        ];
        let addresses = [
            "ann@first.example",
            "ann@second.example",
            "bob@second.example",
            "carl@other.example",
            "boss@else.example",
            "chef@else.example",
        ];
        let overrides = "dora = \"boss@else.example\"\n1005 = \"chef@else.example\"";
        let overrides: toml::Table = overrides.parse().expect("TOML");
        let config = people(deployment, &agents, &addresses)
            .set("agents", "email_domains", texts(&["first.example", "second.example"]))
            .set("agents", "overrides", overrides);
        let site = Site::start(config).await;
        moves(&site, "ann@first.example", "Ann").await;
        moves(&site, "bob@second.example", "bob").await;
        moves(&site, "carl@other.example", "Carl@Other.example").await;
        moves(&site, "boss@else.example", "dora").await;
        moves(&site, "chef@else.example", "emil").await;
        site.presence_at("ann@second.example", "dnd");
        site.two_looks().await;
        site.stands("Ann", Ready);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn s4_2_who_is_missing_is_named_and_the_others_go_on() {
    on_both(|deployment| async move {
        let agents = [("1001", "ann"), ("1002", "absent"), ("1003", "carl")];
        let config = people(deployment, &agents, &["ann@example.com", "carl@example.com"])
            .set("agents", "users", texts(&["ghost", "9999"]))
            .set("agents", "teams", texts(&["Sales", "Nowhere"]));
        let site = Site::prepare_and_run(config).await;
        site.says("who is not in Webex", &["not in webex", "absent@example.com", "1002"]).await;
        site.says("who is not in Finesse", &["agents.users", "ghost, 9999"]).await;
        site.says("which team is not there", &["agents.teams", "Nowhere"]).await;
        let counts = site.page("/readyz", "everybody was looked for", |page| {
            page.json()["agents"]["not_in_webex"] == 1
        });
        let agents = counts.await.json()["agents"].clone();
        assert_eq!((&agents["watched"], &agents["unknown"]), (&3.into(), &3.into()));
        site.wait_for("two subscriptions", |site| (site.webex.subscriptions() == 2).then_some(()))
            .await;
        moves(&site, "ann@example.com", "ann").await;
        moves(&site, "carl@example.com", "carl").await;
        assert!(site.asked("absent").is_empty());
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn agents_are_watched_by_login_name_by_login_id_and_by_team_id() {
    for (key, names, watched) in [
        ("users", ["AGENT1001", "1001003"].as_slice(), ["agent1001", "agent1003"].as_slice()),
        ("teams", &["2"], &["agent1002"]),
        ("teams", &["sales", "2"], &["agent1001", "agent1002", "agent1003"]),
    ] {
        let mut config = SiteConfig::new(Deployment::Uccx, 3).unset("agents", "teams");
        config.finesse.users = finesse_sim::usual_users(3, 2, Ready);
        config.finesse.teams = finesse_sim::usual_teams(2);
        let site = Site::prepare_and_run(config.set("agents", key, texts(names))).await;
        let count = watched.len();
        let all = |site: &Site| (site.webex.subscriptions() == count).then_some(());
        site.wait_for("the chosen ones are subscribed", all).await;
        for agent in watched {
            moves(&site, &Site::address(agent), agent).await;
        }
        for agent in ["agent1001", "agent1002", "agent1003"] {
            site.presence(agent, "dnd");
        }
        site.reaches(watched[0], NotReady).await;
        site.two_looks().await;
        for agent in ["agent1001", "agent1002", "agent1003"] {
            assert_eq!(site.asked(agent).is_empty(), !watched.contains(&agent), "{agent}");
        }
        site.end().await;
    }
}

#[tokio::test]
async fn agents_of_a_team_that_nobody_supervises_are_named_and_left_alone() {
    let mut config =
        SiteConfig::new(Deployment::Ucce, 4).set("agents", "teams", texts(&["Sales", "Support"]));
    config.finesse.users = finesse_sim::usual_users(4, 2, Ready);
    config.finesse.teams = finesse_sim::usual_teams(2);
    for user in &mut config.finesse.users {
        user.supervises.retain(|team| *team != 2);
    }
    let site = Site::start(config).await;
    site.says("the team is named", &["no configured supervisor supervises a team: 2"]).await;
    assert_eq!(site.get("/readyz").await.json()["agents"]["unsupervised_teams"], 1);
    for agent in ["agent1001", "agent1002"] {
        site.presence(agent, "dnd");
    }
    site.taken("agent1001").await;
    site.two_looks().await;
    site.stands("agent1002", Ready);
    assert!(site.asked("agent1002").is_empty(), "what would be refused is not sent (law 8)");
    site.end().await;
}

#[tokio::test]
async fn who_is_not_signed_in_is_left_alone() {
    let agents = [("1001", "ann"), ("1002", "bob")];
    let mut config = people(Deployment::Uccx, &agents, &["ann@example.com", "bob@example.com"]);
    config.finesse.users.iter_mut().filter(|user| user.login_id == "1002").for_each(|user| {
        user.state = Logout;
    });
    let site = Site::start(config).await;
    site.turn("bob");
    site.presence_at("bob@example.com", "dnd");
    site.decides("bob", "left_signed_out").await;
    moves(&site, "ann@example.com", "ann").await;
    site.stands("bob", Logout);
    assert!(site.asked("bob").is_empty());
    site.end().await;
}

#[tokio::test]
async fn two_agents_of_one_person_are_both_moved() {
    let agents = [("1001", "ann"), ("1002", "ann-in-billing")];
    let overrides: toml::Table = "ann-in-billing = \"ann@example.com\"".parse().expect("TOML");
    let config = people(Deployment::Ucce, &agents, &["ann@example.com"]).set(
        "agents",
        "overrides",
        overrides,
    );
    let site = Site::start(config).await;
    moves(&site, "ann@example.com", "ann").await;
    site.decides("ann-in-billing", "released").await;
    site.end().await;
}

#[tokio::test]
async fn w14_an_agent_whose_look_up_was_refused_at_boot_is_found_soon() {
    let mut config = SiteConfig::new(Deployment::Uccx, 6);
    config.webex_faults = vec![webex_sim::Fault::too_many_requests("hydra.people", 1)];
    let site = Site::prepare_and_run(config).await;
    site.wait_for("some were refused", |site| {
        let refused = site.webex.counters().refused;
        refused.get("hydra.people").filter(|count| **count >= 2).map(drop)
    })
    .await;
    site.webex.clear_faults();
    site.wait_for("everybody is subscribed", |site| {
        (site.webex.subscriptions() == 6).then_some(())
    })
    .await;
    site.presence("agent1006", "dnd");
    site.taken("agent1006").await;
    site.end().await;
}

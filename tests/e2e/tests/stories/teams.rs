//! Agents and teams that come, go and move while we run (Finesse notes 6, 28 and 30).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{Deployment, UserSpec};
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};
use toml::Value;

fn texts(words: &[&str]) -> Value {
    Value::Array(words.iter().map(|&word| word.into()).collect())
}

fn supervisors(names: &[&str]) -> Value {
    let account = |name: &&str| {
        let text = format!("user = \"{name}\"\npassword_file = \"finesse-password\"");
        Value::Table(text.parse().expect("TOML"))
    };
    Value::Array(names.iter().map(account).collect())
}

/// Two teams, each with a supervisor of its own; `agent1001` is watched by name.
fn two_teams(deployment: Deployment) -> SiteConfig {
    let mut config = SiteConfig::new(deployment, 2);
    config.finesse.teams.push((7, "Support".to_owned()));
    config.finesse.users.retain(|user| user.supervises.is_empty());
    config.finesse.users.push(UserSpec::supervisor("sales-boss", &[1]));
    config.finesse.users.push(UserSpec::supervisor("support-boss", &[7]));
    config.unset("agents", "teams").set("agents", "users", texts(&["agent1001", "agent1002"])).set(
        "finesse",
        "supervisors",
        supervisors(&["sales-boss", "support-boss"]),
    )
}

/// 401 Invalid Supervisor: the agent moved; the teams are read again, and the new team's
/// supervisor acts. The account that was refused goes on.
#[tokio::test]
async fn f_invalid_supervisor_an_agent_who_moved_is_reached_through_the_new_team() {
    on_both(|deployment| async move {
        let site = Site::start(two_teams(deployment)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.finesse.move_user("agent1001", 7).expect("a team");
        site.presence("agent1001", "active");
        site.decides("agent1001", "not_permitted").await;
        site.released("agent1001").await;
        let log = site.finesse.log();
        let last = log.iter().rfind(|one| one.method == "PUT").expect("a change");
        assert_eq!(last.actor.as_deref(), Some("support-boss"));
        site.presence("agent1002", "dnd");
        site.taken("agent1002").await;
        let ready = site.get("/readyz").await.json();
        assert_eq!(ready["stopped_accounts"].to_string(), "[]", "no fault of the password");
        site.end().await;
    })
    .await;
}

/// An agent who moved to a team that nobody of ours supervises: left alone, by name, and let go
/// once they are back.
#[tokio::test]
async fn f_invalid_supervisor_a_team_of_nobody_is_named() {
    on_both(|deployment| async move {
        let mut config = two_teams(deployment);
        config.finesse.teams.push((9, "Elsewhere".to_owned()));
        let site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.finesse.move_user("agent1001", 9).expect("a team");
        site.presence("agent1001", "active");
        site.decides("agent1001", "not_permitted").await;
        let words = ["no configured supervisor supervises a team: 9"];
        site.says("the team is named", &words).await;
        site.stands("agent1001", NotReady);
        site.finesse.move_user("agent1001", 1).expect("a team");
        // The users are read again within a minute, or when somebody says so.
        let mut site = site;
        site.configure("sync", "hold_down", "400ms");
        site.signal(Signal::Hup);
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

/// 404: the agent is gone. Nothing more is asked for them, they are named, the others go on.
#[tokio::test]
async fn f_user_not_found_a_deleted_agent_is_named_and_left() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 3)).await;
        site.two_looks().await;
        site.finesse.remove_user("agent1002").expect("a user");
        site.presence("agent1002", "dnd");
        site.says("who is gone is named", &["no longer watched", "agent1002"]).await;
        let asked = |site: &Site| {
            let log = site.finesse.log();
            log.iter().filter(|one| one.path.contains("1001002")).count()
        };
        let before = asked(&site);
        site.two_looks().await;
        site.presence_at(&Site::address("agent1002"), "active");
        site.two_looks().await;
        assert_eq!(asked(&site), before, "nothing more is asked for who is gone");
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.page("/readyz", "two are watched", |page| page.json()["agents"]["watched"] == 2).await;
        site.end().await;
    })
    .await;
}

/// Who joins a watched team is watched, and who leaves is not any more; a hold is kept for who
/// comes back.
#[tokio::test]
async fn agents_who_join_and_leave_a_watched_team_are_watched_and_left() {
    on_both(|deployment| async move {
        let mut config = SiteConfig::new(deployment, 2);
        config.finesse.teams.push((7, "Support".to_owned()));
        let site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;

        site.webex.add_person("agent1003@example.com").expect("a person");
        let third = UserSpec::agent("1001003", "agent1003").starting(Ready);
        site.finesse.add_user(third).expect("a user");
        site.finesse.move_user("agent1001", 7).expect("a team");
        let mut site = site;
        site.configure("sync", "hold_down", "400ms");
        site.signal(Signal::Hup);
        site.says("who left is named", &["no longer watched", "agent1001"]).await;
        site.decides("agent1003", "nothing_to_do").await;
        site.presence("agent1003", "dnd");
        site.taken("agent1003").await;

        // While nobody watches, presence changes; back in the team, the hold is still ours.
        site.presence("agent1001", "active");
        site.two_looks().await;
        site.stands("agent1001", NotReady);
        site.finesse.move_user("agent1001", 1).expect("a team");
        site.configure("sync", "hold_down", "500ms");
        site.signal(Signal::Hup);
        site.released("agent1001").await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"]);
        site.end().await;
    })
    .await;
}

/// A person who was wrong is corrected: what the wrong one does moves nobody any more, and what
/// was held is let go once the right one is known to be free.
#[tokio::test]
async fn a_corrected_person_takes_the_place_of_the_wrong_one() {
    on_both(|deployment| async move {
        let overrides: toml::Table = "agent1001 = \"agent1002@example.com\"".parse().expect("TOML");
        let mut config = SiteConfig::new(deployment, 1).set("agents", "overrides", overrides);
        config.webex.agents = 2;
        let mut site = Site::prepare_and_run(config).await;
        site.decides("agent1001", "nothing_to_do").await;
        site.turn("agent1001");
        site.presence_at("agent1002@example.com", "dnd");
        site.taken("agent1001").await;
        site.configure("agents", "overrides", toml::Table::new());
        site.signal(Signal::Hup);
        site.says("it is told", &["another person is behind this agent"]).await;
        site.released("agent1001").await;
        site.turn("agent1001");
        site.presence_at("agent1002@example.com", "call");
        site.two_looks().await;
        site.stands("agent1001", Ready);
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.end().await;
    })
    .await;
}

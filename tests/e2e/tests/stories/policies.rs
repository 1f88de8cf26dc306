//! What policies promise to an operations manager: a floor, and a dry run to be believed.

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{By, Deployment};
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};

const FLOOR: usize = 3;

fn ready(site: &Site) -> usize {
    let agents =
        site.finesse.users().into_iter().filter(|user| user.login_name.starts_with("agent"));
    agents.filter(|user| user.state == Ready).count()
}

/// A meeting takes the whole team: it is never below the floor, each who is spared is marked, and
/// whoever comes back lets the one go who has waited longest.
#[tokio::test]
async fn a_meeting_of_the_whole_team_leaves_its_floor() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 10)
            .policy(&format!("name = \"sales\"\nteams = [\"Sales\"]\nstaffing_floor = {FLOOR}"));
        let site = Site::start(config).await;
        site.two_looks().await;
        let agents: Vec<String> = (1001..=1010).map(|number| format!("agent{number}")).collect();
        for agent in &agents[..7] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
            assert!(ready(&site) >= FLOOR);
        }
        for agent in &agents[7..] {
            site.presence(agent, "dnd");
            let decision = site.decides(agent, "spared").await;
            assert!(decision.text.contains("too few of the team"), "{}", decision.text);
            site.stands(agent, Ready);
        }
        site.two_looks().await;
        assert_eq!(ready(&site), FLOOR);
        let page = site
            .page("/metrics", "a team is at its floor", |page| {
                page.metric("lockstep_teams_at_floor", "") > 0.5
            })
            .await;
        assert_eq!(page.metric("lockstep_spared_total", "").to_string(), "3");
        let told = site.lines(&["the team is at its staffing floor"]);
        assert_eq!(told.len(), 3, "one line of the log for each");

        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.taken("agent1008").await;
        site.two_looks().await;
        assert_eq!(ready(&site), FLOOR);
        site.stands("agent1009", Ready);
        assert_eq!(site.asked("agent1010"), [""; 0]);
        site.end().await;
    })
    .await;
}

/// One day: presences and a lunch over what would be, or is, a hold.
async fn day(site: &Site) -> Vec<(String, String, String, bool)> {
    let agents = ["agent1001", "agent1002", "agent1003"];
    for agent in agents {
        site.decides(agent, "nothing_to_do").await;
    }
    site.presence("agent1001", "dnd");
    site.decides("agent1001", "stays_held").await;
    site.presence("agent1001", "active");
    site.decides("agent1001", "nothing_to_do").await;
    site.presence("agent1002", "call");
    site.decides("agent1002", "stays_held").await;
    site.by_hand("agent1002", "NOT_READY", Some("Lunch"), By::Agent);
    site.decides("agent1002", "left_human_chose").await;
    site.presence("agent1002", "active");
    site.decides("agent1002", "left_not_ours").await;
    site.presence("agent1003", "dnd");
    site.decides("agent1003", "stays_held").await;
    site.two_looks().await;
    let all = site.lines(&["decision.code"]).into_iter().filter_map(|line| line.decision());
    let mut all: Vec<_> = all
        .map(|decision| {
            // Who is asked how they are, and when, is no decision about them.
            (decision.login, decision.code, decision.wanted, decision.held)
        })
        .collect();
    // Of different agents the order is chance.
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn dry(deployment: Deployment) -> SiteConfig {
    SiteConfig::new(deployment, 3).set("sync", "dry_run", true)
}

/// A dry run touches nothing, and predicts exactly what live mode then does on the same day.
#[tokio::test]
async fn a_dry_run_predicts_what_the_same_day_brings_and_touches_nothing() {
    on_both(|deployment| async move {
        let site = Site::start(dry(deployment)).await;
        let predicted = day(&site).await;
        for agent in ["agent1001", "agent1002", "agent1003"] {
            assert_eq!(site.asked(agent), [""; 0], "{agent} is touched");
        }
        site.stands("agent1003", Ready);
        site.end().await;

        let site = Site::start(SiteConfig::new(deployment, 3)).await;
        let done = day(&site).await;
        site.stands("agent1003", NotReady);
        site.end().await;
        assert_eq!(predicted, done);
    })
    .await;
}

/// A dry run that is switched off by SIGHUP acts from then on; on again, it touches nobody more.
#[tokio::test]
async fn a_dry_run_ends_by_a_reload() {
    on_both(|deployment| async move {
        let mut site = Site::start(dry(deployment)).await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "stays_held").await;
        site.stands("agent1001", Ready);
        site.configure("sync", "dry_run", false);
        site.signal(Signal::Hup);
        site.taken("agent1001").await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

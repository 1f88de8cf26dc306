//! Wrong passwords and tokens: tried once, told clearly, shown nowhere (finesse notes 1.8, W3, W4).

use finesse_sim::AgentState::Ready;
use finesse_sim::{Deployment, Scope, Unauthorized};
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};
use toml::Value;

const WRONG: &str = "Wr0ng-and-never-shown";

/// An account whose password is wrong.
fn wrong(user: &str) -> Value {
    let text = format!("user = \"{user}\"\npassword = \"{WRONG}\"");
    Value::Table(text.parse().expect("TOML"))
}

fn assert_wrong_is_not_shown(site: &Site) {
    assert!(site.lines(&[WRONG]).is_empty(), "the password is in the log");
}

#[tokio::test]
async fn a_wrong_supervisor_password_is_tried_exactly_once() {
    on_both(|deployment| async move {
        let supervisors = Value::Array(vec![wrong("supervisor1")]);
        let config = SiteConfig::new(deployment, 5).set("finesse", "supervisors", supervisors);
        let site = Site::prepare_and_run(config).await;
        site.says("the account is named", &["ERROR", "refused this account", "supervisor1"]).await;
        let everybody = (1001..=1005).map(|number| format!("agent{number}"));
        let everybody: Vec<String> = everybody.collect();
        site.wait_for("everybody is subscribed", |site| {
            (site.webex.subscriptions() == 5).then_some(())
        })
        .await;
        for agent in &everybody {
            site.presence(agent, "dnd");
            site.decides(agent, "not_permitted").await;
        }
        let page = site.page("/readyz", "not ready", |page| page.status == 503).await;
        let detail = page.json()["finesse"]["detail"].to_string();
        assert!(detail.contains("supervisor1"), "{detail}");
        assert_eq!(site.finesse.counters().unauthorized.get("supervisor1"), Some(&1));
        assert!(site.finesse.locked_accounts().is_empty());
        for agent in &everybody {
            site.stands(agent, Ready);
        }
        assert_wrong_is_not_shown(&site);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_administrator_password_is_tried_exactly_once() {
    let config =
        SiteConfig::new(Deployment::Uccx, 2).set("finesse", "admin", wrong("administrator"));
    let mut site = Site::prepare_and_run(config).await;
    site.says("the account is named", &["refused the password of account administrator"]).await;
    // The list is wanted again every few seconds, and is not asked for.
    site.says("it is tried no more", &["account administrator was refused before"]).await;
    assert_eq!(site.finesse.counters().unauthorized.get("administrator"), Some(&1));
    let page = site.get("/readyz").await;
    assert_eq!(page.status, 503);
    assert!(page.json()["finesse"]["detail"].to_string().contains("administrator"));
    assert_wrong_is_not_shown(&site);
    // Mended by hand: a word finds everybody, without a restart.
    site.configure("finesse", "admin", good("administrator"));
    site.signal(Signal::Hup);
    site.wait_ready().await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    assert_eq!(site.finesse.counters().unauthorized.get("administrator"), Some(&1));
    site.end().await;
}

/// Finesse notes 1.8: a mended password is applied by a word, and what waited is done.
#[tokio::test]
async fn f_unauthorized_a_mended_password_is_applied_by_sighup() {
    on_both(|deployment| async move {
        let secret = "password_file = \"supervisor\"";
        let supervisor: Value =
            Value::Table(format!("user = \"supervisor1\"\n{secret}").parse().expect("TOML"));
        let supervisors = Value::Array(vec![supervisor]);
        let config = SiteConfig::new(deployment, 3).set("finesse", "supervisors", supervisors);
        let mut site = Site::prepare(config).await;
        site.folder.write("supervisor", WRONG);
        site.run();
        site.says("the account is named", &["ERROR", "refused this account", "supervisor1"]).await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "not_permitted").await;
        stopped(&site, 1.0).await;
        let page = site.get("/readyz").await.json();
        assert_eq!(page["stopped_accounts"].to_string(), "[\"supervisor1\"]");

        // The same password again is a word that comes too early: answered in the log, not tried.
        site.signal(Signal::Hup);
        let words = ["supervisor1", "has not changed", "reload again in"];
        site.says("when it will be allowed", &words).await;
        site.says("it is tried no more", &["supervisor1 was refused before"]).await;
        assert_eq!(site.finesse.counters().unauthorized.get("supervisor1"), Some(&1));

        site.folder.write("supervisor", lockstep_e2e::PASSWORD);
        site.signal(Signal::Hup);
        site.taken("agent1001").await;
        stopped(&site, 0.0).await;
        let page = site.page("/readyz", "ready again", |page| page.status == 200).await.json();
        assert_eq!(page["stopped_accounts"].to_string(), "[]");
        assert_eq!(page["degraded"], false);
        assert_eq!(site.finesse.counters().unauthorized.get("supervisor1"), Some(&1));
        assert!(site.finesse.locked_accounts().is_empty());
        assert!(site.lines(&["restart to apply"]).is_empty());
        assert_wrong_is_not_shown(&site);
        site.end().await;
    })
    .await;
}

/// Waits until the metric counts so many stopped accounts.
async fn stopped(site: &Site, count: f64) {
    let what = format!("{count} accounts are stopped");
    let shows = |page: &lockstep_e2e::Page| {
        (page.metric("lockstep_finesse_accounts_stopped", "") - count).abs() < 0.1
    };
    site.page("/metrics", &what, shows).await;
}

#[tokio::test]
async fn supervisors_are_added_and_taken_away_by_sighup() {
    on_both(|deployment| async move {
        let mut config = SiteConfig::new(deployment, 1);
        let second = finesse_sim::UserSpec::supervisor("supervisor2", &[1]);
        config.finesse.users.push(second);
        let mut site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.configure("finesse", "supervisors", Value::Array(vec![good("supervisor2")]));
        site.signal(Signal::Hup);
        site.says("it is read", &["the configuration was read again"]).await;
        let acts = |site: &Site| {
            let log = site.finesse.log();
            log.iter().any(|one| one.actor.as_deref() == Some("supervisor2")).then_some(())
        };
        site.wait_for("the new one reads the team", acts).await;
        site.finesse.clear_log();
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        let log = site.finesse.log();
        let old = log.iter().filter(|one| one.actor.as_deref() == Some("supervisor1"));
        assert_eq!(old.count(), 0, "who is not configured any more acts for nobody");
        site.end().await;
    })
    .await;
}

fn good(user: &str) -> Value {
    let text = format!("user = \"{user}\"\npassword_file = \"finesse-password\"");
    Value::Table(text.parse().expect("TOML"))
}

#[tokio::test]
async fn a_wrong_bot_token_makes_no_storm_and_clear_words() {
    let site = Site::prepare(SiteConfig::new(Deployment::Uccx, 20)).await;
    site.folder.write("webex-token", "not-a-token-of-any-bot");
    let site = run(site);
    site.page("/readyz", "the feed is lost", |page| {
        let feed = &page.json()["webex"];
        feed["feed"] == "lost" && feed["detail"].to_string().contains("token")
    })
    .await;
    site.two_looks().await;
    let counters = site.webex.counters();
    let asked: u64 = counters.requests.values().sum();
    let people = counters.requests.get("hydra.people").copied().unwrap_or_default();
    assert!(asked - people <= 4, "a storm: {counters:?}");
    assert!(people <= 20, "everybody is looked for once at most: {counters:?}");
    assert!(site.lines(&["not-a-token-of-any-bot"]).is_empty(), "the token is in the log");
    assert_eq!(site.get("/healthz").await.status, 200);
    site.end().await;
}

fn run(mut site: Site) -> Site {
    site.run();
    site
}

#[tokio::test]
async fn a_401_in_html_stops_the_account_like_any_other() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.two_looks().await;
        let own = Scope { actor: Some("supervisor1".to_owned()), ..Scope::default() };
        let fault = finesse_sim::Fault::Unauthorized { kind: Unauthorized::Html };
        let id = site.finesse.fault_in(fault, own);
        site.says("the account is named", &["refused this account", "supervisor1"]).await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "not_permitted").await;
        assert_eq!(site.finesse.fault_struck(id), Some(1), "once, and never again");
        site.stands("agent1001", Ready);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn no_secret_is_shown_however_much_is_logged() {
    on_both(|deployment| async move {
        let mut config = SiteConfig::new(deployment, 2);
        "trace".clone_into(&mut config.filter);
        let mut site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        let refused = webex_sim::Fault::close(4401, site.webex.token().as_str());
        site.webex.inject(refused).expect("a fault");
        site.page("/readyz", "the feed is lost", |page| page.status == 503).await;
        site.restart(Signal::Kill).await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_finesse_that_repeats_our_credentials_does_not_put_them_into_the_log() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.two_looks().await;
        for words in Site::secrets_of("supervisor1") {
            let echo = finesse_sim::Fault::Status {
                status: 400,
                error_type: Some(format!("Bad {words}")),
                error_data: Some(words.clone()),
                error_message: Some(format!("Authorization: Basic {words} is not welcome")),
                phase: finesse_sim::Phase::Before,
            };
            let once = Scope { times: Some(1), method: Some("PUT".to_owned()), ..Scope::default() };
            site.finesse.fault_in(echo, once);
            site.presence("agent1001", "dnd");
            site.decides("agent1001", "refused_for_good").await;
            site.presence("agent1001", "active");
            site.decides("agent1001", "nothing_to_do").await;
        }
        site.end().await;
    })
    .await;
}

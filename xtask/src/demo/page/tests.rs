//! The page without a browser: what is served is right, and every key does what the simulators'
//! control APIs understand.

use std::sync::Arc;

use finesse_sim::{Deployment, FinesseSim};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use webex_sim::WebexSim;

use super::{Page, Served, serve_on};
use crate::demo::Caption;
use crate::demo::board::Board;
use crate::demo::control::Control;
use crate::demo::peer::Peer;

const PAGE: &str = include_str!("index.html");
const SCRIPT: &str = include_str!("page.js");

/// The page of one agent, between both simulators.
struct Stage {
    webex: WebexSim,
    finesse: FinesseSim,
    site: Peer,
    told: mpsc::Receiver<()>,
    _boards: watch::Sender<Board>,
    _captions: watch::Sender<Caption>,
    _served: Served,
}

async fn stage() -> Stage {
    let webex = WebexSim::start(webex_sim::Config::default()).await.expect("webex-sim starts");
    let config = finesse_sim::Config::new(Deployment::Ucce, 2);
    let finesse = FinesseSim::start(config).await.expect("finesse-sim starts");
    // Nothing here asks the server.
    let control = Control::new(&webex.base_url(), &finesse.base_url(), "http://127.0.0.1:9");
    let control = control.expect("addresses");
    let mut board = Board::default();
    board.take_users(control.users().await.expect("users")).expect("users");
    board.take_people(control.people().await.expect("people")).expect("people");
    let (boards_told, boards) = watch::channel(board);
    let text = String::new();
    let (captions_told, captions) =
        watch::channel(Caption { clock: "", title: "Your turn".to_owned(), text });
    let (taken_over, told) = mpsc::channel(1);
    let desktop = control.desktops();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let looked_at = Arc::default();
    let page = Page { control, boards, captions, desktop, taken_over, looked_at };
    let served = serve_on(listener, page);
    let served = served.expect("it serves");
    let site = Peer::at(served.url.trim_end_matches('/')).expect("an address");
    Stage {
        webex,
        finesse,
        site,
        told,
        _boards: boards_told,
        _captions: captions_told,
        _served: served,
    }
}

impl Stage {
    async fn press(&self, act: &str, value: &str) -> StatusCode {
        let order = json!({ "who": 0, "act": act, "value": value });
        let asked = self.site.ask(Method::POST, "/act", Some(&order)).await;
        asked.expect("an answer").0
    }

    async fn faults(&self) -> (Value, Value) {
        let at = |url: String| Peer::at(&url).expect("an address");
        let webex = at(self.webex.base_url()).get("/sim/faults").await.expect("faults");
        let finesse = at(self.finesse.base_url()).get("/sim/faults").await.expect("faults");
        (webex["active"].clone(), finesse["active"].clone())
    }
}

/// The values of an attribute, in order.
fn values<'a>(text: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!("{attribute}=\"");
    text.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every key of the page: its group and its value.
fn keys() -> Vec<(&'static str, &'static str)> {
    let groups = PAGE.split("data-act=\"").skip(1);
    groups
        .flat_map(|group| {
            let act = group.split('"').next().unwrap_or_default();
            let here = group.split("</section>").next().unwrap_or_default();
            values(here, "data-value").into_iter().map(move |value| (act, value))
        })
        .collect()
}

#[tokio::test]
async fn every_key_is_understood_by_the_control_apis() {
    let mut stage = stage().await;
    let keys = keys();
    assert!(keys.len() >= 25, "{keys:?}");
    let rings = &[("finesse", "ready"), ("customer", "ring")][..];
    let talks = &[("finesse", "ready"), ("customer", "ring"), ("customer", "answer")][..];
    for (act, value) in keys {
        let before = match value {
            "rona" => rings,
            "hold" | "wrap_up" => talks,
            _ => &[],
        };
        if !before.is_empty() {
            // The call of the key before is over; where there was none, that is refused.
            stage.press("customer", "end").await;
        }
        for (act, value) in before {
            assert_eq!(stage.press(act, value).await, StatusCode::OK, "{act} {value}");
        }
        assert_eq!(stage.press(act, value).await, StatusCode::OK, "{act} {value}");
    }
    assert!(stage.told.try_recv().is_ok(), "the day is the reader's");
    assert_eq!(stage.press("customer", "applause").await, StatusCode::CONFLICT);
    assert_eq!(stage.press("trouble", "applause").await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_key_moves_the_agent_in_both_simulators() {
    let stage = stage().await;
    assert_eq!(stage.press("webex", "dnd").await, StatusCode::OK);
    assert_eq!(stage.press("finesse", "lunch").await, StatusCode::OK);
    let status = stage.webex.person("agent1001@example.com").map(|person| person.presence.status);
    assert_eq!(status.as_deref(), Some("dnd"));
    assert_eq!(stage.finesse.state("agent1001"), finesse_sim::AgentState::NotReady);
}

#[tokio::test]
async fn troubles_last_until_they_are_taken_back_and_starting_over_ends_all() {
    let stage = stage().await;
    let count = |faults: &Value| faults.as_array().map_or(0, Vec::len);
    for key in ["webex_late", "finesse_slow", "finesse_ignores"] {
        assert_eq!(stage.press("trouble", key).await, StatusCode::OK);
    }
    let (webex, finesse) = stage.faults().await;
    assert_eq!((count(&webex), count(&finesse)), (1, 2), "{webex} {finesse}");
    stage.press("trouble", "finesse_slow").await;
    let (webex, finesse) = stage.faults().await;
    assert_eq!((count(&webex), count(&finesse)), (1, 1), "{webex} {finesse}");
    stage.press("everybody", "reset").await;
    let (webex, finesse) = stage.faults().await;
    assert_eq!((count(&webex), count(&finesse)), (0, 0), "{webex} {finesse}");
}

#[tokio::test]
async fn what_the_page_names_is_served_with_its_type() {
    let stage = stage().await;
    let get = async |path: &str| stage.site.text(path).await.expect("an answer");
    let (kind, page) = get("/").await;
    assert!(kind.starts_with("text/html"), "{kind}");
    assert_eq!(page.matches("<i data-of=").count(), 7, "every drawing is there");
    for (path, wanted) in
        [("/page.js", "text/javascript"), ("/page.css", "text/css"), ("/tokens.css", "text/css")]
    {
        assert!(page.contains(&format!("\"{path}\"")), "{path}");
        let (kind, text) = get(path).await;
        assert!(kind.starts_with(wanted) && !text.is_empty(), "{path}: {kind}");
    }
    let (_, tokens) = get("/tokens.css").await;
    let (_, style) = get("/page.css").await;
    for name in style.split("var(").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(tokens.contains(&format!("{name}:")), "{name} is no token of the panel");
    }
}

#[test]
fn everything_that_the_script_and_the_labels_look_for_is_on_the_page() {
    let ids = values(PAGE, "id");
    let looked_for = SCRIPT.split("at(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let looked_for = looked_for.filter(|id| !id.ends_with('-'));
    let named = ["aria-labelledby", "aria-describedby"].map(|name| values(PAGE, name)).concat();
    for id in looked_for.chain(named) {
        assert!(ids.contains(&id), "{id}");
    }
    for name in ["<html lang=", "<h1>", "aria-live=\"polite\"", "title=\"The agent"] {
        assert!(PAGE.contains(name), "{name}");
    }
}

use lockstep_core::agent::LedgerEntry;
use lockstep_core::board::Writer;
use lockstep_core::finesse::{AgentState, AgentView};
use lockstep_core::rules::Mode;

use super::*;

const NOW: Time = Time::from_millis(1_000_000_000);

fn row(agent: usize, team: &str, state: AgentState) -> Row {
    Row {
        agent: AgentId::new(format!("{agent:04}")),
        login_name: format!("agent{agent}@x.example"),
        name: String::new(),
        team_id: TeamId::new(team),
        team: team.to_owned(),
        in_webex: true,
        want: None,
        view: Some(AgentView {
            state,
            pending: None,
            reason: None,
            changed_at: None,
            busy_elsewhere: None,
        }),
        changed_at: None,
        ledger: LedgerEntry::default(),
        lost_since: None,
        stale: false,
        stale_at: None,
        decided: None,
        why: String::new(),
        gadgets: 0,
        by_gadget: false,
        writer: Writer::Server,
        mode: Mode::Server,
        dry_run: false,
        paused: false,
        latency_ms: None,
    }
}

fn news(rows: Vec<Row>) -> News {
    News { rows, ..News::default() }
}

fn gone(agents: impl IntoIterator<Item = usize>) -> News {
    let gone = agents.into_iter().map(|agent| AgentId::new(format!("{agent:04}"))).collect();
    News { gone, ..News::default() }
}

fn team(id: &str) -> Scope {
    Scope::Teams([TeamId::new(id)].into())
}

#[test]
fn what_has_not_changed_is_not_told() {
    let mut table = Table::after(0);
    assert!(table.take(NOW, news(vec![row(1, "a", AgentState::Ready)])));
    let seen = table.sequence();
    assert!(!table.take(NOW, news(vec![row(1, "a", AgentState::Ready)])));
    assert!(table.take(NOW, news(vec![row(1, "a", AgentState::Talking)])));
    let changes = table.since(seen, &Scope::All).unwrap();
    assert_eq!((changes.rows.len(), changes.gone.len()), (1, 0));
    assert!(changes.rows[0].contains("TALKING") && !changes.rows[0].contains('@'), "no address");
}

/// S3-20: fifty changes of one agent are one row with the last values.
#[test]
fn many_changes_of_one_agent_are_told_once() {
    let mut table = Table::after(0);
    for turn in 0..50 {
        let state = if turn % 2 == 0 { AgentState::Ready } else { AgentState::Talking };
        table.take(NOW, news(vec![row(1, "a", state)]));
    }
    let changes = table.since(0, &Scope::All).unwrap();
    assert_eq!(changes.rows.len(), 1);
    assert!(changes.rows[0].contains("TALKING"));
}

/// Whatever the table went through, a browser that is told of changes has what is in a snapshot.
#[test]
fn changes_lead_to_the_same_as_a_snapshot() {
    let states = [AgentState::Ready, AgentState::Talking, AgentState::NotReady];
    let mut random = 7_u64;
    let mut draw = |below: usize| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut table = Table::after(0);
    let scope = team("a");
    let (mut browser, mut seen) = (BTreeMap::new(), None);
    for _ in 0..5_000 {
        if draw(10) == 0 {
            table.take(NOW, gone([draw(30)]));
        } else {
            let team = ["a", "b"][draw(2)];
            table.take(NOW, news(vec![row(draw(30), team, states[draw(3)])]));
        }
        if draw(4) > 0 {
            continue;
        }
        let changes = seen.and_then(|seen| table.since(seen, &scope)).unwrap_or_else(|| {
            browser.clear();
            table.snapshot(&scope)
        });
        for agent in &changes.gone {
            browser.remove(agent.as_str());
        }
        for row in &changes.rows {
            let json: serde_json::Value = serde_json::from_str(row).unwrap();
            browser.insert(json["agent"].as_str().unwrap().to_owned(), Arc::clone(row));
        }
        seen = Some(changes.sequence);
        let shown: Vec<_> = browser.values().cloned().collect();
        assert_eq!(shown, table.snapshot(&scope).rows);
    }
}

/// What is remembered is bounded; whoever was away for longer is told everything anew.
#[test]
fn who_has_missed_too_much_is_told_everything_anew() {
    let mut table = Table::after(0);
    table.take(NOW, news((0..2_000).map(|agent| row(agent, "a", AgentState::Ready)).collect()));
    let seen = table.sequence();
    table.take(NOW, gone(0..1_000));
    assert_eq!(table.since(seen, &Scope::All).unwrap().gone.len(), 1_000);
    table.take(NOW, gone(1_000..1_100));
    assert!(table.since(seen, &Scope::All).is_none());
    assert_eq!(table.gone.len(), GONE);
    assert!(table.since(table.sequence() + 1, &Scope::All).is_none(), "of another life");
    assert!(table.since(table.sequence(), &Scope::All).is_some());
}

/// S1-20: 5 s without Webex, to the millisecond, without anything else happening.
#[test]
fn a_mark_that_comes_with_time_comes_by_itself() {
    let mut table = Table::after(0);
    let lost = Row { stale_at: Some(NOW), ..row(1, "a", AgentState::Ready) };
    table.take(NOW, news(vec![lost]));
    assert_eq!(table.tally(&Scope::All).stale, 0);
    assert!(!table.ripen(NOW));
    assert!(table.ripen(NOW.after(std::time::Duration::from_millis(1))));
    assert_eq!(table.tally(&Scope::All).stale, 1);
    assert!(table.ripening.is_empty());
}

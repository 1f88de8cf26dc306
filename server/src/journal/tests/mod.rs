//! The journal on a scratch disk.

mod reading;
mod retention;
mod stories;
mod writing;

use std::sync::Arc;

use lockstep_core::agent::{Answer, Code, Decision, Hold};
use lockstep_core::finesse::{AgentState, AgentView, ReasonSeen};
use lockstep_core::presence::{Facts, Want};
use lockstep_core::rules::Wanted;
use lockstep_core::why::Side;
use lockstep_core::{AgentId, TeamId, Time};
use tempfile::TempDir;

use super::book::Book;
use super::life::Life;
use super::moment::time;
use super::{Answered, COLUMNS, Decided, JournalError, Reader, Record, Span, path_in};
use crate::engine::Watched;

const EVER: Span = Span { from: Time::from_millis(0), to: Time::from_millis(u64::MAX >> 1) };

/// A scratch disk.
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn book(&self) -> Book {
        Book::open(&path_in(self.0.path()), Life::starting(at(0))).unwrap()
    }

    fn reader(&self) -> Reader {
        Reader::open(self.0.path()).unwrap().expect("a journal")
    }

    /// One column of everything that was decided, as text; nothing is `-`.
    fn column(&self, name: &str) -> Vec<String> {
        column_of(&self.reader(), EVER, None, name)
    }
}

fn column_of(reader: &Reader, span: Span, agent: Option<&str>, name: &str) -> Vec<String> {
    let place = COLUMNS.iter().position(|column| column.name == name).expect(name);
    let mut values = Vec::new();
    let read = reader.export(span, agent, |cells| {
        values.push(match cells[place] {
            rusqlite::types::ValueRef::Null => "-".to_owned(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            cell => cell.as_str().unwrap().to_owned(),
        });
        Ok::<_, JournalError>(())
    });
    read.unwrap();
    values
}

/// Milliseconds on our clock.
const fn at(ms: u64) -> Time {
    Time::from_millis(1_800_000_000_000 + ms)
}

fn who(agent: &str, name: &str) -> Arc<Watched> {
    Arc::new(Watched {
        id: AgentId::new(agent),
        login_name: format!("login{agent}"),
        name: name.to_owned(),
        team: TeamId::new("1"),
        team_name: "Sales".to_owned(),
        person: None,
    })
}

fn decided(agent: &str, ms: u64, code: Code) -> Decided {
    let want = Want {
        seq: 1,
        wanted: Wanted::not_ready("Webex Meeting"),
        rule: Arc::from("meeting"),
        facts: Facts::new().with("status", "meeting").with("meeting_type", "online"),
        since: at(ms).before(std::time::Duration::from_millis(70)),
        at: at(ms).before(std::time::Duration::from_millis(1)),
        may_be_contact_call: false,
        spared: false,
    };
    let reason = Some(ReasonSeen { label: Some("Lunch".to_owned()), ..ReasonSeen::default() });
    let asks = matches!(code, Code::Taking | Code::Releasing);
    Decided {
        who: who(agent, "Anna Schmidt"),
        side: Side::Server,
        term: None,
        trial: false,
        decision: Decision {
            at: at(ms),
            code,
            want: Some(want),
            state: Some(AgentState::NotReady),
            held: false,
            text: format!("The sentence of {}.", code.as_str()),
        },
        view: Some(AgentView {
            state: AgentState::NotReady,
            pending: None,
            reason,
            changed_at: Some(at(0)),
            busy_elsewhere: None,
        }),
        seen_at: Some(at(ms)),
        hold: None,
        request: asks.then_some(1),
    }
}

fn hold(ms: u64) -> Hold {
    Hold {
        reason: Arc::from("Webex Meeting"),
        since: at(ms),
        from: AgentState::Ready,
        changed_at: None,
        shown: None,
        pending: false,
    }
}

fn record(agent: &str, ms: u64, code: Code) -> Record {
    Record::Decided(Box::new(decided(agent, ms, code)))
}

fn answered(agent: &str, ms: u64, answer: Answer) -> Record {
    Record::Answered(Box::new(Answered {
        agent: AgentId::new(agent),
        request: 1,
        answer,
        sent_at: at(ms),
        answered_at: at(ms + 20),
        detail: (answer != Answer::Accepted).then(|| "400: Invalid\nState".to_owned()),
    }))
}

/// From when until when each start of the server wrote this file.
fn lives(path: &std::path::Path) -> Vec<(Time, Time)> {
    let file = rusqlite::Connection::open(path).unwrap();
    let mut select = file.prepare("SELECT started, heard FROM life ORDER BY id").unwrap();
    let rows = select.query_map([], |row| Ok((time(row.get(0)?), time(row.get(1)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

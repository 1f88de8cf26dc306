//! Every message goes through our reader and writer and through the core's derived ones, and comes
//! out the same.

use std::sync::Arc;

use lockstep_core::agent::{Claim, Code, Decision, Hold, LedgerEntry};
use lockstep_core::finesse::{AgentState, AgentView, Deployment, ReasonSeen};
use lockstep_core::presence::{Facts, Want};
use lockstep_core::protocol::{
    Policy, Refusal, RefusalCode, Report, SessionReply, SessionRequest, SocketAuth, Term, ToGadget,
    ToServer,
};
use lockstep_core::rules::Wanted;
use lockstep_core::{AgentId, Time};

use super::*;

impl Value {
    /// In the browser's stead.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        use serde_json::Value as Json;
        fn read(value: Json) -> Value {
            match value {
                Json::Null => Value::Null,
                Json::Bool(flag) => Value::Flag(flag),
                Json::Number(number) => Value::Number(number.as_i64().unwrap_or_default()),
                Json::String(text) => Value::Text(text),
                Json::Array(values) => Value::List(values.into_iter().map(read).collect()),
                Json::Object(fields) => Value::Object(
                    fields.into_iter().map(|(name, value)| (name, read(value))).collect(),
                ),
            }
        }
        serde_json::from_str(text).ok().map(read)
    }
}

const fn at(ms: u64) -> Time {
    Time::from_millis(1_800_000_000_000 + ms)
}

fn want(wanted: Wanted) -> Want {
    Want {
        seq: 7,
        wanted,
        rule: Arc::from("meeting-online"),
        facts: Facts::new().with("status", "meeting").with("odd \"\\\n\u{1}\u{1f600}", "\u{e4}"),
        since: at(1),
        at: at(2),
        may_be_contact_call: true,
        spared: true,
    }
}

fn reason(id: Option<&str>, code: Option<i64>, label: Option<&str>) -> ReasonSeen {
    ReasonSeen { id: id.map(str::to_owned), code, label: label.map(str::to_owned) }
}

fn ledgers() -> Vec<LedgerEntry> {
    let hold = Hold {
        reason: Arc::from("Webex DND"),
        since: at(3),
        from: AgentState::Ready,
        changed_at: Some(at(4)),
        shown: Some(reason(Some("42"), Some(-7), None)),
        pending: true,
    };
    let bare = Hold { changed_at: None, shown: None, pending: false, ..hold.clone() };
    let claim = Claim {
        ready: false,
        reason: Arc::from("Webex Call"),
        since: at(5),
        last: at(6),
        until: at(7),
        from: AgentState::WorkReady,
        before: Some(at(8)),
        clock_ahead_ms: Some(-12),
    };
    let bare_claim = Claim { before: None, clock_ahead_ms: None, ready: true, ..claim.clone() };
    vec![
        LedgerEntry::default(),
        LedgerEntry { hold: Some(hold), claim: Some(claim), ..LedgerEntry::default() },
        LedgerEntry {
            hold: Some(bare.clone()),
            claim: Some(bare_claim),
            quiet: Some(Wanted::not_ready("x")),
            snoozed_until: Some(at(9)),
            lent: Some(Box::new(bare)),
            term: Term::from_number(8),
        },
        LedgerEntry { quiet: Some(Wanted::Free), ..LedgerEntry::default() },
    ]
}

fn reports() -> Vec<Report> {
    let view = AgentView {
        state: AgentState::Talking,
        pending: Some(AgentState::NotReady),
        reason: Some(reason(None, Some(11), Some("R & D"))),
        changed_at: Some(at(10)),
        busy_elsewhere: Some(false),
    };
    let bare = AgentView {
        state: AgentState::ReservedOutboundPreview,
        pending: None,
        reason: None,
        changed_at: None,
        busy_elsewhere: None,
    };
    let decision = |code, want, state| Decision {
        at: at(11),
        code,
        want,
        state,
        held: true,
        text: "Webex: meeting.".to_owned(),
    };
    let report = |ledger, view, decision| Report {
        number: 3,
        term: Some(Term::from_number(9)),
        wanted: Some(4),
        view,
        ledger,
        decision,
        last: false,
    };
    let mut all: Vec<Report> =
        ledgers().into_iter().map(|ledger| report(ledger, Some(view.clone()), None)).collect();
    for code in Code::ALL {
        let told = decision(code, Some(want(Wanted::Ignore)), Some(AgentState::Work));
        all.push(report(LedgerEntry::default(), Some(bare.clone()), Some(told)));
    }
    let bare = decision(Code::NoEffect, None, None);
    all.push(Report {
        term: None,
        wanted: None,
        ..report(LedgerEntry::default(), None, Some(bare))
    });
    all
}

fn reply() -> SessionReply {
    let token = "t.o\u{e9}".to_owned();
    SessionReply { agent: AgentId::new("0001"), token, expires_at: at(1), now: at(0) }
}

fn from_the_server() -> Vec<ToGadget> {
    let policy = Policy {
        deployment: Deployment::Ccx,
        call_grace_ms: 5_000,
        labels: vec![Arc::from("Webex DND"), Arc::from("Webex Call")],
        adopt: true,
        dry_run: true,
        default_reason: Some(Arc::from("Not available")),
        longest_snooze_ms: Some(7_200_000),
    };
    let mut all = vec![
        ToGadget::Welcome { version: 1, agent: AgentId::new("0001"), now: at(0), policy },
        ToGadget::Incompatible { version: 2, message: "out of date".to_owned() },
        ToGadget::Grant { term: Term::from_number(3), ledger: None },
        ToGadget::Revoke { term: Term::from_number(2) },
        ToGadget::Received { report: 12 },
        ToGadget::Snooze { until: at(5) },
        ToGadget::Unsnooze,
        ToGadget::Renewed(reply()),
        ToGadget::Stale { since: Some(at(3)) },
        ToGadget::Stale { since: None },
        ToGadget::Bye { message: "the server stops".to_owned() },
    ];
    for wanted in [Wanted::not_ready("Webex Call"), Wanted::Free, Wanted::Ignore] {
        all.push(ToGadget::Wanted { sequence: 8, want: want(wanted) });
    }
    for ledger in ledgers() {
        all.push(ToGadget::Grant { term: Term::from_number(4), ledger: Some(ledger) });
    }
    all.extend(reports().into_iter().map(|report| ToGadget::Shown(Box::new(report))));
    all
}

#[test]
fn what_the_server_says_is_read_as_the_core_reads_it() {
    for message in from_the_server() {
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(to_gadget(&Value::parse(&text).unwrap()), Some(message), "{text}");
    }
}

#[test]
fn what_the_gadget_says_is_read_by_the_core() {
    let mut all = vec![
        ToServer::Hello { version: 1 },
        ToServer::Snooze { until: at(2) },
        ToServer::Unsnooze,
        ToServer::Bye,
    ];
    all.extend(reports().into_iter().map(|report| ToServer::Report(Box::new(report))));
    for message in all {
        let text = to_server(&message).print();
        assert_eq!(serde_json::from_str::<ToServer>(&text).unwrap(), message, "{text}");
    }
}

#[test]
fn what_is_of_a_later_release_is_passed_over() {
    let read = |text| to_gadget(&Value::parse(text).unwrap());
    assert_eq!(read(r#"{"type":"fly","to":[1,2.5,true]}"#), Some(ToGadget::Other));
    let more = r#"{"type":"received","report":1,"more":{"x":null}}"#;
    assert_eq!(read(more), Some(ToGadget::Received { report: 1 }));
    assert_eq!(read(r#"{"type":"received"}"#), None);
    assert_eq!(read("[]"), None);
}

#[test]
fn sessions_and_refusals_are_read_as_the_core_reads_them() {
    let text = serde_json::to_string(&reply()).unwrap();
    assert_eq!(session(&text), Some(reply()));
    let asked = SessionRequest { agent: AgentId::new("0001") };
    assert_eq!(serde_json::from_str::<SessionRequest>(&request(&asked).print()).unwrap(), asked);
    let auth = SocketAuth { token: "x\"y".to_owned() };
    assert_eq!(serde_json::from_str::<SocketAuth>(&socket_auth(&auth).print()).unwrap(), auth);
    for code in [
        RefusalCode::NotSignedIn,
        RefusalCode::SomebodyElse,
        RefusalCode::NotWatched,
        RefusalCode::WrongOrigin,
        RefusalCode::Token,
        RefusalCode::TooMany,
        RefusalCode::FinesseUnavailable,
        RefusalCode::BadRequest,
        RefusalCode::Other,
    ] {
        let said = Refusal { code, message: "no".to_owned(), retry_after: Some(3) };
        assert_eq!(refusal(&serde_json::to_string(&said).unwrap()), Some(said));
    }
}

#[test]
fn what_the_tab_keeps_comes_back() {
    for ledger in ledgers() {
        assert_eq!(kept(&write_kept(&ledger)), Some(ledger));
    }
}

use serde_json::{Value, json};

use super::*;
use crate::agent::{Code, Hold};
use crate::finesse::{AgentState, ReasonSeen};
use crate::presence::Facts;
use crate::rules::Wanted;

fn want() -> Want {
    Want {
        seq: 7,
        wanted: Wanted::not_ready("Webex Meeting"),
        rule: Arc::from("meeting-online"),
        facts: Facts::new().with("status", "meeting").with("meeting_type", "online"),
        since: Time::from_millis(1_000),
        at: Time::from_millis(1_200),
        may_be_contact_call: false,
        spared: false,
    }
}

fn want_json() -> Value {
    json!({
        "seq": 7,
        "wanted": { "state": "not_ready", "reason": "Webex Meeting" },
        "rule": "meeting-online",
        "facts": { "status": "meeting", "meeting_type": "online" },
        "since": 1_000,
        "at": 1_200,
        "may_be_contact_call": false,
    })
}

fn ledger() -> LedgerEntry {
    let hold = Hold {
        reason: Arc::from("Webex Meeting"),
        since: Time::from_millis(1_500),
        from: AgentState::Ready,
        changed_at: Some(Time::from_millis(1_400)),
        shown: Some(ReasonSeen {
            id: Some("42".to_owned()),
            code: Some(11),
            label: Some("Webex Meeting".to_owned()),
        }),
        pending: false,
    };
    LedgerEntry { hold: Some(hold), ..LedgerEntry::default() }
}

fn ledger_json() -> Value {
    json!({ "hold": {
        "reason": "Webex Meeting",
        "since": 1_500,
        "from": "READY",
        "changed_at": 1_400,
        "shown": { "id": "42", "code": 11, "label": "Webex Meeting" },
        "pending": false,
    }})
}

fn policy() -> Policy {
    Policy {
        deployment: Deployment::Ccx,
        call_grace_ms: 5_000,
        labels: vec![Arc::from("Webex DND"), Arc::from("Webex Meeting")],
        adopt: true,
        dry_run: false,
        default_reason: None,
        longest_snooze_ms: None,
    }
}

/// Every message of the server, and how it looks on the wire.
fn to_gadget() -> Vec<(ToGadget, Value)> {
    let policy_json = json!({
        "deployment": "UCCX",
        "call_grace_ms": 5_000,
        "labels": ["Webex DND", "Webex Meeting"],
        "adopt": true,
        "dry_run": false,
    });
    vec![
        (
            ToGadget::Welcome {
                version: VERSION,
                agent: AgentId::new("0001"),
                now: Time::from_millis(9),
                policy: policy(),
            },
            json!({ "type": "welcome", "version": 1, "agent": "0001", "now": 9, "policy": policy_json }),
        ),
        (
            ToGadget::Incompatible { version: VERSION, message: "reload".to_owned() },
            json!({ "type": "incompatible", "version": 1, "message": "reload" }),
        ),
        (
            ToGadget::Wanted { sequence: 3, want: want() },
            json!({ "type": "wanted", "sequence": 3, "want": want_json() }),
        ),
        (
            ToGadget::Grant { term: Term(4), ledger: Some(ledger()) },
            json!({ "type": "grant", "term": 4, "ledger": ledger_json() }),
        ),
        (ToGadget::Grant { term: Term(5), ledger: None }, json!({ "type": "grant", "term": 5 })),
        (ToGadget::Revoke { term: Term(5) }, json!({ "type": "revoke", "term": 5 })),
        (ToGadget::Received { report: 12 }, json!({ "type": "received", "report": 12 })),
        (
            ToGadget::Stale { since: Some(Time::from_millis(8)) },
            json!({ "type": "stale", "since": 8 }),
        ),
        (
            ToGadget::Bye { message: "the server restarts".to_owned() },
            json!({ "type": "bye", "message": "the server restarts" }),
        ),
    ]
}

/// Every message of the gadget, and how it looks on the wire.
fn to_server() -> Vec<(ToServer, Value)> {
    let view = AgentView {
        state: AgentState::NotReady,
        pending: None,
        reason: None,
        changed_at: Some(Time::from_millis(1_400)),
        busy_elsewhere: None,
    };
    let decision = Decision {
        at: Time::from_millis(1_500),
        code: Code::Taken,
        want: Some(want()),
        state: Some(AgentState::NotReady),
        held: true,
        text: "Not Ready is set".to_owned(),
    };
    let report = Report {
        number: 12,
        term: Some(Term(4)),
        wanted: Some(3),
        view: Some(view),
        ledger: ledger(),
        decision: Some(decision),
        last: false,
    };
    vec![
        (ToServer::Hello { version: VERSION }, json!({ "type": "hello", "version": 1 })),
        (
            ToServer::Report(Box::new(report)),
            json!({
                "type": "report",
                "number": 12,
                "term": 4,
                "wanted": 3,
                "view": {
                    "state": "NOT_READY",
                    "pending": null,
                    "reason": null,
                    "changed_at": 1_400,
                    "busy_elsewhere": null,
                },
                "ledger": ledger_json(),
                "decision": {
                    "at": 1_500,
                    "code": "taken",
                    "want": want_json(),
                    "state": "NOT_READY",
                    "held": true,
                    "text": "Not Ready is set",
                },
            }),
        ),
        (
            ToServer::Snooze { until: Time::from_millis(77) },
            json!({ "type": "snooze", "until": 77 }),
        ),
        (ToServer::Unsnooze, json!({ "type": "unsnooze" })),
        (ToServer::Bye, json!({ "type": "bye" })),
    ]
}

#[test]
fn every_message_has_its_golden_form_and_comes_back_from_it() {
    for (message, golden) in to_gadget() {
        assert_eq!(serde_json::to_value(&message).unwrap(), golden);
        assert_eq!(serde_json::from_value::<ToGadget>(golden).unwrap(), message);
    }
    for (message, golden) in to_server() {
        assert_eq!(serde_json::to_value(&message).unwrap(), golden);
        assert_eq!(serde_json::from_value::<ToServer>(golden).unwrap(), message);
    }
}

/// Every object of the message gets a field that we do not know.
fn with_unknown_fields(value: &mut Value) {
    if let Value::Object(fields) = value {
        let is_facts = fields.contains_key("status");
        fields.values_mut().for_each(with_unknown_fields);
        if !is_facts {
            fields.insert("new_in_a_later_release".to_owned(), json!({ "a": [1] }));
        }
    }
}

#[test]
fn unknown_fields_are_passed_over() {
    for (message, mut golden) in to_gadget() {
        with_unknown_fields(&mut golden);
        assert_eq!(serde_json::from_value::<ToGadget>(golden).unwrap(), message);
    }
    for (message, mut golden) in to_server() {
        with_unknown_fields(&mut golden);
        assert_eq!(serde_json::from_value::<ToServer>(golden).unwrap(), message);
    }
}

#[test]
fn unknown_messages_are_passed_over() {
    let news = json!({ "type": "wishes", "of": "a later release" });
    assert_eq!(serde_json::from_value::<ToGadget>(news.clone()).unwrap(), ToGadget::Other);
    assert_eq!(serde_json::from_value::<ToServer>(news).unwrap(), ToServer::Other);
}

#[test]
fn a_hello_of_any_version_is_read_and_answered_in_words() {
    for (version, mend) in [(0, "reload the desktop"), (2, "administrator")] {
        let hello = json!({ "type": "hello", "version": version, "dialect": "new" });
        let hello = serde_json::from_value::<ToServer>(hello).unwrap();
        assert_eq!(hello, ToServer::Hello { version });
        let words = agree(version, VERSION).unwrap_err().to_string();
        assert!(words.contains(mend) && words.contains("does not affect your calls"), "{words}");
    }
    assert_eq!(agree(VERSION, VERSION), Ok(()));
}

/// S4-19: the sample shows everybody's presence to everybody. Here a link says whose it is once,
/// and what is wanted names nobody.
#[test]
fn no_message_has_room_for_anybody_elses_presence() {
    for (message, golden) in to_gadget() {
        let welcome = matches!(message, ToGadget::Welcome { .. });
        let text = golden.to_string();
        for word in ["person", "agents", "users", "subject", "email", "team"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        assert_eq!(text.contains("\"agent\""), welcome, "{text}");
    }
}

#[test]
fn terms_grow() {
    let first = Term::default().next();
    assert!(first > Term::default() && first.next() > first);
}

/// Law 1: only where the ledger is gone may a label stand for it.
#[test]
fn a_ledger_that_is_known_forbids_adoption() {
    assert!(policy().settings(false, true).adopt);
    assert!(!policy().settings(true, true).adopt);
    assert_eq!(policy().settings(true, true).actor, Actor::Agent);
}

//! Words for every code and every state, so that none is added without them.

use std::collections::BTreeSet;

use crate::Time;
use crate::agent::{Code, Decision};
use crate::desk::tests::bench::{DND, want};
use crate::finesse::AgentState;
use crate::panel::{Face, Shape, words};

fn decision(code: Code, state: Option<AgentState>) -> Decision {
    let want = Some(want(1, "dnd", Time::from_millis(1)));
    Decision { at: Time::from_millis(2), code, want, state, held: false, text: String::new() }
}

#[test]
fn every_code_has_a_row_of_its_own() {
    let rows: Vec<String> = Code::ALL
        .into_iter()
        .map(|code| words::row(&decision(code, Some(AgentState::Ready))))
        .collect();
    for (code, row) in Code::ALL.into_iter().zip(&rows) {
        assert!(!row.trim().is_empty() && !row.contains(code.as_str()), "{code:?}: {row:?}");
        assert!(row.starts_with(char::is_uppercase) && !row.ends_with('.'), "{code:?}: {row:?}");
        assert!(row.chars().count() <= 60, "{code:?}: {row:?}");
    }
    // Two that Finesse does not take look the same to the agent.
    assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len() - 1);
    assert!(words::row(&decision(Code::ReasonMissing, None)).contains(DND));
}

#[test]
fn a_decision_without_want_or_state_has_words_too() {
    for code in Code::ALL {
        let bare = Decision { want: None, ..decision(code, None) };
        assert!(!words::row(&bare).trim().is_empty(), "{code:?}");
    }
}

#[test]
fn every_state_has_finesses_own_word() {
    for state in AgentState::ALL {
        let word = words::state(Some(state));
        assert!(!word.is_empty() && !word.contains('_'), "{state:?}: {word:?}");
    }
}

#[test]
fn every_face_has_a_shape_and_a_name_and_every_shape_a_picture_of_its_own() {
    let names: BTreeSet<_> = Shape::ALL.into_iter().map(Shape::as_str).collect();
    assert_eq!(names.len(), Shape::ALL.len());
    assert_eq!(Face::Held.shape(Some(AgentState::NotReady)), Shape::Held);
    for state in AgentState::ALL {
        assert!(Shape::ALL.contains(&Face::LeftAlone.shape(Some(state))));
        assert_eq!(Face::Blocked.shape(Some(state)), Shape::Trouble);
    }
}

//! What a key means.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde_json::json;

use super::scene::{Act, Who, chooses, customer, online_meeting, supervisor_sets, webex};

/// What a person wants.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    Quit,
    Up,
    Down,
    Act(Act),
    Redraw,
}

/// The lines that explain the keys.
pub(super) fn legend(width: u16) -> Vec<String> {
    let parts = [
        "↑↓ agent",
        "Webex: a active  d dnd  c call  m meeting  u unknown",
        "x cut the feed",
        "q quit",
        "Customer: r ring  t answer  e end",
        "Finesse: l lunch  s supervisor  y ready",
    ];
    let mut lines = vec![String::new()];
    for part in parts {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + part.chars().count() + 5 > usize::from(width) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push_str("  │  ");
            }
            line.push_str(part);
        }
    }
    lines
}

/// What the event asks for, about the agent who is selected.
pub(super) fn wish(event: &Event, who: Who) -> Option<Wish> {
    match event {
        Event::Resize(..) => Some(Wish::Redraw),
        Event::Key(key) if key.kind == KeyEventKind::Press => of_key(*key, who),
        _ => None,
    }
}

fn of_key(key: KeyEvent, who: Who) -> Option<Wish> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c' | 'd')).then_some(Wish::Quit);
    }
    let act = match key.code {
        KeyCode::Esc | KeyCode::Char('q') => return Some(Wish::Quit),
        KeyCode::Up | KeyCode::Char('k') => return Some(Wish::Up),
        KeyCode::Down | KeyCode::Char('j') => return Some(Wish::Down),
        KeyCode::Char('a') => webex(who, "active"),
        KeyCode::Char('d') => webex(who, "dnd"),
        KeyCode::Char('c') => webex(who, "call"),
        KeyCode::Char('m') => online_meeting(who),
        KeyCode::Char('u') => {
            Act::Presence(who, json!({ "status": "unknown", "category": "unknown" }))
        }
        KeyCode::Char('r') => customer(who, "ring"),
        KeyCode::Char('t') => customer(who, "answer"),
        KeyCode::Char('e') => customer(who, "end"),
        KeyCode::Char('l') => chooses(who, "NOT_READY", Some("Lunch")),
        KeyCode::Char('s') => supervisor_sets(who, "NOT_READY"),
        KeyCode::Char('y') => chooses(who, "READY", None),
        KeyCode::Char('x') => Act::Cut,
        _ => return None,
    };
    Some(Wish::Act(act))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_legend_does_something() {
        let legend = legend(100).join("  ");
        let named = legend.split([' ', '│', ':']).filter(|word| word.chars().count() == 1);
        for key in named.filter_map(|word| word.chars().next()) {
            let event = Event::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE));
            assert!(wish(&event, 3).is_some(), "{key}");
        }
    }

    #[test]
    fn the_legend_fits() {
        for width in [40, 80, 100, 160] {
            for line in legend(width) {
                assert!(line.chars().count() <= usize::from(width).max(55), "{line}");
            }
        }
    }

    #[test]
    fn control_c_quits_and_does_not_call() {
        let event = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert!(matches!(wish(&event, 0), Some(Wish::Quit)));
    }
}

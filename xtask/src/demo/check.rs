//! Is everybody where they are to be?

use std::time::Duration;

use super::board::Board;
use super::scene::{Expect, Hand, Who};

/// What a check found.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    pub(super) who: String,
    pub(super) expected: String,
    pub(super) got: String,
    pub(super) ok: bool,
    /// From the beginning of the scene until it was so.
    pub(super) took: Duration,
    /// The scene says something new about this agent.
    pub(super) named: bool,
    /// It is about what the agent's own desktop says.
    pub(super) panel: bool,
}

/// Whose own desktop sets the state.
#[derive(Debug, Clone)]
pub(super) enum Open {
    /// Of these agents; the server acts for the others.
    Of(Vec<Who>),
    /// Whichever a reader opens: who is where counts, and not how.
    AsItComes,
}

impl Open {
    /// Who may set this agent's state.
    fn hands(&self, who: Who) -> &'static [Hand] {
        match self {
            Self::Of(whose) if whose.contains(&who) => &[Hand::Gadget],
            Self::Of(_) => &[Hand::Server],
            Self::AsItComes => &[Hand::Server, Hand::Gadget],
        }
    }

    /// Is the agent where they are to be, by this hand and on this way?
    pub(super) fn is_at(&self, board: &Board, expect: &Expect, seq: u64) -> bool {
        let way = matches!(self, Self::Of(_));
        let hands = self.hands(expect.who);
        hands.iter().any(|hand| is_at(board, &expect.by_hand(*hand), seq, way))
    }

    /// The same with what is to be told of it.
    pub(super) fn found(
        &self,
        board: &Board,
        expect: &Expect,
        seq: u64,
        took: Duration,
    ) -> Checked {
        let ok = self.is_at(board, expect, seq);
        let hand = self.hands(expect.who).first();
        let expect = expect.by_hand(hand.copied().unwrap_or(Hand::Server));
        let row = board.rows.get(expect.who);
        let path = row.map(|row| board.path(&row.login_id, seq)).unwrap_or_default();
        let got = row.map_or_else(
            || "nobody".to_owned(),
            |row| {
                let code = expect.code.map(|_| row.code.as_str());
                place(&row.state, row.reason.as_deref(), row.held.is_some(), code, &path)
            },
        );
        Checked {
            who: row.map(|row| row.name.clone()).unwrap_or_default(),
            expected: place(expect.state, expect.reason, expect.held, expect.code, &expect.path),
            got,
            ok,
            took,
            named: false,
            panel: false,
        }
    }
}

impl Checked {
    /// The story did not come this far.
    pub(super) fn never(what: &str, took: Duration) -> Self {
        Self {
            who: "the story".to_owned(),
            expected: "goes on".to_owned(),
            got: what.to_owned(),
            ok: false,
            took,
            named: true,
            panel: false,
        }
    }
}

/// `way`: how the agent came there counts, too.
fn is_at(board: &Board, expect: &Expect, seq: u64, way: bool) -> bool {
    board.rows.get(expect.who).is_some_and(|row| {
        let there = row.state == expect.state
            && row.held.is_some() == expect.held
            && expect.reason.is_none_or(|reason| row.reason.as_deref() == Some(reason));
        let so = expect.code.is_none_or(|code| row.code == code)
            && board.path(&row.login_id, seq) == expect.path;
        there && (so || !way)
    })
}

/// A place in words, with the way there where it has more than one step.
fn place(
    state: &str,
    reason: Option<&str>,
    held: bool,
    code: Option<&str>,
    path: &[&str],
) -> String {
    let mut words = match path {
        [] | [_] => state.to_owned(),
        way => way.join(" > "),
    };
    if let Some(reason) = reason.filter(|_| state == "NOT_READY") {
        words = format!("{words} ({reason})");
    }
    if held {
        words.push_str(", held");
    }
    match code {
        Some(code) => format!("{words}, {code}"),
        None => words,
    }
}

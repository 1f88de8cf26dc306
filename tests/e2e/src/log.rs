//! What a process printed on stderr: lines of JSON, some of them decisions.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// One line.
#[derive(Debug, Clone)]
pub struct Line {
    /// As it was printed.
    pub text: String,
    /// As JSON; `Null` where it is none.
    pub json: Value,
}

/// One decision, as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// `loginId`.
    pub agent: String,
    /// `loginName`.
    pub login: String,
    /// The stable word.
    pub code: String,
    /// What is wanted.
    pub wanted: String,
    /// The rule behind it.
    pub rule: String,
    /// The state that Finesse showed.
    pub state: String,
    /// Held by us from now on?
    pub held: bool,
    /// The sentence.
    pub text: String,
}

/// The lines so far; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Line>>>);

impl Line {
    fn new(text: String) -> Self {
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { text, json }
    }

    /// A field as text; empty where it is absent.
    pub fn field(&self, name: &str) -> &str {
        self.json.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What it says to people.
    pub fn message(&self) -> &str {
        self.field("message")
    }

    /// The decision, where it is one.
    pub fn decision(&self) -> Option<Decision> {
        let own = |name: &str| self.field(name).to_owned();
        self.json.get("decision.code").map(|_| Decision {
            agent: own("agent.id"),
            login: own("agent.login"),
            code: own("decision.code"),
            wanted: own("decision.wanted"),
            rule: own("decision.rule"),
            state: own("finesse.state"),
            held: self.json.get("held").and_then(Value::as_bool).unwrap_or_default(),
            text: own("message"),
        })
    }
}

impl Log {
    pub(crate) fn push(&self, text: String) {
        self.with(|lines| lines.push(Line::new(text)));
    }

    pub(crate) fn len(&self) -> usize {
        self.with(|lines| lines.len())
    }

    /// The first line from `start` on that is wanted, and where it stands.
    pub(crate) fn find(
        &self,
        start: usize,
        mut wanted: impl FnMut(&Line) -> bool,
    ) -> Option<(usize, Line)> {
        self.with(|lines| {
            let mut later = lines.iter().enumerate().skip(start);
            later.find(|(_, line)| wanted(line)).map(|(at, line)| (at, line.clone()))
        })
    }

    pub(crate) fn from(&self, start: usize) -> Vec<Line> {
        self.with(|lines| lines.iter().skip(start).cloned().collect())
    }

    /// The last lines, but for the questions to Finesse that went well.
    pub(crate) fn last(&self, count: usize) -> String {
        let mut lines = self.from(0);
        lines.retain(|line| line.field("finesse.outcome") != "ok");
        let last = lines.iter().skip(lines.len().saturating_sub(count));
        let texts: Vec<&str> = last.map(|line| line.text.as_str()).collect();
        format!("  {}\n", texts.join("\n  "))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Line>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

//! `lockstep why`.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::tz::TimeZone;
use lockstep_core::Time;
use lockstep_core::agent::Answer;
use lockstep_core::why::{Entry, Question, Unknown, answer};

use super::moment::{FORMS, Reading};
use super::people::{self, Found, plain};
use super::{ConfigFile, FAILED, INVALID, complain};
use crate::clock::Clock;
use crate::config::Config;
use crate::journal::{JournalError, Person, Reader, Span};

/// Decisions that are looked at for an answer: a hold seldom outlives as many.
const LOOKED_AT: u32 = 200;
/// Decisions that are shown.
const SHOWN: usize = 8;
/// The server notes every ten seconds that it is there; what is older than three of that is a pause.
const PAUSE: Duration = Duration::from_secs(30);

const WHY_HELP: &str = "\
Example:
  lockstep why agent1001 --config lockstep.toml
  lockstep why \"Anna Schmidt\" --at 10:05 --config lockstep.toml";

#[derive(Debug, Args)]
#[command(after_help = WHY_HELP)]
pub(super) struct Why {
    /// The agent: loginId, loginName, name or part of it.
    agent: String,
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help = at_help())]
    at: Option<String>,
    #[command(flatten)]
    pub(super) file: ConfigFile,
}

fn at_help() -> String {
    format!("At this moment: {FORMS}. Now, unless given")
}

pub(super) fn why(config: &Config, wish: &Why) -> anyhow::Result<ExitCode> {
    let reading = Reading { now: Clock::system().now(), zone: TimeZone::system() };
    let at = match wish.at.as_deref().map_or(Ok(reading.now), |at| reading.read(at)) {
        Ok(at) => at.min(reading.now),
        Err(problem) => {
            complain(&format!("lockstep: {problem}"));
            return Ok(ExitCode::from(INVALID));
        }
    };
    let Some(journal) = people::journal(config)? else { return Ok(ExitCode::from(FAILED)) };
    let Found::One(person) = people::find(&journal, &wish.agent)? else {
        return Ok(ExitCode::from(FAILED));
    };
    let history = journal.before(&person.agent, at, LOOKED_AT)?;
    let unknown = unknown(&journal, at, &history)?;
    print(&reading, at, &person, &history, &unknown, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// What the journal cannot tell of the time up to then.
fn unknown(journal: &Reader, at: Time, history: &[Entry]) -> Result<Vec<Unknown>, JournalError> {
    let mut unknown = Vec::new();
    if let Some(last) = history.first() {
        let since_then = Span { from: last.at, to: at };
        unknown.extend(journal.gaps(since_then)?.into_iter().map(|gap| Unknown::Lost {
            count: gap.lost,
            since: gap.since,
            until: gap.until,
        }));
    } else {
        unknown.extend(journal.begins_at()?.map(Unknown::BeginsAt));
    }
    let pause = journal.pause_at(at)?.filter(|(since, _)| at.since(*since) > PAUSE);
    unknown.extend(pause.map(|(since, until)| Unknown::NotWritten { since, until }));
    Ok(unknown)
}

fn print(
    reading: &Reading,
    at: Time,
    person: &Person,
    history: &[Entry],
    unknown: &[Unknown],
    out: &mut impl Write,
) -> io::Result<()> {
    let Person { agent, login, name, team } = person;
    let called = if name.trim().is_empty() { login } else { name };
    let (when, zone) = (reading.full(at), reading.zone_at(at));
    writeln!(out, "{}", plain(&format!("{called} ({login}, {agent}, {team}) at {when} {zone}")))?;
    writeln!(out)?;
    let clock = |time| reading.short(time, at);
    let question = Question { name: called, at, clock: &clock };
    for sentence in answer(question, history, unknown) {
        writeln!(out, "{}", plain(&sentence))?;
    }
    if history.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nThe last decisions before that:")?;
    let shown = &history[..history.len().min(SHOWN)];
    let times: Vec<String> = shown.iter().map(|entry| clock(entry.at)).collect();
    let wide = times.iter().map(String::len).max().unwrap_or_default();
    for (entry, time) in shown.iter().zip(&times).rev() {
        let (by, sentence) = (entry.side.as_str(), plain(&entry.sentence));
        let trial = if entry.trial { " (dry run)" } else { "" };
        writeln!(out, "  {time:wide$}  {by:6}  {sentence}{trial}{}", way(entry, at))?;
    }
    Ok(())
}

/// How the request went that followed, as far as it was known then.
fn way(entry: &Entry, at: Time) -> String {
    let asked = entry.asked.filter(|asked| asked.answered_at <= at);
    let answered = asked.map(|asked| {
        let took = asked.answered_at.since(asked.sent_at).as_millis();
        match asked.answer {
            Some(Answer::Accepted) => format!("accepted after {took} ms"),
            Some(answer) => format!("{} after {took} ms", answer.as_str().replace('_', " ")),
            None => format!("answered after {took} ms"),
        }
    });
    let seen = entry.effect_at.filter(|seen| *seen <= at);
    let seen = seen.map(|seen| format!("seen after {} ms", seen.since(entry.at).as_millis()));
    let way: Vec<String> = answered.into_iter().chain(seen).collect();
    if way.is_empty() { String::new() } else { format!(" [{}]", way.join(", ")) }
}

#[cfg(test)]
mod tests {
    use lockstep_core::agent::Code;
    use lockstep_core::why::{Asked, Side};

    use super::*;

    fn entry(ms: u64) -> Entry {
        Entry {
            at: Time::from_millis(ms),
            side: Side::Gadget,
            trial: false,
            code: Some(Code::Taking),
            sentence: "Was Ready;\u{1b}[31m Not Ready is asked for.".to_owned(),
            wanted: None,
            presence: None,
            state: None,
            reason: None,
            held: None,
            asked: Some(Asked {
                sent_at: Time::from_millis(ms + 1),
                answered_at: Time::from_millis(ms + 21),
                answer: Some(Answer::InvalidState),
            }),
            effect_at: Some(Time::from_millis(ms + 900)),
        }
    }

    #[test]
    fn it_prints_an_answer_and_a_table_and_nothing_that_a_terminal_obeys() {
        let person = Person {
            agent: "1".to_owned(),
            login: "anna".to_owned(),
            name: "Anna\u{7} Schmidt".to_owned(),
            team: "Sales".to_owned(),
        };
        let reading = Reading { now: Time::from_millis(100_000), zone: TimeZone::UTC };
        let history: Vec<Entry> = (0..20).rev().map(|second| entry(second * 1_000)).collect();
        let mut out = Vec::new();
        print(&reading, Time::from_millis(19_500), &person, &history, &[], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("Anna Schmidt (anna, 1, Sales) at 1970-01-01 00:00:19 UTC\n\n"));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'));
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("  00:")).collect();
        assert_eq!(rows.len(), SHOWN);
        assert!(rows[0].contains("00:00:12") && rows[7].contains("00:00:19"), "newest last");
        assert!(rows[0].ends_with("[invalid state after 20 ms, seen after 900 ms]"), "{}", rows[0]);
        assert!(rows[7].ends_with("[invalid state after 20 ms]"), "the effect was not seen yet");
    }
}

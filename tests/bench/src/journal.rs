//! The journal under a steady load: so many decisions per second through the real writer, none lost.
//!
//! A decision of three asks Finesse for something, one is answered and seen; the third changes
//! nothing. That is what a busy day is like.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use lockstep::clock::Clock;
use lockstep::engine::Watched;
use lockstep::journal::{Answered, Decided, Limits, Reader, Record, Sink, Span, start};
use lockstep_core::agent::{Answer, Code, Decision, Hold};
use lockstep_core::finesse::{AgentState, AgentView};
use lockstep_core::presence::{Facts, Want};
use lockstep_core::rules::Wanted;
use lockstep_core::why::Side;
use lockstep_core::{AgentId, TeamId, Time};
use tokio::time::{Instant, sleep_until};

use crate::numbers::{Sample, mib, us};
use crate::out::{say, table};
use crate::process;

/// Agents whose decisions they are.
const AGENTS: usize = 1_000;
/// Pause between two bursts; a timer on a busy machine does not keep a shorter one.
const BURST: Duration = Duration::from_millis(10);

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Decisions per second.
    pub rate: u32,
    /// For so long.
    pub lasts: Duration,
}

/// Measures and prints; an error where a decision was lost.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    let dir = tempfile::tempdir().context("failed to make a folder")?;
    let clock = Clock::system();
    let troubles = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&troubles);
    let healthy = move |written: Result<(), String>| {
        if let (Err(trouble), Ok(mut troubles)) = (written, hears.lock()) {
            troubles.push(trouble);
        }
    };
    let limits = || Limits { keep: Duration::from_hours(24), max_bytes: None };
    let (sink, writing) = start(dir.path(), clock, limits, healthy)?;
    let before = process::cpu(std::process::id())?;
    let put = load(&sink, clock, plan).await;
    drop(sink);
    writing.ended().await;
    let cpu = process::cpu(std::process::id())?.since(before);
    if let Some(trouble) = troubles.lock().ok().and_then(|troubles| troubles.first().cloned()) {
        anyhow::bail!("the journal was not written: {trouble}");
    }
    let kept = kept(dir.path())?;
    print(plan, &put, &kept, cpu.total(), size(dir.path())?)?;
    anyhow::ensure!(kept.lost == 0 && kept.decisions == put.decisions, "decisions were lost");
    Ok(())
}

/// What was handed over.
struct Put {
    decisions: u64,
    took: Duration,
    each: Sample,
}

async fn load(sink: &Sink, clock: Clock, plan: Plan) -> Put {
    let who: Vec<Arc<Watched>> = (0..AGENTS).map(watched).collect();
    let began = Instant::now();
    let (mut decisions, mut each, mut due) = (0, Vec::new(), began);
    while began.elapsed() < plan.lasts {
        due += BURST;
        sleep_until(due).await;
        // What a late timer missed is made good: the rate holds on the whole.
        let owed = f64::from(plan.rate) * began.elapsed().min(plan.lasts).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
        while (decisions as f64) < owed {
            for record in records(&who, decisions, clock.now()) {
                let now = Instant::now();
                sink.put(record);
                each.push(now.elapsed());
            }
            decisions += 1;
        }
    }
    Put { decisions, took: began.elapsed(), each: Sample::new(each) }
}

/// A decision, and the answer to what it asks for.
fn records(who: &[Arc<Watched>], number: u64, now: Time) -> Vec<Record> {
    let turn = usize::try_from(number).unwrap_or_default();
    let who = &who[turn / 3 % who.len()];
    let request = number / 3;
    let code = [Code::Taking, Code::Taken, Code::StaysHeld][turn % 3];
    let mut records = vec![Record::Decided(Box::new(decided(who, code, request, now)))];
    if code == Code::Taking {
        records.push(Record::Answered(Box::new(Answered {
            agent: who.id.clone(),
            request,
            answer: Answer::Accepted,
            sent_at: now,
            answered_at: now,
            detail: None,
        })));
    }
    records
}

fn decided(who: &Arc<Watched>, code: Code, request: u64, now: Time) -> Decided {
    let reason: Arc<str> = Arc::from("Webex Meeting");
    let want = Want {
        seq: request,
        wanted: Wanted::NotReady { reason: Arc::clone(&reason) },
        rule: Arc::from("meeting"),
        facts: Facts::new().with("status", "meeting").with("meeting_type", "online"),
        since: now,
        at: now,
        may_be_contact_call: false,
        spared: false,
    };
    let (held, state) = (code != Code::Taking, AgentState::NotReady);
    let text = "Webex: meeting, online. Was Ready; Not Ready for Webex Meeting is asked for.";
    let view = AgentView {
        state,
        pending: None,
        reason: None,
        changed_at: Some(now),
        busy_elsewhere: None,
    };
    let mark = Hold {
        reason,
        since: now,
        from: AgentState::Ready,
        changed_at: Some(now),
        shown: None,
        pending: false,
    };
    Decided {
        who: Arc::clone(who),
        side: Side::Server,
        term: None,
        trial: false,
        decision: Decision {
            at: now,
            code,
            want: Some(want),
            state: Some(state),
            held,
            text: text.to_owned(),
        },
        view: Some(view),
        seen_at: Some(now),
        hold: held.then_some(mark),
        request: (code == Code::Taking).then_some(request),
    }
}

fn watched(number: usize) -> Arc<Watched> {
    Arc::new(Watched {
        id: AgentId::new(format!("100{number:04}")),
        login_name: format!("agent{number:04}"),
        name: format!("Agent Number {number}"),
        team: TeamId::new("1"),
        team_name: "Sales".to_owned(),
        person: None,
    })
}

/// What a reader finds afterwards.
struct Kept {
    decisions: u64,
    lost: u64,
}

fn kept(dir: &Path) -> anyhow::Result<Kept> {
    let journal = Reader::open(dir)?.context("there is no journal")?;
    let ever = Span { from: Time::default(), to: Time::from_millis(u64::MAX) };
    let mut decisions = 0;
    journal.export(ever, None, |_| {
        decisions += 1;
        Ok::<_, anyhow::Error>(())
    })?;
    let lost = journal.gaps(ever)?.iter().map(|gap| gap.lost).sum();
    Ok(Kept { decisions, lost })
}

fn size(dir: &Path) -> anyhow::Result<u64> {
    let files = fs::read_dir(dir).context("failed to list the folder")?;
    files.map(|file| Ok(file?.metadata()?.len())).sum()
}

fn print(plan: Plan, put: &Put, kept: &Kept, cpu: Duration, bytes: u64) -> anyhow::Result<()> {
    #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
    let per_decision = |of: f64| of / put.decisions.max(1) as f64;
    #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
    let (rate, size) = (put.decisions as f64 / put.took.as_secs_f64(), bytes as f64);
    let memory = process::memory(std::process::id())?;
    say(&format!("{} decisions/s for {} s, 1,000 agents", plan.rate, plan.lasts.as_secs()));
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row("decisions per second, handed over", format!("{rate:.0}")),
        row("decisions", put.decisions.to_string()),
        row("kept", kept.decisions.to_string()),
        row("lost", kept.lost.to_string()),
        row("processor per decision, µs", format!("{:.1}", per_decision(cpu.as_secs_f64() * 1e6))),
        row("bytes per decision", format!("{:.0}", per_decision(size))),
        row("handing over, median µs", us(put.each.percentile(50))),
        row("handing over, p99 µs", us(put.each.percentile(99))),
        row("handing over, longest µs", us(put.each.max())),
        row("memory at most, MiB", mib(memory.peak)),
    ];
    table(&["", "journal"], &rows);
    Ok(())
}

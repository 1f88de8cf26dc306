//! The live table: the day is played, then the agents are the reader's.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep, timeout};

use super::board::Board;
use super::build::Programs;
use super::check::Open;
use super::keys::{self, Wish};
use super::opening;
use super::page::{self, Page, Served};
use super::play::{Player, TO_WATCH};
use super::screen::Screen;
use super::stage::{AGENTS, Stage};
use super::view::View;
use super::{Caption, day, places, watching};
use crate::out::say;

/// How often durations move on.
const FRAME: Duration = Duration::from_millis(250);

/// How long a browser may take to start.
const CALLED: Duration = Duration::from_secs(10);
/// Until an agent is signed in on the page, and the gadget is there.
const SEATED: Duration = Duration::from_secs(3);

/// Everything the loop holds.
struct Live {
    stage: Stage,
    boards: watch::Receiver<Board>,
    captions: watch::Receiver<Caption>,
    /// Kept, so that the page goes on when the day does not.
    told: watch::Sender<Caption>,
    /// Acts for the reader, when the day is over.
    player: Player,
    day: JoinHandle<()>,
    selected: usize,
    page: Served,
    /// The reader acts on the page.
    taken_over: mpsc::Receiver<()>,
}

/// Plays the day in the terminal and stays until the reader leaves.
pub(super) async fn day(programs: &Programs) -> anyhow::Result<ExitCode> {
    let stage = Stage::set(programs).await?;
    say("Where to look while it runs:");
    for line in places(&stage) {
        say(&line);
    }
    let boards = watching(&stage);
    let (told, captions) = watch::channel(Caption::opening());
    let player = |stage: &Stage| {
        Player::new(stage.control.clone(), boards.clone(), TO_WATCH, Open::AsItComes)
    };
    // One is enough: what is told is that the reader has begun.
    let (taking, taken_over) = mpsc::channel(1);
    let looked_at = Arc::new(Notify::new());
    let page = page::serve(Page {
        control: stage.control.clone(),
        boards: boards.clone(),
        captions: captions.clone(),
        desktop: stage.control.desktops(),
        taken_over: taking,
        looked_at: Arc::clone(&looked_at),
    })
    .await?;
    say(&format!("  {:12}{}", "page", page.url));
    let audience = opening::open(&page.url).then_some(looked_at);
    let live = Live {
        player: player(&stage),
        day: tokio::spawn(play(player(&stage), told.clone(), audience)),
        told,
        stage,
        boards: boards.clone(),
        captions,
        selected: 0,
        page,
        taken_over,
    };
    let (screen, keys) = Screen::take()?;
    live.run(screen, keys).await
}

/// Plays scene after scene and says what is played; an audience that was called is waited for.
async fn play(mut player: Player, captions: watch::Sender<Caption>, audience: Option<Arc<Notify>>) {
    let tell = |clock, title: &str, text: &str| {
        captions.send_replace(Caption { clock, title: title.to_owned(), text: text.to_owned() });
    };
    if let Err(error) = player.ready(AGENTS).await {
        return tell("", "The day cannot begin", &format!("{error:#}"));
    }
    if let Some(looked_at) = audience {
        // A browser that does not come keeps nobody waiting for long.
        let _ = timeout(CALLED, looked_at.notified()).await;
        sleep(SEATED).await;
    }
    for scene in day::scenes() {
        tell(scene.clock, scene.title, scene.caption);
        match player.play(&scene).await {
            Ok(checked) => {
                if let Some(wrong) = checked.iter().find(|check| !check.ok) {
                    let text =
                        format!("{}: expected {}, got {}", wrong.who, wrong.expected, wrong.got);
                    return tell(scene.clock, "This should not be so", &text);
                }
            }
            Err(error) => return tell(scene.clock, "The day stopped", &format!("{error:#}")),
        }
    }
    tell("", "The day is over", YOURS);
}

impl Caption {
    fn opening() -> Self {
        let text = "Two simulators, the server, twelve agents.".to_owned();
        Self { clock: "", title: "The stage is set".to_owned(), text }
    }

    fn yours() -> Self {
        let text = "Choose an agent and press a key; the desktop is theirs.".to_owned();
        Self { clock: "", title: "Your turn".to_owned(), text }
    }
}

const YOURS: &str = "The agents are yours: choose one with the arrows and press a key.";

impl Live {
    async fn run(
        mut self,
        mut screen: Screen,
        mut keys: mpsc::Receiver<Event>,
    ) -> anyhow::Result<ExitCode> {
        let mut frames = interval(FRAME);
        let mut remark = None;
        loop {
            self.draw(&mut screen, remark.as_ref())?;
            let event = tokio::select! {
                event = keys.recv() => event,
                _ = frames.tick() => {
                    self.stage.check()?;
                    continue;
                }
                Some(()) = self.taken_over.recv() => {
                    self.day.abort();
                    self.told.send_replace(Caption::yours());
                    remark = Some(YOURS.to_owned());
                    continue;
                }
                changed = self.boards.changed() => {
                    changed?;
                    continue;
                }
            };
            let Some(event) = event else { break };
            match keys::wish(&event, self.selected) {
                Some(Wish::Quit) => break,
                Some(Wish::Up) => self.select(-1),
                Some(Wish::Down) => self.select(1),
                Some(Wish::Act(act)) => {
                    self.day.abort();
                    self.told.send_replace(Caption::yours());
                    remark = Some(match self.player.act(&act, 0).await {
                        Ok(()) => YOURS.to_owned(),
                        Err(error) => format!("That cannot be: {error:#}"),
                    });
                }
                Some(Wish::Redraw) | None => {}
            }
        }
        self.day.abort();
        drop(screen);
        say("Stopping …");
        self.stage.strike(false).await;
        Ok(ExitCode::SUCCESS)
    }

    fn select(&mut self, by: isize) {
        let count = self.boards.borrow().rows.len().max(1);
        self.selected = (self.selected + count).saturating_add_signed(by) % count;
    }

    fn draw(&self, screen: &mut Screen, remark: Option<&String>) -> anyhow::Result<()> {
        let board = self.boards.borrow().clone();
        let caption = self.captions.borrow().clone();
        let scene = match remark {
            Some(remark) => ("", "Your turn", remark.as_str()),
            None => (caption.clock, caption.title.as_str(), caption.text.as_str()),
        };
        let mut foot = vec![format!("The desktop and a remote control: {}", self.page.url)];
        foot.extend(keys::legend(screen.width()));
        let view = View {
            board: &board,
            scene,
            selected: Some(self.selected),
            foot: &foot,
            now: Instant::now(),
        };
        screen.show(&view)?;
        Ok(())
    }
}

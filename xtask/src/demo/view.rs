//! The table as cells. The terminal shows them, and the picture is drawn from the same ones.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use tokio::time::Instant;

use super::board::{Board, Row};
use super::words::{self, Tone};

/// From this width on the sentence has a column of its own although there is room below.
const VERY_WIDE: u16 = 190;
/// From this width on it has one where there is no room below.
const WIDE: u16 = 130;
/// Rows above the agents: health, title, caption, columns; a blank one where there is room.
pub(crate) const HEAD: u16 = 4;

/// What is shown.
#[derive(Debug, Clone)]
pub(super) struct View<'a> {
    pub(super) board: &'a Board,
    /// The story's time, the scene's title and its caption.
    pub(super) scene: (&'a str, &'a str, &'a str),
    pub(super) selected: Option<usize>,
    /// The lines at the bottom.
    pub(super) foot: &'a [String],
    pub(super) now: Instant,
}

/// A column: its title, where it begins and how wide it is.
#[derive(Debug, Clone, Copy)]
struct Column {
    what: What,
    at: u16,
    wide: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Agent,
    Webex,
    Wanted,
    Finesse,
    Held,
    Why,
}

/// Colours of the terminal's own theme, so that they suit its background.
pub(super) fn style(tone: Tone) -> Style {
    match tone {
        Tone::Ready => Style::new().fg(Color::Green),
        Tone::Held => Style::new().fg(Color::Blue).add_modifier(Modifier::BOLD),
        Tone::Customer => Style::new().fg(Color::Yellow),
        Tone::Quiet => Style::new().add_modifier(Modifier::DIM),
        Tone::Trouble => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
    }
}

const DIM: Style = Style::new().add_modifier(Modifier::DIM);
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

impl View<'_> {
    /// Fills `area`.
    pub(super) fn draw(&self, area: Rect, cells: &mut Buffer) {
        let mut pen = Pen { area, cells };
        self.head(&mut pen);
        let plan = Plan::new(area, self.board.rows.len(), self.foot.len());
        for column in &plan.columns {
            pen.put(column.at, plan.top - 1, column.wide, title(column.what), DIM);
        }
        for (at, row) in self.board.rows.iter().enumerate() {
            let y = plan.top + u16::try_from(at).unwrap_or(u16::MAX).saturating_mul(plan.tall);
            if y.saturating_add(plan.tall) > plan.bottom {
                break;
            }
            let selected = self.selected == Some(at);
            self.row(&mut pen, row, &plan.columns, y, selected);
            if plan.tall == 2 {
                pen.put(3, y + 1, area.width.saturating_sub(3), &self.why(row), DIM);
            }
        }
        self.foot(&mut pen, &plan);
    }

    fn foot(&self, pen: &mut Pen<'_>, plan: &Plan) {
        let width = pen.area.width.saturating_sub(1);
        let row = self.selected.and_then(|at| self.board.rows.get(at));
        if let Some(row) = row.filter(|_| !plan.tells_why()) {
            pen.put(1, plan.bottom, width, &self.why(row), Style::new());
        }
        let lines = u16::try_from(self.foot.len()).unwrap_or(u16::MAX);
        let top = pen.area.height.saturating_sub(lines);
        for (line, y) in self.foot.iter().zip(top..) {
            pen.put(1, y, width, line, DIM);
        }
    }

    /// The sentence; without a feed it says how old it is.
    fn why(&self, row: &Row) -> String {
        match self.board.stale_for(self.now) {
            Some(lost) => format!("◌ last heard of {} s ago. {}", lost.as_secs(), row.why),
            None => row.why.clone(),
        }
    }

    fn head(&self, pen: &mut Pen<'_>) {
        let width = pen.area.width.saturating_sub(1);
        let (clock, title, caption) = self.scene;
        let x = pen.put(1, 0, width, "Lockstep", BOLD);
        let parts = self.health();
        let long: u16 = parts.iter().map(|(shape, words, _)| wide(shape) + wide(words) + 4).sum();
        let mut right = (pen.area.width.saturating_sub(long)).max(x + 2);
        for (shape, words, tone) in parts {
            let x = pen.put(right, 0, 2, shape, style(tone));
            let color = if tone == Tone::Trouble { style(tone) } else { Style::new() };
            right = pen.put(x + 1, 0, width, &words, color) + 2;
        }
        let x = pen.put(1, 1, width, clock, DIM);
        pen.put(if clock.is_empty() { 1 } else { x + 2 }, 1, width, title, BOLD);
        pen.put(1, 2, width, caption, Style::new());
    }

    fn health(&self) -> Vec<(&'static str, String, Tone)> {
        let health = &self.board.health;
        let stale = self.board.stale_for(self.now).is_some();
        let held = self.board.rows.iter().filter(|row| row.held.is_some()).count();
        let finesse = if health.finesse_ok {
            ("●", "Finesse in service".to_owned(), Tone::Ready)
        } else {
            ("▲", "Finesse not reached".to_owned(), Tone::Trouble)
        };
        vec![
            words::feed(&health.feed, stale),
            finesse,
            ("⊖", format!("{held} held"), if held > 0 { Tone::Held } else { Tone::Quiet }),
        ]
    }

    fn row(&self, pen: &mut Pen<'_>, row: &Row, columns: &[Column], y: u16, selected: bool) {
        let (shape, state, tone) = words::state(row);
        if selected {
            pen.put(0, y, 1, "›", BOLD);
        }
        for Column { what, at, wide } in columns.iter().copied() {
            match what {
                What::Agent => {
                    let chosen =
                        if selected { BOLD.add_modifier(Modifier::REVERSED) } else { BOLD };
                    pen.put(at, y, wide, &row.name, chosen);
                }
                What::Webex => {
                    let x = pen.put(at, y, wide, &row.presence, Style::new());
                    if row.unseen {
                        pen.put(x + 1, y, 1, "◌", DIM);
                    }
                }
                What::Wanted => {
                    let (words, style) = self.wanted(row);
                    pen.put(at, y, wide, &words, style);
                }
                What::Finesse => {
                    let x = pen.put(at, y, 1, shape, style(tone));
                    pen.put(x + 1, y, wide.saturating_sub(2), &state, style(tone));
                }
                What::Held => {
                    let held = row.held.map(|since| self.now.duration_since(since));
                    let words = held.map_or_else(|| "–".to_owned(), words::span);
                    pen.put(
                        at,
                        y,
                        wide,
                        &words,
                        if held.is_some() { style(Tone::Held) } else { DIM },
                    );
                }
                What::Why => {
                    pen.put(at, y, wide, &self.why(row), DIM);
                }
            }
        }
    }

    /// What is wanted, as far as is known.
    fn wanted(&self, row: &Row) -> (String, Style) {
        let wanted = words::wanted(row);
        if self.board.stale_for(self.now).is_some() {
            return (format!("◌ {wanted}"), DIM);
        }
        let nothing = matches!(wanted.as_str(), "Free" | "Left alone");
        (wanted, if nothing { DIM } else { Style::new() })
    }
}

/// What goes where.
#[derive(Debug)]
struct Plan {
    columns: Vec<Column>,
    /// The first agent's line.
    top: u16,
    /// The line after the last that agents may have.
    bottom: u16,
    /// Lines of an agent: the second one is for the sentence.
    tall: u16,
}

impl Plan {
    fn new(area: Rect, agents: usize, foot: usize) -> Self {
        let agents = u16::try_from(agents).unwrap_or(u16::MAX);
        let foot = u16::try_from(foot).unwrap_or(u16::MAX);
        let room = area.height.saturating_sub(HEAD).saturating_sub(foot);
        let below = area.width < VERY_WIDE && room >= agents.saturating_mul(2);
        let tall = if below { 2 } else { 1 };
        let beside = !below && area.width >= WIDE;
        // The selected agent's sentence has a line above the foot where it is nowhere else.
        let line = u16::from(!below && !beside);
        let spare = room.saturating_sub(agents.saturating_mul(tall) + line);
        let top = HEAD + u16::from(spare > 0);
        let bottom = area.height.saturating_sub(foot + line);
        Self { columns: columns(area.width, beside), top, bottom, tall }
    }

    fn tells_why(&self) -> bool {
        self.tall == 2 || self.columns.iter().any(|column| column.what == What::Why)
    }
}

const fn title(what: What) -> &'static str {
    match what {
        What::Agent => "Agent",
        What::Webex => "Webex",
        What::Wanted => "Wanted",
        What::Finesse => "Finesse",
        What::Held => "Held for",
        What::Why => "Why",
    }
}

/// The columns that fit: fewer the narrower it is.
fn columns(width: u16, with_why: bool) -> Vec<Column> {
    let mut wanted = vec![(What::Agent, 13), (What::Webex, 17)];
    if width >= 90 {
        wanted.push((What::Wanted, 16));
    }
    wanted.push((What::Finesse, 35));
    if width >= 80 {
        wanted.push((What::Held, 8));
    }
    if with_why {
        wanted.push((What::Why, width));
    }
    let mut at = 1;
    let mut columns = Vec::new();
    for (what, wide) in wanted {
        let wide = width.saturating_sub(at).min(wide);
        columns.push(Column { what, at, wide });
        at += wide + 1;
    }
    columns
}

fn wide(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

/// Writes into the cells, never outside.
struct Pen<'a> {
    area: Rect,
    cells: &'a mut Buffer,
}

impl Pen<'_> {
    /// Writes text, cut to `most` with an ellipsis; tells where it ended.
    fn put(&mut self, x: u16, y: u16, most: u16, text: &str, style: Style) -> u16 {
        let most = most.min(self.area.width.saturating_sub(x));
        if most == 0 || y >= self.area.height {
            return x;
        }
        let (x, y) = (self.area.x + x, self.area.y + y);
        if wide(text) <= most {
            return self.cells.set_stringn(x, y, text, usize::from(most), style).0 - self.area.x;
        }
        let cut: String = text.chars().take(usize::from(most - 1)).collect();
        let shown = format!("{}…", cut.trim_end());
        self.cells.set_stringn(x, y, shown, usize::from(most), style).0 - self.area.x
    }
}

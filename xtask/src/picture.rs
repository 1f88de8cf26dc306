//! `cargo xtask picture`: moments of a real run. The table becomes SVG, from the cells that the
//! terminal shows; a desktop with the gadget is what Chromium shows of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::out::say;
use crate::{demo, workspace};

/// A cell of 14 px monospaced type.
const WIDE: f32 = 8.4;
const HIGH: f32 = 20.0;
/// Space around the table.
const MARGIN: f32 = 16.0;
/// Space above an agent, whose lines belong together.
const GAP: f32 = 6.0;

/// The project's tokens: light, and dark where the reader prefers it.
const STYLE: &str = "\
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}\
.page{fill:#ffffff;stroke:#e3e6e8}.text{fill:#1b1f23}.quiet{fill:#57606a}.ready{fill:#1a7f37}\
.held{fill:#0a58b8}.customer{fill:#8a5300}.trouble{fill:#b42318}.bold{font-weight:600}\
.line{fill:none;stroke:#57606a}.line.customer{fill:none;stroke:#8a5300}.bar{stroke:#0a58b8}\
.held.ring{fill:none;stroke:#0a58b8}\
@media(prefers-color-scheme:dark){.page{fill:#16191c;stroke:#30363d}.text{fill:#e6edf3}\
.quiet{fill:#9aa4ae}.ready{fill:#4ac26b}.held{fill:#6cb0ff}.customer{fill:#e3a33b}\
.trouble{fill:#ff8a80}.line{stroke:#9aa4ae}.line.customer{stroke:#e3a33b}.bar{stroke:#6cb0ff}\
.held.ring{fill:none;stroke:#6cb0ff}}";

/// Plays the day and draws it into `table`, and a desktop into `desktop`; both are relative to the
/// workspace.
pub(crate) fn run(table: &Path, desktop: &Path) -> anyhow::Result<ExitCode> {
    let (code, pictures) = demo::pictured()?;
    let pictures = pictures.context("the day has no scenes for the pictures")?;
    put(table, svg(&pictures.table).as_bytes())?;
    put(desktop, &pictures.desktop)?;
    Ok(code)
}

fn put(file: &Path, picture: &[u8]) -> anyhow::Result<()> {
    let file = workspace::root().join(file);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
    }
    fs::write(&file, picture).with_context(|| format!("failed to write {}", file.display()))?;
    say(&format!("The picture is {}, {} bytes", file.display(), picture.len()));
    Ok(())
}

fn svg(cells: &Buffer) -> String {
    let (columns, rows) = (cells.area.width, cells.area.height);
    let width = f32::from(columns) * WIDE + 2.0 * MARGIN;
    let gaps = u8::try_from((0..rows).filter(|y| begins(cells, *y)).count()).unwrap_or(0);
    let height = f32::from(rows) * HIGH + f32::from(gaps) * GAP + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"Lockstep's demo: \
         twelve agents, their Webex presence, what Lockstep wants, their Finesse state and why\">\n\
         <style>{STYLE}</style>\n\
         <rect class=\"page\" x=\".5\" y=\".5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"4\"/>\n",
        width - 1.0,
        height - 1.0
    );
    let mut top = MARGIN;
    for y in 0..rows {
        if begins(cells, y) {
            top += GAP;
        }
        for run in runs(cells, y) {
            draw(&mut out, &run, top);
        }
        top += HIGH;
    }
    out.push_str("</svg>\n");
    out
}

/// Does an agent begin in this line? Below the head only their names are bold at its left.
fn begins(cells: &Buffer, y: u16) -> bool {
    y >= demo::HEAD && cells[(1, y)].modifier.contains(Modifier::BOLD)
}

/// Neighbouring cells of one look.
struct Run {
    at: u16,
    text: String,
    look: &'static str,
    bold: bool,
}

/// The runs of a line; a shape is a run of its own, and so is what two blanks set apart.
fn runs(cells: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut apart = true;
    for x in 0..cells.area.width {
        let cell = &cells[(x, y)];
        let (look, bold) = (look(cell), cell.modifier.contains(Modifier::BOLD));
        let symbol = cell.symbol();
        let alone = is_shape(symbol);
        match runs.last_mut() {
            Some(run) if symbol == " " && run.text.ends_with(' ') => {
                apart = true;
                continue;
            }
            Some(run) if !apart && !alone && run.look == look && run.bold == bold => {
                run.text.push_str(symbol);
            }
            _ => runs.push(Run { at: x, text: symbol.to_owned(), look, bold }),
        }
        apart = alone;
    }
    runs.into_iter().filter_map(Run::trimmed).collect()
}

impl Run {
    /// Without blanks at its ends; nothing when nothing is left.
    fn trimmed(self) -> Option<Self> {
        let begins = self.text.len() - self.text.trim_start().len();
        let at = self.at + u16::try_from(begins).unwrap_or(0);
        let text = self.text.trim().to_owned();
        (!text.is_empty()).then_some(Self { at, text, ..self })
    }
}

fn look(cell: &Cell) -> &'static str {
    match cell.fg {
        Color::Green => "ready",
        Color::Blue => "held",
        Color::Yellow => "customer",
        Color::Red => "trouble",
        _ if cell.modifier.contains(Modifier::DIM) => "quiet",
        _ => "text",
    }
}

fn is_shape(symbol: &str) -> bool {
    matches!(symbol, "●" | "○" | "◌" | "⊖" | "■" | "□" | "▲")
}

fn draw(out: &mut String, run: &Run, y: f32) {
    let x = MARGIN + f32::from(run.at) * WIDE;
    let (middle, centre, look) = (x + WIDE / 2.0, y + HIGH / 2.0, run.look);
    // Writing into a text cannot fail.
    let _ = match run.text.as_str() {
        "●" => writeln!(
            out,
            "<circle class=\"{look}\" cx=\"{middle:.1}\" cy=\"{centre:.1}\" r=\"4.5\"/>"
        ),
        "◌" => ring(out, middle, centre, " stroke-dasharray=\"2 1.8\""),
        "⊖" if look == "held" => writeln!(
            out,
            "<g stroke-width=\"1.6\"><circle class=\"held ring\" cx=\"{middle:.1}\" cy=\"{centre:.1}\" r=\"4.5\"/>\
             <path class=\"bar\" d=\"M{:.1} {centre:.1}h5\"/></g>",
            middle - 2.5
        ),
        "○" | "⊖" => ring(out, middle, centre, ""),
        "■" => writeln!(
            out,
            "<rect class=\"{look}\" x=\"{:.1}\" y=\"{:.1}\" width=\"9\" height=\"9\"/>",
            middle - 4.5,
            centre - 4.5
        ),
        "□" => writeln!(
            out,
            "<rect class=\"line {look}\" stroke-width=\"1.6\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"/>",
            middle - 4.0,
            centre - 4.0
        ),
        "▲" => writeln!(
            out,
            "<path class=\"{look}\" d=\"M{middle:.1} {:.1}l5 9h-10z\"/>",
            centre - 5.0
        ),
        text => words(out, run, text, x, y),
    };
}

fn ring(out: &mut String, x: f32, y: f32, dashes: &str) -> std::fmt::Result {
    writeln!(
        out,
        "<circle class=\"line\" stroke-width=\"1.4\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"{dashes}/>"
    )
}

/// The length is given, so that columns stand whatever the reader's font.
fn words(out: &mut String, run: &Run, text: &str, x: f32, y: f32) -> std::fmt::Result {
    let bold = if run.bold { " bold" } else { "" };
    let letters = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(
        out,
        "<text class=\"{}{bold}\" x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{:.1}\">{text}</text>",
        run.look,
        y + 14.5,
        f32::from(letters) * WIDE
    )
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn cells_become_shapes_and_words_in_their_places() {
        let mut cells = Buffer::empty(Rect::new(0, 0, 20, 1));
        cells.set_string(2, 0, "● Ready & free", Style::new().fg(Color::Green));
        let svg = svg(&cells);
        assert!(svg.contains("<circle class=\"ready\" cx=\"37.0\""), "{svg}");
        assert!(svg.contains(">Ready &amp; free</text>"), "{svg}");
        assert!(svg.contains("textLength=\"100.8\""), "{svg}");
    }

    /// Relative luminance contrast as in WCAG 2.
    fn contrast(one: &str, other: &str) -> f64 {
        let light = |hex: &str| {
            let part = |at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"));
            let linear = |value: f64| {
                let value = value / 255.0;
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
        };
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read_on_its_page() {
        let (light, dark) = STYLE.split_once("@media").expect("both");
        for (style, page) in [(light, "#ffffff"), (dark, "#16191c")] {
            assert!(style.contains(&format!(".page{{fill:{page}")), "{style}");
            for name in ["text", "quiet", "ready", "held", "customer", "trouble"] {
                let (_, rest) = style.split_once(&format!(".{name}{{fill:")).expect(name);
                let contrast = contrast(&rest[..7], page);
                assert!(contrast >= 4.5, "{name} on {page}: {contrast:.2}");
            }
        }
    }
}

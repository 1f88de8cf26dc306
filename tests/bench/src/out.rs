//! Lines and tables on standard output.

use std::io::{self, Write as _};

/// Writes one line; a reader that went away is no reason to fail.
pub fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Writes a table: a heading, and rows of as many cells; the first column is text.
pub fn table(heading: &[&str], rows: &[Vec<String>]) {
    let wide = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(wide).collect();
    let line = |cells: &[&str]| {
        let mut line = String::from("|");
        for (column, (cell, wide)) in cells.iter().zip(&widths).enumerate() {
            let cell =
                if column == 0 { format!(" {cell:<wide$} |") } else { format!(" {cell:>wide$} |") };
            line.push_str(&cell);
        }
        line
    };
    say(&line(heading));
    let rule: String = widths.iter().enumerate().fold(String::from("|"), |rule, (column, wide)| {
        rule + &"-".repeat(wide + 1) + if column == 0 { "-|" } else { ":|" }
    });
    say(&rule);
    for row in rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        say(&line(&cells));
    }
}

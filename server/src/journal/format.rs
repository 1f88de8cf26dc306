//! Exported decisions as CSV (RFC 4180) or JSON, one by one.

use std::fmt::Write as _;
use std::io::{self, Write};

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value};

use super::export::{COLUMNS, Cell, Column, Kind};

/// Text that begins so may be taken for a formula by a spreadsheet, which then runs it; a name or
/// a reason is anybody's to choose. An apostrophe goes before it, and before an apostrophe, so that
/// whoever reads the file takes exactly one away.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// The headings as a line of CSV.
pub fn csv_head(out: &mut impl Write) -> io::Result<()> {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    write!(out, "{}\r\n", names.join(","))
}

/// One decision as a line of CSV.
pub fn csv_row(out: &mut impl Write, cells: &[Cell<'_>]) -> io::Result<()> {
    let mut line = String::with_capacity(512);
    for (at, (cell, column)) in cells.iter().zip(COLUMNS).enumerate() {
        if at > 0 {
            line.push(',');
        }
        field(&mut line, *cell, column);
    }
    line.push_str("\r\n");
    out.write_all(line.as_bytes())
}

fn field(line: &mut String, cell: Cell<'_>, column: Column) {
    match value(cell, column.kind) {
        Value::Null => {}
        Value::String(text) => {
            text_field(line, &text);
        }
        // An object has quotes in it, and nothing else that would need care.
        Value::Object(object) => {
            let text = Value::Object(object).to_string();
            let _ = write!(line, "\"{}\"", text.replace('"', "\"\""));
        }
        plain => {
            let _ = write!(line, "{plain}");
        }
    }
}

/// A text that is anybody's to choose, so that it is one field and no formula.
pub(crate) fn text_field(line: &mut String, text: &str) {
    let mark = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        let _ = write!(line, "\"{mark}{}\"", text.replace('"', "\"\""));
    } else {
        line.push_str(mark);
        line.push_str(text);
    }
}

/// One decision as a JSON object on a line.
pub fn json_row(out: &mut impl Write, cells: &[Cell<'_>]) -> io::Result<()> {
    let values = cells.iter().zip(COLUMNS);
    let object: Map<String, Value> =
        values.map(|(cell, column)| (column.name.to_owned(), value(*cell, column.kind))).collect();
    serde_json::to_writer(out, &object).map_err(io::Error::from)
}

fn value(cell: Cell<'_>, kind: Kind) -> Value {
    match (cell, kind) {
        (ValueRef::Integer(ms), Kind::Time) => Value::String(utc(ms)),
        (ValueRef::Integer(flag), Kind::Flag) => Value::Bool(flag != 0),
        (ValueRef::Integer(number), _) => number.into(),
        (ValueRef::Real(number), _) => number.into(),
        (ValueRef::Text(text), Kind::Json) => serde_json::from_slice(text).unwrap_or(Value::Null),
        (ValueRef::Text(text), _) => Value::String(String::from_utf8_lossy(text).into_owned()),
        (ValueRef::Null | ValueRef::Blob(_), _) => Value::Null,
    }
}

/// As RFC 3339, to the millisecond; the milliseconds themselves should they be beyond it.
fn utc(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader of RFC 4180 gets back, without the apostrophe.
    fn read(line: &str) -> String {
        let text = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = text.map_or_else(|| line.to_owned(), |text| text.replace("\"\"", "\""));
        text.strip_prefix('\'').map(str::to_owned).unwrap_or(text)
    }

    fn written(text: &str) -> String {
        let mut line = String::new();
        let name = COLUMNS.iter().find(|column| column.name == "name").unwrap();
        field(&mut line, ValueRef::Text(text.as_bytes()), *name);
        line
    }

    #[test]
    fn a_formula_is_text() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("\t=1", "'\t=1"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("O'Brien", "O'Brien"),
            ("'=1", "''=1"),
        ] {
            assert_eq!(written(text), expected);
        }
    }

    #[test]
    fn times_are_rfc_3339_to_the_millisecond() {
        assert_eq!(utc(1_800_000_000_005), "2027-01-15T08:00:00.005Z");
    }

    proptest! {
        /// Whatever a name is, a spreadsheet sees no formula and a reader gets it back.
        #[test]
        fn any_text_comes_back_and_is_no_formula(text in "[=+@\\-\t\r\n'\",a-z ]{0,12}") {
            let line = written(&text);
            let seen = line.strip_prefix('"').unwrap_or(&line);
            prop_assert!(!seen.starts_with(['=', '+', '-', '@', '\t', '\r']), "{line:?}");
            prop_assert_eq!(read(&line), text);
        }
    }
}

//! The bytes of a layout and its text, and the way from a place in one to the same place in the
//! other, so that a change touches nothing but itself.

use std::borrow::Cow;
use std::fmt;

/// Bytes of a layout. Finesse's own has 20 KB; a site with every gadget commented twice over stays
/// far below this.
pub const MAX_BYTES: usize = 1 << 20;

/// A place in a text; line and column begin at 1, columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

/// What cannot be read, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}; {remedy}")]
pub struct Unreadable {
    /// Where it is.
    pub at: Position,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// A layout as it was given.
#[derive(Debug)]
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    /// What the bytes say, without a byte order mark.
    pub(super) text: Cow<'a, str>,
    encoding: Encoding,
    /// Length of the byte order mark.
    mark: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 {
        big_endian: bool,
    },
    /// One byte, one character, ASCII below 128. Which character the others are does not matter:
    /// they are kept as they are.
    SingleByte,
}

/// Encodings of which every byte is a character.
const SINGLE_BYTE: [&str; 4] = ["us-ascii", "ascii", "iso-8859-", "windows-125"];
/// Where a declaration names its encoding; it has to be the first thing in the file.
const DECLARATION: usize = 200;

impl<'a> Source<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        if bytes.len() > MAX_BYTES {
            let what = format!("{} bytes are more than any layout has", bytes.len());
            return Err(Unreadable::start(what, "give a file with one desktop layout in it"));
        }
        let (encoding, mark) = recognise(bytes)?;
        let text = decode(&bytes[mark..], encoding)?;
        if let Some(at) = text.find(is_forbidden) {
            let what = "a control character that XML forbids".to_owned();
            return Err(Unreadable::at(&text, at, what, "delete it"));
        }
        Ok(Self { bytes, text, encoding, mark })
    }

    pub(super) fn position(&self, at: usize) -> Position {
        Position::of(&self.text, at)
    }

    /// The bytes with `edits` made, which do not overlap; each is a range of the text, and what
    /// stands there instead.
    pub(super) fn with(&self, edits: &[(std::ops::Range<usize>, String)]) -> Vec<u8> {
        let mut sorted: Vec<_> = edits.iter().collect();
        sorted.sort_by_key(|(range, _)| range.start);
        let (mut result, mut kept) = (Vec::with_capacity(self.bytes.len() + 1024), 0);
        for (range, instead) in sorted {
            result.extend_from_slice(&self.bytes[kept..self.byte(range.start)]);
            self.encode(instead, &mut result);
            kept = self.byte(range.end);
        }
        result.extend_from_slice(&self.bytes[kept..]);
        result
    }

    /// The byte at which the character at `at` begins.
    fn byte(&self, at: usize) -> usize {
        let before = &self.text[..at];
        self.mark
            + match self.encoding {
                Encoding::Utf8 => before.len(),
                Encoding::Utf16 { .. } => before.encode_utf16().count() * 2,
                Encoding::SingleByte => before.chars().count(),
            }
    }

    fn encode(&self, text: &str, to: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Utf8 => to.extend_from_slice(text.as_bytes()),
            Encoding::Utf16 { big_endian: true } => {
                to.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Encoding::Utf16 { big_endian: false } => {
                to.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
            // What is put in is ASCII, or a name that was read from here.
            Encoding::SingleByte => {
                to.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
            }
        }
    }
}

fn recognise(bytes: &[u8]) -> Result<(Encoding, usize), Unreadable> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return Ok((Encoding::Utf8, 3)),
        [0xff, 0xfe, ..] => return Ok((Encoding::Utf16 { big_endian: false }, 2)),
        [0xfe, 0xff, ..] => return Ok((Encoding::Utf16 { big_endian: true }, 2)),
        [b'<', 0, ..] => return Ok((Encoding::Utf16 { big_endian: false }, 0)),
        [0, b'<', ..] => return Ok((Encoding::Utf16 { big_endian: true }, 0)),
        _ => {}
    }
    let Some(name) = declared(bytes) else { return Ok((Encoding::Utf8, 0)) };
    let name = name.to_ascii_lowercase();
    if name == "utf-8" || name == "utf8" {
        return Ok((Encoding::Utf8, 0));
    }
    if SINGLE_BYTE.iter().any(|known| name.starts_with(known)) {
        return Ok((Encoding::SingleByte, 0));
    }
    let what = format!("it is declared to be {name}, which is not known here");
    Err(Unreadable::start(what, "save it as UTF-8, and declare encoding=\"UTF-8\""))
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]).into_owned();
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0.to_owned();
    let (_, rest) = declaration.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name.to_owned())
}

fn decode(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, Unreadable> {
    const REMEDY: &str = "save it anew as UTF-8, and declare encoding=\"UTF-8\"";
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            Unreadable::at(&good, good.len(), "this is not UTF-8".to_owned(), REMEDY)
        }),
        Encoding::SingleByte => Ok(bytes.iter().copied().map(char::from).collect()),
        Encoding::Utf16 { big_endian } => {
            let unit = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
            let (pairs, rest) = bytes.as_chunks::<2>();
            let mut text = String::with_capacity(bytes.len());
            for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
                let Ok(character) = character else {
                    return Err(not_utf16(&text, REMEDY));
                };
                text.push(character);
            }
            if rest.is_empty() { Ok(Cow::Owned(text)) } else { Err(not_utf16(&text, REMEDY)) }
        }
    }
}

fn not_utf16(good: &str, remedy: &str) -> Unreadable {
    Unreadable::at(good, good.len(), "this is not UTF-16".to_owned(), remedy)
}

/// Characters that XML 1.0 has no room for (2.2).
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

// === impl Position ===

impl Position {
    /// The place of the byte `at` of `text`. A line ends with a line feed, a carriage return, or
    /// both.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = &text[..at];
        let fed = before.matches('\n').count();
        let returned = before.matches('\r').count() - before.matches("\r\n").count();
        let begin = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        // A line feed that completes a carriage return is not a line of its own.
        Self { line: fed + returned + 1, column: before[begin..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

// === impl Unreadable ===

impl Unreadable {
    pub(super) fn at(text: &str, at: usize, what: String, remedy: &str) -> Self {
        Self { at: Position::of(text, at), what, remedy: remedy.to_owned() }
    }

    fn start(what: String, remedy: &str) -> Self {
        Self { at: Position { line: 1, column: 1 }, what, remedy: remedy.to_owned() }
    }
}

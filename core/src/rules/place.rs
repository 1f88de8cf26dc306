use std::fmt;

/// A place in a text; both counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)
    }
}

/// Bytes between two counts of the characters before them.
const STEP: usize = 256;

/// Finds places in one text, each in a time that does not grow with the text: a large file has as
/// many of them as values.
#[derive(Debug, Clone)]
pub struct Places<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Characters that begin before each multiple of [`STEP`].
    counts: Vec<usize>,
}

impl<'t> Places<'t> {
    /// The places of `text`.
    pub fn new(text: &'t str) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(newlines).collect();
        let mut sum = 0;
        let counts = text.as_bytes().chunks(STEP).map(|chunk| {
            let before = sum;
            sum += begun(chunk);
            before
        });
        let counts = counts.collect();
        Self { text, lines, counts }
    }

    /// The place of byte `offset`; inside a character it is that character's, and beyond the end
    /// it is the end.
    pub fn of(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.partition_point(|begins| *begins <= offset);
        let begins = self.lines[line - 1];
        Place { line, column: self.before(offset) - self.before(begins) + 1 }
    }

    /// Characters before byte `offset`.
    fn before(&self, offset: usize) -> usize {
        let Some(known) = self.counts.get(offset / STEP) else {
            // The end of a text whose length is a multiple of the step, or of an empty one.
            let Some(last) = self.counts.last() else { return 0 };
            return last + begun(&self.text.as_bytes()[offset - STEP..]);
        };
        let from = offset / STEP * STEP;
        known + begun(&self.text.as_bytes()[from..offset])
    }
}

/// Characters that begin in these bytes of UTF-8.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_counts_characters_from_one() {
        let text = "a = 1\nü = 2";
        let places = Places::new(text);
        assert_eq!(places.of(0), Place { line: 1, column: 1 });
        assert_eq!(places.of(text.find('=').unwrap()), Place { line: 1, column: 3 });
        assert_eq!(places.of(text.rfind('=').unwrap()), Place { line: 2, column: 3 });
        assert_eq!(places.of(7), Place { line: 2, column: 1 }, "inside a character");
        assert_eq!(places.of(999).line, 2);
        assert_eq!(Places::new("").of(0), Place { line: 1, column: 1 });
    }

    proptest! {
        /// The same as counting from the beginning.
        #[test]
        fn places_are_those_that_counting_finds(
            units in prop::collection::vec(prop::sample::select(vec!["a", "ü", "\n", "😀 b"]), 0..900),
            offset in 0usize..2_000,
        ) {
            let text = units.concat();
            let at = text.floor_char_boundary(offset);
            let line = text[..at].matches('\n').count() + 1;
            let begins = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let column = text[begins..at].chars().count() + 1;
            prop_assert_eq!(Places::new(&text).of(offset), Place { line, column });
        }
    }
}

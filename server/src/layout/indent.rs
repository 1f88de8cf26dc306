//! How a layout is written: its ends of lines and its indentation, so that what is put in looks like
//! what is around it.

use super::element::Element;

/// One step where nothing tells: what Finesse's own layout uses.
const STEP: &str = "    ";

/// The begin of a line of its own: the end of the line before, and the indentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    end: &'a str,
    indent: String,
    step: String,
}

impl<'a> Line<'a> {
    /// The line that `element` begins; `None` where something else stands before it on the line.
    pub(super) fn of(text: &'a str, element: &Element) -> Option<Self> {
        let before = &text[..element.whole.start];
        let line = before.trim_end_matches([' ', '\t']);
        let end = ["\r\n", "\n", "\r"].into_iter().find(|end| line.ends_with(end))?;
        let end = &line[line.len() - end.len()..];
        let indent = before[line.len()..].to_owned();
        let step = if indent.contains('\t') { "\t" } else { STEP };
        Some(Self { end, indent, step: step.to_owned() })
    }

    /// Takes the step from the difference to the line of the element around.
    pub(super) fn stepped_from(mut self, outer: Option<&Self>) -> Self {
        let step = outer.and_then(|outer| self.indent.strip_prefix(outer.indent.as_str()));
        if let Some(step) = step.filter(|step| !step.is_empty()) {
            self.step = step.to_owned();
        }
        self
    }

    /// The same, one step deeper.
    pub(super) fn deeper(&self) -> Self {
        let indent = format!("{}{}", self.indent, self.step);
        Self { indent, ..self.clone() }
    }

    /// What to write before an element that is to begin this line.
    pub(super) fn begin(&self) -> String {
        format!("{}{}", self.end, self.indent)
    }
}

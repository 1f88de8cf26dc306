//! JSON to be written: a text that grows field by field.

use lockstep_core::{Time, words};

/// One value, as text on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Json(String);

impl Json {
    /// The text.
    pub(crate) fn print(self) -> String {
        self.0
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        let mut out = String::new();
        quote(text, &mut out);
        Self(out)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self(words::whole(number))
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self(if flag { "true" } else { "false" }.to_owned())
    }
}

/// What one object is made of; what is `None` is left out.
#[derive(Default)]
pub(super) struct Fields(String);

impl Fields {
    pub(super) fn with(mut self, name: &str, value: Option<Json>) -> Self {
        if let Some(value) = value {
            self.name(name);
            self.0.push_str(&value.0);
        }
        self
    }

    pub(super) fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        quote(text, &mut self.0);
        self
    }

    pub(super) fn number(mut self, name: &str, number: impl Into<Option<u64>>) -> Self {
        if let Some(number) = number.into() {
            self.name(name);
            self.0.push_str(&words::digits(number));
        }
        self
    }

    pub(super) fn time(self, name: &str, time: impl Into<Option<Time>>) -> Self {
        self.number(name, time.into().map(Time::as_millis))
    }

    pub(super) fn flag(self, name: &str, flag: bool) -> Self {
        self.with(name, Some(flag.into()))
    }

    pub(super) fn end(mut self) -> Json {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        Json(self.0)
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        quote(name, &mut self.0);
        self.0.push(':');
    }
}

#[inline(never)]
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
                let code = u8::try_from(u32::from(control)).unwrap_or_default();
                out.push_str("\\u00");
                out.extend([digit(code >> 4), digit(code)]);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

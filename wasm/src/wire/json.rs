//! JSON as far as the messages need it, to be read: no fractions.

/// Deeper texts are not messages of ours; the deepest has six levels.
const DEEPEST: usize = 16;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Flag(bool),
    /// What has a fraction is cut to its whole part.
    Number(i64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

// === impl Value ===

impl Value {
    /// Reads a text; `None` where it is not JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.as_bytes() };
        let value = reader.value(0)?;
        reader.skip_space();
        reader.rest.is_empty().then_some(value)
    }

    /// The field of an object; `None` where it is absent or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        let field = fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value).filter(|value| **value != Self::Null)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) const fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub(crate) const fn as_int(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn as_whole(&self) -> Option<u64> {
        self.as_int().and_then(|number| u64::try_from(number).ok())
    }
}

/// What is still to be read.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_space();
        match self.rest.first()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.text().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            _ => {
                let words = [
                    ("null", Value::Null),
                    ("true", Value::Flag(true)),
                    ("false", Value::Flag(false)),
                ];
                words.into_iter().find_map(|(word, value)| self.word(word).then_some(value))
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut fields = Vec::new();
        self.items(b'}', |reader| {
            let name = reader.text()?;
            reader.skip_space();
            reader.eat(b':')?;
            fields.push((name, reader.value(depth + 1)?));
            Some(())
        })?;
        Some(Value::Object(fields))
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.items(b']', |reader| {
            values.push(reader.value(depth + 1)?);
            Some(())
        })?;
        Some(Value::List(values))
    }

    /// What stands between brackets, with commas.
    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.rest = &self.rest[1..];
        self.skip_space();
        if self.eat(end).is_some() {
            return Some(());
        }
        loop {
            self.skip_space();
            item(self)?;
            self.skip_space();
            if self.eat(end).is_some() {
                return Some(());
            }
            self.eat(b',')?;
        }
    }

    fn text(&mut self) -> Option<String> {
        self.eat(b'"')?;
        let mut out = Vec::new();
        loop {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'"' => return String::from_utf8(out).ok(),
                b'\\' => {
                    let letter = self.escaped()?;
                    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                other => out.push(*other),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => return self.unit(),
            other => char::from(*other),
        })
    }

    /// `\uXXXX`, or two of them for a letter beyond the first plane.
    fn unit(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.rest.starts_with(b"\\u") {
            self.rest = &self.rest[2..];
            let second = self.hex()?;
            let low = second.wrapping_sub(0xdc00);
            if low < 0x400 {
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low);
            }
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        self.rest = &self.rest[4..];
        digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Option<Value> {
        let minus = self.eat(b'-').is_some();
        let mut number = 0_i64;
        self.digits(|digit| {
            number = number.checked_mul(10)?.checked_add(i64::from(digit))?;
            Some(())
        })?;
        if self.eat(b'.').is_some() {
            self.digits(|_| Some(()))?;
        }
        // No message has a number that is written so.
        if matches!(self.rest.first(), Some(b'e' | b'E')) {
            return None;
        }
        Some(Value::Number(if minus { -number } else { number }))
    }

    fn digits(&mut self, mut each: impl FnMut(u8) -> Option<()>) -> Option<()> {
        while let Some(digit) = self.rest.first().filter(|byte| byte.is_ascii_digit()) {
            each(digit - b'0')?;
            self.rest = &self.rest[1..];
        }
        Some(())
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word.as_bytes());
        if let Some(rest) = rest {
            self.rest = rest;
        }
        rest.is_some()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }
}

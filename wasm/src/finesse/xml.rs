//! As much of XML as one flat object of Finesse's needs: elements by name, in any case.

/// The inside of one element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Xml<'a>(&'a str);

impl<'a> Xml<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self(text)
    }

    /// The first element of this name at any depth.
    pub(super) fn element(self, name: &str) -> Option<Self> {
        let mut rest = self.0;
        loop {
            let tag = rest.split_once('<')?.1;
            let (head, inside) = tag.split_once('>')?;
            let end = head.bytes().position(|byte| byte == b'/' || byte.is_ascii_whitespace());
            let word = head.get(..end.unwrap_or(head.len())).unwrap_or_default();
            if word.eq_ignore_ascii_case(name) {
                return Some(Self(if head.ends_with('/') { "" } else { until_end(inside, word) }));
            }
            rest = inside;
        }
    }

    /// Its text, without entities; `None` where it is absent or empty.
    pub(super) fn text(self, name: &str) -> Option<String> {
        let text = plain(self.element(name)?.0.trim_ascii());
        (!text.is_empty()).then_some(text)
    }
}

fn until_end<'a>(inside: &'a str, word: &str) -> &'a str {
    let mut rest = inside;
    while let Some((_, tag)) = rest.split_once('<') {
        let is_end = tag.strip_prefix('/').and_then(|tag| tag.split_once('>'));
        if is_end.is_some_and(|(name, _)| name.trim_ascii() == word) {
            return inside.get(..inside.len() - tag.len() - 1).unwrap_or_default();
        }
        rest = tag;
    }
    ""
}

/// Replaces entities; of unknown ones the words stay.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, part)) = rest.split_once('&') {
        out.push_str(before);
        let letter = part.split_once(';').and_then(|(name, after)| Some((entity(name)?, after)));
        let (letter, after) = letter.unwrap_or(('&', part));
        out.push(letter);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let number =
        |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let name = name.strip_prefix('#')?;
            match name.strip_prefix('x').or_else(|| name.strip_prefix('X')) {
                Some(digits) => number(digits, 16)?,
                None => number(name, 10)?,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_with_attributes_spaces_and_without_contents() {
        let xml = Xml::of(
            "<?xml version='1.0'?><User a='1'>\n<state /><B>x</B ><label>&#65;&#x42;&amp;&odd;</label></User>",
        );
        assert_eq!(xml.text("state"), None);
        assert_eq!(xml.element("user").unwrap().text("b").as_deref(), Some("x"));
        assert_eq!(xml.text("label").as_deref(), Some("AB&&odd;"));
        assert_eq!(xml.text("missing"), None);
    }

    #[test]
    fn what_is_cut_off_is_nothing() {
        for text in ["<", "<a", "<a>", "<a>b", "</a>", "a>b"] {
            assert_eq!(Xml::of(text).text("a"), None, "{text}");
        }
    }
}

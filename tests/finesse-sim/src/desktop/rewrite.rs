//! What Shindig does to a gadget's HTML (Finesse notes 3.4): relative addresses become absolute,
//! adjacent scripts become one `/gadgets/concat`, unless the gadget excludes them.

use reqwest::Url;

use super::page::escaped;

/// Tags whose `src` or `href` is made absolute.
const ADDRESSED: [&str; 6] = ["script", "img", "link", "body", "input", "embed"];
/// Their attributes with addresses.
const ADDRESSES: [&str; 3] = ["src", "href", "background"];

/// A gadget's own wishes about rewriting.
#[derive(Debug)]
pub(crate) struct Rules<'a> {
    /// Where the gadget's XML came from.
    pub(crate) base: &'a Url,
    /// Lower-case parts of addresses, or `*`.
    pub(crate) excluded: &'a [String],
}

impl Rules<'_> {
    fn off(&self) -> bool {
        self.excluded.iter().any(|word| word == "*")
    }

    fn excludes(&self, url: &str) -> bool {
        let url = url.to_lowercase();
        self.excluded.iter().any(|word| url.contains(word))
    }

    fn absolute(&self, url: &str) -> Option<String> {
        self.base.join(url.trim()).ok().map(String::from)
    }
}

/// The HTML as the browser gets it.
pub(crate) fn rewritten(html: &str, rules: &Rules<'_>) -> String {
    if rules.off() {
        return html.to_owned();
    }
    let mut out = Out { rules, text: String::with_capacity(html.len()), batch: None };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.raw(&rest[..at]);
        rest = &rest[at..];
        let taken = piece(rest);
        out.piece(&rest[..taken]);
        rest = &rest[taken..];
    }
    out.raw(rest);
    out.flush();
    out.text
}

/// How long the comment, the tag, or the script or style with its content is.
fn piece(text: &str) -> usize {
    let until = |end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
    if text.starts_with("<!--") {
        return until("-->");
    }
    let open = tag_end(text);
    let lower = text[..open].to_lowercase();
    for name in ["script", "style"] {
        if is_tag(&lower, name) && !lower.ends_with("/>") {
            let closing = format!("</{name}");
            let body = text[open..].to_lowercase();
            let Some(at) = body.find(&closing) else { return text.len() };
            return open + at + tag_end(&text[open + at..]);
        }
    }
    open
}

/// Up to and with the `>` that is in no quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn is_tag(lower: &str, name: &str) -> bool {
    let rest = lower.strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/'))
}

/// Scripts that become one.
struct Batch {
    /// The first tag, without its address.
    first: String,
    urls: Vec<String>,
    /// Space and comments after the last of them.
    after: String,
}

struct Out<'a> {
    rules: &'a Rules<'a>,
    text: String,
    batch: Option<Batch>,
}

impl Out<'_> {
    /// Text between tags: only space keeps scripts adjacent.
    fn raw(&mut self, text: &str) {
        if let Some(batch) = self.batch.as_mut().filter(|_| text.trim().is_empty()) {
            batch.after.push_str(text);
        } else {
            self.flush();
            self.text.push_str(text);
        }
    }

    fn piece(&mut self, text: &str) {
        if text.starts_with("<!--") {
            match &mut self.batch {
                Some(batch) => batch.after.push_str(text),
                None => self.text.push_str(text),
            }
            return;
        }
        let open = &text[..tag_end(text)];
        let lower = open.to_lowercase();
        if is_tag(&lower, "script")
            && let Some(src) = attribute(open, "src")
            && let Some(url) = self.rules.absolute(&src)
            && !self.rules.excludes(&url)
        {
            self.script(open, url);
            return;
        }
        self.flush();
        let addressed = ADDRESSED.iter().any(|name| is_tag(&lower, name));
        let rewritten = if addressed { self.with_absolute(open) } else { open.to_owned() };
        self.text.push_str(&rewritten);
        self.text.push_str(&text[open.len()..]);
    }

    /// Joins the batch; the `type` of any but the first is lost.
    fn script(&mut self, open: &str, url: String) {
        if let Some(batch) = &mut self.batch {
            batch.urls.push(url);
            batch.after.clear();
            return;
        }
        let first = replaced(open, "src", None);
        self.batch = Some(Batch { first, urls: vec![url], after: String::new() });
    }

    fn flush(&mut self) {
        let Some(batch) = self.batch.take() else { return };
        let mut query = Url::parse("http://x/gadgets/concat").ok();
        if let Some(query) = &mut query {
            let mut pairs = query.query_pairs_mut();
            pairs.append_pair("container", "default");
            pairs.append_pair("rewriteMime", "text/javascript");
            pairs.append_pair("gadget", self.rules.base.as_str());
            for (number, url) in batch.urls.iter().enumerate() {
                pairs.append_pair(&(number + 1).to_string(), url);
            }
        }
        let query = query.as_ref().and_then(Url::query).unwrap_or_default();
        let src = format!(" src=\"/gadgets/concat?{}\"", escaped(query));
        let end = batch.first.trim_end_matches('>').trim_end_matches('/').len();
        self.text.push_str(batch.first[..end].trim_end());
        self.text.push_str(&src);
        self.text.push_str("></script>");
        self.text.push_str(&batch.after);
    }

    fn with_absolute(&self, open: &str) -> String {
        let mut tag = open.to_owned();
        for name in ADDRESSES {
            let absolute = attribute(&tag, name).and_then(|url| self.rules.absolute(&url));
            if let Some(absolute) = absolute {
                tag = replaced(&tag, name, Some(&absolute));
            }
        }
        tag
    }
}

/// Where an attribute's ` name=value` is in a tag, and the value.
fn found(tag: &str, name: &str) -> Option<(std::ops::Range<usize>, String)> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(name).map(|at| from + at) {
        from = at + name.len();
        let before = tag[..at].chars().next_back()?;
        let Some(value) = tag[from..].trim_start().strip_prefix('=') else { continue };
        if !before.is_whitespace() && before != '"' && before != '\'' {
            continue;
        }
        let value = value.trim_start();
        let start = tag.len() - value.len();
        let first = value.chars().next()?;
        let (inner, end) = if first == '"' || first == '\'' {
            let length = value[1..].find(first)?;
            (&value[1..=length], start + length + 2)
        } else {
            let length = value.find([' ', '\t', '\n', '>']).unwrap_or(value.len());
            (&value[..length], start + length)
        };
        let inner = quick_xml::escape::unescape(inner).map_or(inner.into(), |text| text);
        return Some((at..end, inner.into_owned()));
    }
    None
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    found(tag, name).map(|(_, value)| value)
}

/// The tag with another value, or without the attribute.
fn replaced(tag: &str, name: &str, value: Option<&str>) -> String {
    let Some((range, _)) = found(tag, name) else { return tag.to_owned() };
    let value = value.map(|value| format!("{name}=\"{}\"", escaped(value))).unwrap_or_default();
    format!("{}{value}{}", &tag[..range.start], &tag[range.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(html: &str, excluded: &[&str]) -> String {
        let base = Url::parse("https://bridge.example.com/g/x.xml?a=1").expect("an address");
        let excluded: Vec<String> = excluded.iter().map(|word| (*word).to_owned()).collect();
        rewritten(html, &Rules { base: &base, excluded: &excluded })
    }

    #[test]
    fn adjacent_scripts_become_one_and_later_types_are_lost() {
        let html = "<script src='a.js'></script> <!-- and -->\n<script type=\"module\" src=/b.js></script><p>x</p>";
        assert_eq!(
            with(html, &[]),
            "<script src=\"/gadgets/concat?container=default&amp;rewriteMime=text%2Fjavascript\
             &amp;gadget=https%3A%2F%2Fbridge.example.com%2Fg%2Fx.xml%3Fa%3D1\
             &amp;1=https%3A%2F%2Fbridge.example.com%2Fg%2Fa.js\
             &amp;2=https%3A%2F%2Fbridge.example.com%2Fb.js\"></script><p>x</p>"
        );
    }

    #[test]
    fn what_is_between_two_scripts_parts_them() {
        let two = with("<script src=a.js></script><p></p><script src=b.js></script>", &[]);
        assert_eq!(two.matches("/gadgets/concat").count(), 2, "{two}");
        let inline =
            with("<script src=a.js></script><script>1<2</script><script src=b.js></script>", &[]);
        assert_eq!(inline.matches("/gadgets/concat").count(), 2, "{inline}");
        assert!(inline.contains("<script>1<2</script>"), "{inline}");
    }

    #[test]
    fn excluded_scripts_stay_and_are_matched_by_any_part_in_any_case() {
        let html =
            "<script src=\"/desktop/assets/js/Finesse.min.js\"></script><script src=a.js></script>";
        let out = with(html, &["finesse.min.js"]);
        assert!(
            out.contains("src=\"https://bridge.example.com/desktop/assets/js/Finesse.min.js\"")
        );
        assert_eq!(out.matches("/gadgets/concat").count(), 1, "{out}");
        assert_eq!(with(html, &["*"]), html, "a star switches all rewriting off");
    }

    #[test]
    fn relative_addresses_become_absolute_and_scripts_inside_are_left_alone() {
        let out = with(
            "<link rel=stylesheet href=s.css><img src=\"i.png\"><script>f('a.js')</script>",
            &[],
        );
        assert_eq!(
            out,
            "<link rel=stylesheet href=\"https://bridge.example.com/g/s.css\">\
             <img src=\"https://bridge.example.com/g/i.png\"><script>f('a.js')</script>"
        );
    }

    #[test]
    fn odd_html_is_no_trouble() {
        for odd in ["<", "<!--", "<script", "<script>", "a > b < c", "<p title='>'>é</p>", "</"] {
            assert_eq!(with(odd, &[]), odd, "{odd}");
        }
    }
}

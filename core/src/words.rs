//! Sentences with gaps.

/// `template` with every `{key}` replaced by what `of` has for it. One function for all sentences is
/// far smaller in the gadget than a `format!` for each.
pub(crate) fn fill<'a>(mut template: &'a str, of: &dyn Fn(&str) -> &'a str) -> String {
    let mut text = String::new();
    while let Some((before, rest)) = template.split_once('{')
        && let Some((key, after)) = rest.split_once('}')
    {
        text.push_str(before);
        text.push_str(of(key));
        template = after;
    }
    text + template
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_what_fills_them_is_taken_as_it_is() {
        let of = |key: &str| if key == "a" { "{b}" } else { "two" };
        assert_eq!(fill("{a}, {b}.", &of), "{b}, two.");
        assert_eq!(fill("none", &of), "none");
    }
}

//! Sentences with gaps, and numbers in them.
//!
//! What the gadget writes is made by these and by joining texts: the library's own formatting is a
//! kilobyte of what every desktop loads, as soon as one place uses it.

/// `template` with every `{key}` replaced by what `of` has for it.
pub fn fill<'a>(mut template: &'a str, of: &dyn Fn(&str) -> &'a str) -> String {
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

/// A number in digits.
pub fn digits(number: u64) -> String {
    let mut text = Vec::new();
    let mut rest = number;
    loop {
        text.push(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.reverse();
    text.into_iter().map(char::from).collect()
}

/// The same of one that may be below zero.
pub fn whole(number: i64) -> String {
    let digits = digits(number.unsigned_abs());
    if number < 0 { ["-", &digits].concat() } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_the_library_makes_of_them() {
        for number in [0, 1, 9, 10, 1_763_754_944_123, i64::MAX as u64, u64::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
        for number in [i64::MIN, -10, -1, 0, 7, i64::MAX] {
            assert_eq!(whole(number), number.to_string());
        }
    }

    #[test]
    fn gaps_are_filled_and_what_fills_them_is_taken_as_it_is() {
        let of = |key: &str| if key == "a" { "{b}" } else { "two" };
        assert_eq!(fill("{a}, {b}.", &of), "{b}, two.");
        assert_eq!(fill("none", &of), "none");
    }
}

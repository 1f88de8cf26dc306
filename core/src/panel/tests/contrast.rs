//! The colours of both faces against their surfaces, as WCAG 2 measures them: 4.5:1 for text, 3:1
//! for shapes.

const STYLE: &str = include_str!("../../../../gadget/tokens.css");
const TEXTS: [&str; 3] = ["text", "text-2", "held"];
const SHAPES: [&str; 7] = ["ready", "held", "not-ready", "call", "wrap-up", "unknown", "trouble"];
const SURFACES: [&str; 2] = ["surface", "surface-2"];

/// The tokens of one rule: from its selector to the end of its block.
fn block(selector: &str) -> &'static str {
    let at = STYLE.find(selector).unwrap_or_else(|| panic!("no {selector}"));
    STYLE[at..].split('}').next().expect("something")
}

fn luminance(block: &str, token: &str) -> f64 {
    let name = format!("--ls-{token}:");
    let (_, rest) = block.split_once(&name).unwrap_or_else(|| panic!("no {name}"));
    let hex = rest.trim_start().strip_prefix('#').expect("a colour");
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(block: &str, one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(block, one), luminance(block, other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_colour_stands_out_in_light_and_dark() {
    let dark = [":root:not([data-theme=\"light\"]) {", ":root[data-theme=\"dark\"] {"];
    for selector in [":root {"].into_iter().chain(dark) {
        let block = block(selector);
        for surface in SURFACES {
            for (least, tokens) in [(4.5, &TEXTS[..]), (3.0, &SHAPES[..])] {
                for token in tokens {
                    let seen = contrast(block, token, surface);
                    assert!(seen >= least, "{selector} {token} on {surface}: {seen:.2}:1");
                }
            }
        }
    }
}

/// The setting and the system's preference lead to the same dark.
#[test]
fn both_ways_to_dark_are_the_same() {
    let tokens = |selector| -> Vec<String> {
        let lines = block(selector).lines().map(str::trim);
        lines.filter(|line| line.starts_with("--ls-")).map(str::to_owned).collect()
    };
    let chosen = tokens(":root[data-theme=\"dark\"] {");
    assert_eq!(chosen, tokens(":root:not([data-theme=\"light\"]) {"));
    assert!(chosen.len() >= 12);
}

use std::fmt::Write as _;

use lockstep_core::presence::Facts;
use lockstep_core::rules::{MAX_RULES, Mode, RuleProblem, Rules, Test, Wanted, known_presences};

/// Bytes of a problem's text beyond what it repeats of the file.
const OWN_WORDS: usize = 4_000;

/// A rules file: what was read, written down again, is read the same; and what is wrong with one
/// is told in the order of the text, at places that exist.
pub(crate) fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let rules = match Rules::parse(text) {
        Ok(rules) => rules,
        Err(problems) => return told(&problems, text),
    };
    assert!(rules.rules().len() <= MAX_RULES);
    assert!(!rules.default_wanted().is_busy(), "a default takes nobody");
    for mode in Mode::ALL {
        told_or_nothing(&rules.check(mode), text);
    }
    for facts in known_presences() {
        first_match(&rules, &facts);
    }
    let again = written(&rules);
    let read = Rules::parse(&again).unwrap_or_else(|problems| panic!("{again}\n{problems:?}"));
    assert_eq!(read.default_wanted(), rules.default_wanted());
    assert_eq!(read.rules().len(), rules.rules().len());
    for (read, rule) in read.rules().iter().zip(rules.rules()) {
        assert_eq!((read.id(), read.wanted()), (rule.id(), rule.wanted()), "{again}");
        let tests = |rule: &lockstep_core::rules::Rule| -> Vec<(&str, Test)> {
            rule.when().iter().map(|when| (when.fact(), when.test().clone())).collect()
        };
        assert_eq!(tests(read), tests(rule), "{again}");
    }
}

fn first_match(rules: &Rules, facts: &Facts) {
    let matched = rules.evaluate(facts);
    let first = rules.rules().iter().find(|rule| rule.matches(facts));
    let wanted = first.map_or(rules.default_wanted(), |rule| rule.wanted());
    assert_eq!(&matched.wanted, wanted);
}

fn told(problems: &[RuleProblem], text: &str) {
    assert!(!problems.is_empty(), "what is refused has a reason");
    told_or_nothing(problems, text);
}

fn told_or_nothing(problems: &[RuleProblem], text: &str) {
    assert!(problems.is_sorted_by_key(|problem| problem.place), "the order of the text");
    let lines = text.split('\n').count();
    for problem in problems {
        assert!(problem.place.line <= lines && problem.place.column > 0, "{problem}");
        assert!(!problem.what.is_empty() && !problem.remedy.is_empty(), "{problem}");
        let bytes = problem.to_string().len();
        assert!(bytes <= OWN_WORDS + 8 * text.len(), "{bytes} bytes of one problem");
    }
}

/// The rules as somebody would write them.
fn written(rules: &Rules) -> String {
    let mut text = String::new();
    for rule in rules.rules() {
        let when: Vec<String> = rule
            .when()
            .iter()
            .map(|when| format!("{} = {}", when.fact(), demand(when.test())))
            .collect();
        let (id, set) = (quoted(rule.id()), set(rule.wanted()));
        let when = when.join(", ");
        writeln!(text, "[[rule]]\nid = {id}\nwhen = {{ {when} }}\nset = {set}").expect("a text");
    }
    writeln!(text, "[default]\nset = {}", set(rules.default_wanted())).expect("a text");
    text
}

fn demand(test: &Test) -> String {
    match test {
        Test::Not(value) => quoted(&format!("!{value}")),
        Test::AnyOf { values, missing } => {
            let missing = missing.then_some("@missing");
            let all: Vec<String> =
                values.iter().map(String::as_str).chain(missing).map(quoted).collect();
            format!("[{}]", all.join(", "))
        }
    }
}

fn set(wanted: &Wanted) -> String {
    match wanted {
        Wanted::NotReady { reason } => {
            format!("{{ state = \"NOT_READY\", reason = {} }}", quoted(reason))
        }
        Wanted::Free => quoted("free"),
        Wanted::Ignore => quoted("leave"),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

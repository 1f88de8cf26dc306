//! A rules file that is wrong says which rule, which key, which line, and what to do.

use crate::presence::Facts;
use crate::rules::{Mode, RuleProblem, Rules, Severity, Wanted};

const DEFAULT: &str = "\n[default]\nset = \"leave\"\n";

/// One rule, on lines 1 to 4, and a default.
fn one(when: &str, set: &str) -> String {
    format!("[[rule]]\nid = \"r\"\nwhen = {when}\nset = {set}\n{DEFAULT}")
}

fn problems(text: &str) -> Vec<String> {
    Rules::parse(text).expect_err(text).iter().map(RuleProblem::to_string).collect()
}

#[test]
fn each_mistake_is_named_with_rule_key_line_and_remedy() {
    let dnd = "{ status = \"dnd\" }";
    let cases = [
        (one("{}", "\"free\""), "line 3: rule \"r\", when: is empty: the rule would match"),
        (
            one("{ statsu = \"dnd\" }", "\"free\""),
            "when.statsu: unknown fact \"statsu\"; did you mean \"status\"?",
        ),
        (
            one("{ status = [\"!dnd\"] }", "\"free\""),
            "\"!dnd\" cannot stand in a list; write status = \"!dnd\" alone",
        ),
        (one("{ status = [] }", "\"free\""), "when.status: the list is empty"),
        (
            one("{ status = 3 }", "\"free\""),
            "when.status: must be a text or a list of texts, not a number",
        ),
        (
            one("{ status = \"@misssing\" }", "\"free\""),
            "\"@missing\" is the only word that begins with @",
        ),
        (one("{ status = \"!\" }", "\"free\""), "\"!\" negates nothing"),
        (one("\"dnd\"", "\"free\""), "when: must be a table, not a text; for example when = {"),
        (
            one(dnd, "\"fre\""),
            "line 4: rule \"r\", set: \"fre\" cannot be set; did you mean \"free\"?",
        ),
        (one(dnd, "\"READY\""), "use \"free\", which releases what Lockstep holds"),
        (one(dnd, "\"NOT_READY\""), "write set = { state = \"NOT_READY\", reason = \"…\" }"),
        (one(dnd, "{ state = \"READY\" }"), "set.state: \"READY\" cannot be set; use \"free\""),
        (one(dnd, "{ state = \"LOGOUT\" }"), "NOT_READY is the only state that a rule can ask for"),
        (one(dnd, "{ state = \"free\", reason = \"x\" }"), "\"free\" has no reason"),
        (one(dnd, "{ state = \"leave\" }"), "\"leave\" is not a state; write set = \"leave\""),
        (
            one(dnd, "{ state = \"NOT_READY\", raeson = \"x\" }"),
            "set.raeson: unknown key \"raeson\"; did you mean \"reason\"?",
        ),
        (one(dnd, "{ state = \"NOT_READY\", reason = \" \" }"), "set.reason: is empty"),
        (one(dnd, "{ reason = \"x\" }"), "set: a table needs a state"),
        (
            one(dnd, "\"free\"\nreason = \"x\""),
            "line 5: rule \"r\", reason: \"reason\" does not stand beside set",
        ),
        (one(dnd, "\"free\"\nwen = 1"), "wen: unknown key \"wen\"; did you mean \"when\"?"),
        (
            format!("[[rule]]\nwhen = {dnd}\nset = \"free\"{DEFAULT}"),
            "line 1: rule 1, id: a rule needs an id",
        ),
        (format!("[[rule]]\nid = \"\"{DEFAULT}"), "line 2: rule 1, id: the id is empty"),
        (format!("[[rule]]\nid = \"a\"{DEFAULT}"), "rule \"a\", when: a rule needs conditions"),
        (format!("[rule]\nid = \"a\"{DEFAULT}"), "begin each rule with [[rule]]"),
        (
            format!("[[rules]]\nid = \"a\"{DEFAULT}"),
            "line 1: rules: unknown key \"rules\"; did you mean \"rule\"?",
        ),
        ("default = \"leave\"".to_owned(), "default: must be a table, not a text"),
        (
            "[default]\nset = { state = \"NOT_READY\", reason = \"x\" }".to_owned(),
            "line 2: default, set: the default cannot be NOT_READY",
        ),
        ("[default]".to_owned(), "default, set: is missing"),
        (
            String::new(),
            "line 1: default: is missing: what happens when no rule matches?; add [default]",
        ),
        ("[[rule]\n".to_owned(), "line 1: rules: not TOML"),
    ];
    for (text, expected) in cases {
        let found = problems(&text);
        assert!(found.iter().any(|line| line.contains(expected)), "{expected}\n{found:#?}\n{text}");
    }
}

#[test]
fn every_problem_is_reported_at_once_in_the_order_of_the_text() {
    let text = "[[rule]]\nid = \"a\"\nwhen = { colour = \"red\" }\nset = \"READY\"\n\
                [[rule]]\nid = \"a\"\nwhen = {}\nset = 1\n";
    let problems = Rules::parse(text).expect_err("broken");
    let lines: Vec<_> = problems.iter().map(|problem| problem.place.line).collect();
    assert_eq!(lines, [1, 3, 4, 6, 7, 8], "{problems:#?}");
    assert!(problems.iter().all(|problem| problem.severity == Severity::Error));
}

#[test]
fn files_rules_lists_and_ids_are_bounded() {
    let long = format!("# {}\n{DEFAULT}", "x".repeat(64 * 1024));
    assert!(problems(&long)[0].contains("more than 65536"));
    let many = "[[rule]]\n".repeat(201);
    assert!(problems(&(many + DEFAULT))[0].contains("201 rules are more than 200"));
    let values = vec!["\"a\""; 65].join(", ");
    let list = one(&format!("{{ status = [{values}] }}"), "\"free\"");
    assert!(problems(&list)[0].contains("65 values are more than 64"));
    let keys: Vec<_> = (0..17).map(|n| format!("k{n} = \"a\"")).collect();
    let wide = one(&format!("{{ {} }}", keys.join(", ")), "\"free\"");
    assert!(problems(&wide)[0].contains("17 conditions are more than 16"));
    let id = format!("[[rule]]\nid = \"{}\"\n{DEFAULT}", "i".repeat(65));
    assert!(problems(&id).concat().contains("longer than 64 characters"));
}

/// What stands in for a reason is compared with Finesse's labels, which are trimmed.
#[test]
fn an_id_in_place_of_a_reason_is_trimmed_like_one() {
    let text = format!(
        "[[rule]]\nid = \" Webex DND \"\nwhen = {{ status = \"dnd\" }}\nset = {{ state = \"NOT_READY\" }}\n{DEFAULT}"
    );
    let rules = Rules::parse(&text).expect("good");
    assert_eq!(rules.rules()[0].wanted(), &Wanted::not_ready("Webex DND"));
}

#[test]
fn when_understands_text_list_negation_and_absence() {
    let free = |when: &str, facts: &[(&str, &str)]| {
        let rules = Rules::parse(&one(when, "\"free\"")).expect(when);
        rules.evaluate(&facts.iter().copied().collect::<Facts>()).wanted == Wanted::Free
    };
    assert!(free("{ status = \"dnd\" }", &[("status", "DND")]));
    assert!(free("{ status = [\"a\", \"@missing\"] }", &[]));
    assert!(!free("{ status = [\"a\", \"@missing\"] }", &[("status", "b")]));
    assert!(free("{ status = \"!a\" }", &[("status", "b")]));
    assert!(!free("{ status = \"!a\" }", &[("status", "A")]));
    assert!(!free("{ status = \"!a\" }", &[]), "\"!x\" means present and not x");
    assert!(!free(
        "{ status = \"a\", category = \"@missing\" }",
        &[("status", "a"), ("category", "")]
    ));
}

fn checked(text: &str, mode: Mode) -> Vec<String> {
    let rules = Rules::parse(text).expect(text);
    rules.check(mode).iter().map(|p| format!("{:?} {p}", p.severity)).collect()
}

#[test]
fn a_gadget_needs_a_reason_that_fits_and_a_server_needs_none() {
    let none = one("{ status = \"dnd\" }", "{ state = \"NOT_READY\" }");
    assert_eq!(checked(&none, Mode::Server), [""; 0]);
    for mode in [Mode::Gadget, Mode::Auto] {
        let found = checked(&none, mode);
        assert!(found[0].starts_with("Error line 1: rule \"r\", set.reason: mode"), "{found:?}");
    }
    let reason = "r".repeat(41);
    let long =
        one("{ status = \"dnd\" }", &format!("{{ state = \"NOT_READY\", reason = \"{reason}\" }}"));
    assert!(
        checked(&long, Mode::Auto)[0].contains("has 41 characters, a label in Finesse at most 40")
    );
    assert!(checked(&long, Mode::Server)[0].starts_with("Warning"));
    let rules = Rules::parse(&none).unwrap();
    assert_eq!(
        rules.evaluate(&Facts::new().with("status", "dnd")).wanted,
        Wanted::not_ready("r"),
        "without a reason, the id is our mark"
    );
}

#[test]
fn a_value_that_webex_never_sends_is_a_warning() {
    let found = checked(&one("{ status = \"buzy\" }", "\"free\""), Mode::Server);
    assert_eq!(
        found,
        [
            "Warning line 3: rule \"r\", when.status: \"buzy\" is never sent by Webex as far as known; did you mean \"busy\"?"
        ]
    );
    let long = one(&format!("{{ status = \"{}\" }}", "x".repeat(65)), "\"free\"");
    assert!(checked(&long, Mode::Server)[0].starts_with("Error"));
}

#[test]
fn a_rule_behind_others_that_match_all_of_it_is_an_error() {
    let rule =
        |id: &str, when: &str| format!("[[rule]]\nid = \"{id}\"\nwhen = {when}\nset = \"free\"\n");
    let alone = rule("a", "{ status = \"!dnd\" }") + &rule("b", "{ status = \"Call\" }") + DEFAULT;
    assert!(
        checked(&alone, Mode::Server)[0]
            .contains("rule \"a\" (line 1) matches all of it; move it up")
    );
    let together = rule("a", "{ status = [\"meeting\", \"call\"], meeting_type = \"@missing\" }")
        + &rule("b", "{ meeting_type = \"!online\" }")
        + &rule("c", "{ meeting_type = \"online\" }")
        + &rule("d", "{ status = \"meeting\" }")
        + &rule("e", "{ status = \"busy\" }")
        + DEFAULT;
    let found = checked(&together, Mode::Server);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("rule \"d\", when: is never reached: rules \"a\", \"b\", \"c\" together")
    );
}

#[test]
fn a_file_without_rules_is_a_warning() {
    assert!(checked(DEFAULT, Mode::Server)[0].contains("there is no rule"));
}

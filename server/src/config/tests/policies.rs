//! `[[policy]]`: what is different for some.

use std::time::Duration;

use lockstep_core::presence::{Busy, Counting, LossPolicy};
use lockstep_core::rules::Mode;

use super::{Folder, NONE, refused, text};

/// The smallest configuration, and this behind it.
fn with(policies: &str) -> String {
    format!("{}\n{policies}", text(&[]))
}

#[test]
fn a_policy_says_what_is_different_and_the_rest_is_as_for_everybody() {
    let folder = Folder::new();
    let more = [("sync", "hold_down = \"2s\""), ("sync", "default_reason = \"Busy\"")];
    let text = format!(
        "{}\n[[policy]]\nname = \"sales\"\nteams = [\"Sales\", \"7\"]\nagents = [\"ann\"]\n\
         call_grace = \"9s\"\ndry_run = true\nstaffing_floor = 3\nsnooze = {{ max = \"2h\" }}\n\
         presences = [\"call\", \"meeting\"]\ntime_zone = \"Europe/Berlin\"\n\
         on_source_loss = {{ policy = \"release\" }}\n\
         schedule = [{{ days = [\"mon\"], from = \"08:00\", to = \"18:00\" }}]\n\
         [[policy]]\nname = \"others\"\nagents = [\"bob\"]\n",
        text(&more)
    );
    let config = folder.load(&text, &NONE).expect("good");
    let [sales, others] = config.policies.as_slice() else { panic!("{:?}", config.policies) };
    assert_eq!((sales.teams.len(), sales.agents.as_slice()), (2, &["ann".to_owned()][..]));
    assert_eq!(
        (sales.hold_down, sales.call_grace),
        (Duration::from_secs(2), Duration::from_secs(9))
    );
    assert_eq!((sales.dry_run, sales.staffing_floor), (true, 3));
    assert_eq!(sales.default_reason.as_deref(), Some("Busy"));
    assert_eq!(sales.longest_snooze, Some(Duration::from_hours(2)));
    assert_eq!(sales.counting, Counting::only(&[Busy::Call, Busy::Meeting]));
    assert_eq!(sales.on_source_loss.policy, LossPolicy::Release);
    assert!(sales.schedule.is_some());
    let rest = config.everybody_else();
    assert_eq!((others.mode, &others.rules), (rest.mode, &rest.rules));
    assert_eq!((others.dry_run, others.staffing_floor, others.longest_snooze), (false, 0, None));
    assert_eq!(others.counting, Counting::All);
}

/// What the gadgets need follows from whoever has one, what the server needs from whoever has none.
#[test]
fn the_needs_of_a_mode_are_those_of_the_policies_too() {
    let folder = Folder::new();
    let gadget = with("[[policy]]\nname = \"p\"\nteams = [\"Sales\"]\nmode = \"gadget\"\n");
    refused(&folder, &gadget, &NONE, "http.public_url: is missing");
    let http = [
        ("http", "public_url = \"https://l.example.com\""),
        ("http", "finesse_origins = [\"https://f1.example.com\"]"),
    ];
    let gadget = gadget.replace(&text(&[]), &text(&http));
    let config = folder.load(&gadget, &NONE).expect("good");
    assert_eq!((config.modes(), config.sync.mode), (Mode::Auto, Mode::Server));
}

#[test]
fn a_dry_run_for_everybody_is_a_key_of_sync_and_a_policy_may_be_in_earnest() {
    let folder = Folder::new();
    let text = format!(
        "{}\n[[policy]]\nname = \"pilot\"\nteams = [\"Sales\"]\ndry_run = false\n",
        text(&[("sync", "dry_run = true")])
    );
    let config = folder.load(&text, &NONE).expect("good");
    assert!(config.everybody_else().dry_run && !config.policies[0].dry_run);
}

#[test]
fn what_is_wrong_is_named_by_key_and_place() {
    let folder = Folder::new();
    let one =
        |lines: &str| with(&format!("[[policy]]\nname = \"p\"\nteams = [\"Sales\"]\n{lines}\n"));
    for (lines, expected) in [
        ("stafing_floor = 1", "did you mean \"staffing_floor\"?"),
        ("mode = \"severr\"", "policy[0].mode: \"severr\" is not known; did you mean \"server\"?"),
        ("staffing_floor = -1", "policy[0].staffing_floor: must be a whole number"),
        ("staffing_floor = 10001", "policy[0].staffing_floor: 10001 is more than 10000"),
        ("presences = [\"calls\"]", "did you mean \"call\"?"),
        ("hold_down = \"2m\"", "policy[0].hold_down: 2m is out of range"),
        ("snooze = { max = \"25h\" }", "policy[0].snooze.max: 25h is out of range"),
        ("snooze = {}", "policy[0].snooze.max: is missing"),
        ("rules_file = \"none.toml\"", "policy[0].rules_file: the file"),
        ("time_zone = \"Europe/Berlin\"", "policy[0].time_zone: says nothing without a schedule"),
        ("schedule = []", "policy[0].schedule: has 0 entries"),
        (
            "schedule = [{ days = [\"mon\"], from = \"08:00\", to = \"18:00\" }]",
            "policy[0].time_zone: is missing",
        ),
        (
            "time_zone = \"Europe/Berln\"\nschedule = [{ days = [\"mon\"], from = \"08:00\", to = \"09:00\" }]",
            "policy[0].time_zone: \"Europe/Berln\" is not a time zone",
        ),
        (
            "time_zone = \"UTC\"\nschedule = [{ days = [\"mo\"], from = \"8\", to = \"09:00\" }]",
            "policy[0].schedule[0].from: \"8\" is not a time of the day",
        ),
    ] {
        refused(&folder, &one(lines), &NONE, expected);
    }
    refused(&folder, &with("[[policy]]\nteams = [\"Sales\"]"), &NONE, "policy[0].name: is missing");
    refused(
        &folder,
        &with("[[policy]]\nname = \"p\""),
        &NONE,
        "policy[0].teams: applies to nobody",
    );
    refused(&folder, &with("[policy]\nname = \"p\""), &NONE, "policy: must be a list of tables");
    let twice =
        "[[policy]]\nname = \"p\"\nteams = [\"a\"]\n[[policy]]\nname = \"p\"\nteams = [\"b\"]\n";
    refused(&folder, &with(twice), &NONE, "policy[1].name: \"p\" is the name of another policy");
}

#[test]
fn the_policy_of_the_example_is_good_and_mentions_every_key() {
    let folder = Folder::new();
    folder.write("sales-rules.toml", include_str!("../../../../core/src/rules/builtin.toml"));
    let example = std::fs::read_to_string(super::example()).expect("the example");
    let from = example.find("# [[policy]]").expect("a policy");
    let policy: Vec<&str> = example[from..].lines().map(|line| &line[1..]).collect();
    let policy = policy.join("\n");
    let http = [
        ("http", "public_url = \"https://l.example.com\""),
        ("http", "finesse_origins = [\"https://f1.example.com\"]"),
    ];
    let config = folder.load(&format!("{}\n{policy}", text(&http)), &NONE);
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.policies.len(), 1);
    for key in super::super::policy::KEYS {
        assert!(policy.contains(&format!("{key} = ")), "{key}");
    }
}

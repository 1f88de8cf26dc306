use std::path::Path;

use super::{Folder, refused, text};
use crate::config::Config;

/// Section, line in it, and what is said of it.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "sync",
        "hold_down = \"61s\"",
        "lockstep.toml:12:13: sync.hold_down: 61s is out of range, 0s to 1m",
    ),
    ("sync", "hold_down = \"61s\"", "; the nearest that is allowed is \"1m\""),
    ("sync", "hold_dwon = \"1s\"", "sync.hold_dwon: unknown key; did you mean \"hold_down\"?"),
    ("sync", "poll_interval = \"1s\"", "sync.poll_interval: unknown key; it belongs to [finesse]"),
    (
        "sync",
        "stale_after = \"2s\"",
        "sync.stale_after: 2s is out of range, 2001ms to 10m: the feed is pinged",
    ),
    ("sync", "call_grace = \"6m\"", "sync.call_grace: 6m is out of range, 0s to 5m"),
    ("sync", "call_grace = 5", "sync.call_grace: must be a text, not a number"),
    (
        "sync",
        "call_grace = \"5 sec\"",
        "\"5 sec\" is not a span of time; write a whole number and ms, s, m, h or d",
    ),
    ("sync", "reconcile_every = \"0s\"", "sync.reconcile_every: 0s is out of range"),
    ("journal", "keep = \"30m\"", "journal.keep: 30m is out of range, 1h to 3650d"),
    (
        "journal",
        "max_size_mib = 8",
        "journal.max_size_mib: 8 is out of range, 16 to 16777216, or 0",
    ),
    ("sync", "default_reason = \"  \"", "sync.default_reason: is empty"),
    ("sync", "adopt_labelled = \"yes\"", "sync.adopt_labelled: must be true or false, not a text"),
    (
        "sync",
        "on_source_loss = { policy = \"relase\" }",
        "sync.on_source_loss.policy: \"relase\" is not known; did you mean \"release\"?",
    ),
    (
        "sync",
        "on_source_loss = { polic = \"hold\" }",
        "sync.on_source_loss.polic: unknown key; did you mean \"policy\"?",
    ),
    (
        "sync",
        "on_source_loss = { policy = \"release\", after = \"2s\" }",
        "sync.on_source_loss.after: 2s is sooner than presence is stale; use at least sync.stale_after, 5s",
    ),
    (
        "finesse",
        "poll_interval = \"499ms\"",
        "finesse.poll_interval: 499ms is out of range, 500ms to 1m",
    ),
    ("finesse", "ca_file = \"none.pem\"", "finesse.ca_file: the file none.pem: does not exist"),
    ("finesse", "ca_file = \"token\"", "finesse.ca_file: the file token: holds no certificate"),
    ("webex", "people_per_minute = 0", "webex.people_per_minute: 0 is out of range, 1 to 3000"),
    ("webex", "people_per_minute = -1", "webex.people_per_minute: must be a whole number"),
    (
        "webex",
        "api_url = \"http://webexapis.com/v1\"",
        "webex.api_url: \"http://webexapis.com/v1\" would be sent in the clear; use https",
    ),
    ("webex", "api_url = \"ws://127.0.0.1/\"", "webex.api_url: \"ws\" is not a scheme"),
    (
        "webex",
        "api_url = \"https://s3cret:s3cret@webexapis.com\"",
        "webex.api_url: contains a name or a password",
    ),
    ("webex", "api_url = \"webexapis.com\"", "webex.api_url: is not an address"),
    (
        "webex",
        "api_url = \"https://evil.example/v1\"",
        "webex.api_url: the host \"evil.example\" is not in webex.trusted_domains",
    ),
    ("webex", "api_url = \"https://evilwebexapis.com/v1\"", "is not in webex.trusted_domains"),
    (
        "webex",
        "trusted_domains = [\"com\", \"wbx2.com\", \"webexapis.com\"]",
        "webex.trusted_domains[0]: \"com\" is not a host that can be trusted",
    ),
    ("webex", "trusted_domains = [\"https://wbx2.com\"]", "write a host alone"),
    ("webex", "trusted_domains = []", "webex.trusted_domains: lists 0 hosts"),
    (
        "webex",
        "trusted_domains = [\"wbx2.com\"]",
        "webex.api_url: the host \"webexapis.com\" is not in",
    ),
    ("agents", "users = [1001]", "agents.users[0]: must be a text, not a number; put it in quotes"),
    ("agents", "users = [\" \"]", "agents.users[0]: is empty"),
    ("agents", "overrides = { a = \"b\" }", "agents.overrides.a: \"b\" is not a mail address"),
    ("http", "tls_cert_file = \"a.pem\"", "http.tls_key_file: is missing; add tls_key_file"),
    ("http", "tls_key_file = \"a.pem\"", "http.tls_cert_file: is missing; add tls_cert_file"),
    (
        "http",
        "tls_cert_file = \"/dev/zero\"\ntls_key_file = \"/dev/zero\"",
        "http.tls_cert_file: the file /dev/zero: has more than 131072 bytes",
    ),
    ("http", "trusted_proxies = [\"proxy\"]", "http.trusted_proxies[0]: \"proxy\" is no network"),
    ("http", "listen = \"8480\"", "http.listen: \"8480\" is not an address with a port"),
    (
        "http",
        "finesse_origins = [\"https://f1.example.com/desktop\"]",
        "http.finesse_origins[0]: \"https://f1.example.com/desktop\" has a path",
    ),
    ("state", "dir = \"token\"", "is a file; give a folder"),
    (
        "rules",
        "file = \"none.toml\"",
        "lockstep.toml:14:8: rules.file: the file none.toml: does not exist",
    ),
    ("state", "[sycn]", "sycn: unknown section; did you mean [sync]?"),
    ("state", "[webex]", "not TOML"),
];

#[test]
fn each_mistake_is_named_with_key_place_and_remedy() {
    let folder = Folder::new();
    for (section, line, expected) in MISTAKES {
        refused(&folder, &text(&[(section, line)]), &[], expected);
    }
}

#[test]
fn what_is_required_is_missed_by_name() {
    let folder = Folder::new();
    let all = text(&[]);
    let cases = [
        (
            "token_file = \"token\"",
            "",
            "lockstep.toml:1:2: webex.token: is missing; add token_file",
        ),
        (
            "token_file = \"token\"",
            "client_id = \"C\"",
            "webex.client_secret: is missing; add client_secret_file",
        ),
        (
            "token_file = \"token\"",
            "token = \"s3cret\"\nclient_id = \"C\"",
            "webex.token: stands beside the keys of an integration",
        ),
        (
            "nodes = [\"https://f1.example.com:8445\"]",
            "",
            "finesse.nodes: is missing; add nodes = [",
        ),
        (
            "nodes = [\"https://f1.example.com:8445\"]",
            "nodes = []",
            "finesse.nodes: lists 0 addresses",
        ),
        ("admin = {", "# {", "finesse.admin: is missing; add admin = {"),
        ("{ user = \"administrator\", ", "{ ", "finesse.admin.user: is missing"),
        ("user = \"administrator\"", "user = \"a:b\"", "finesse.admin.user: has a colon"),
        (
            "user = \"administrator\"",
            "usr = \"a\"",
            "finesse.admin.usr: unknown key; did you mean \"user\"?",
        ),
        (
            ", password_file = \"admin\"",
            "",
            "finesse.admin.password: is missing; add password_file",
        ),
        ("supervisors = [", "# [", "finesse.supervisors: is missing: in the modes server and auto"),
        (
            "password = \"s3cret-boss\"",
            "password = 7",
            "finesse.supervisors[0].password: must be a text",
        ),
        ("teams = [\"Sales\"]", "", "agents.teams: nobody is watched; add teams"),
        (
            "mode = \"server\"",
            "mode = \"gadget\"",
            "http.public_url: is missing: in the modes gadget and auto",
        ),
        ("mode = \"server\"", "", "http.finesse_origins: is missing: in the modes gadget and auto"),
        (
            "mode = \"server\"",
            "mode = \"sever\"",
            "sync.mode: \"sever\" is not known; did you mean \"server\"?",
        ),
        (
            "[sync]",
            "hold_down = \"1s\"\n[sync]",
            "agents.hold_down: unknown key; it belongs to [sync]",
        ),
        (
            "[webex]",
            "hold_down = \"1s\"\n[webex]",
            "hold_down: unknown section; the key hold_down belongs to [sync]",
        ),
        ("mode = \"server\"", "mode = \"server", "lockstep.toml:11:15: not TOML"),
    ];
    for (from, to, expected) in cases {
        assert!(all.contains(from), "{from}");
        refused(&folder, &all.replace(from, to), &[], expected);
    }
}

#[test]
fn every_problem_is_reported_at_once_in_order() {
    let folder = Folder::new();
    let text = "[webex]\ntoken_file = \"none\"\n[finesse]\nnodes = 1\n[sync]\nmode = \"x\"\nhold_down = \"9h\"\n";
    let problems = folder.load(text, &[]).expect_err("broken").0;
    let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
    let expected = [
        "agents.teams",
        "webex.token_file",
        "finesse.admin",
        "finesse.nodes",
        "sync.mode",
        "sync.hold_down",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_wrong_rules_file_is_named_with_line_and_rule() {
    let folder = Folder::new();
    let rule = "[[rule]]\nid = \"a\"\nwhen = { statsu = \"dnd\" }\nset = \"free\"\n[default]\nset = \"leave\"\n";
    folder.write("rules.toml", rule);
    let config = text(&[("rules", "file = \"rules.toml\"")]);
    refused(
        &folder,
        &config,
        &[],
        "rules.toml:3:10: rule \"a\", when.statsu: unknown fact \"statsu\"",
    );
    let free = rule.replace("statsu", "status").replace("\"free\"", "{ state = \"NOT_READY\" }");
    folder.write("rules.toml", &free);
    assert!(folder.load(&config, &[]).is_ok(), "a supervisor needs no reason");
    let auto = config.replace("\"server\"", "\"auto\"");
    refused(
        &folder,
        &auto,
        &[],
        "rules.toml:1:1: rule \"a\", set.reason: mode auto needs a reason",
    );
    folder.write("rules.toml", &rule.replace("statsu = \"dnd\"", "status = \"buzy\""));
    let warnings = folder.load(&config, &[]).expect("only a warning").warnings;
    assert!(warnings[0].to_string().contains("did you mean \"busy\"?"), "{warnings:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    let missing = Config::load(&folder.path(), super::NONE).expect_err("missing");
    assert!(missing.to_string().contains("lockstep.toml: does not exist; give the path"));
    refused(&folder, &"# x\n".repeat(300_000), &[], "lockstep.toml: has more than 1048576 bytes");
}

/// A device tells no size and does not end.
#[test]
fn a_file_without_end_is_not_read_to_its_end() {
    let folder = Folder::new();
    let cases = [
        ("webex", "ca_file = \"/dev/zero\"", "/dev/zero: has more than 1048576 bytes"),
        ("rules", "file = \"/dev/zero\"", "/dev/zero: has more than 65536 bytes"),
    ];
    for (section, line, expected) in cases {
        refused(&folder, &text(&[(section, line)]), &[], expected);
    }
    let origin = Path::new("/dev/zero");
    let none: [(&str, &str); 0] = [];
    let problems = Config::load(origin, none).expect_err("no end").to_string();
    assert!(problems.contains("/dev/zero: has more than 1048576 bytes"), "{problems}");
}

#[test]
fn of_many_problems_the_first_hundred_are_told() {
    let folder = Folder::new();
    let keys: Vec<String> = (0..500).map(|n| format!("k{n} = 1")).collect();
    let problems =
        folder.load(&text(&[("sync", &keys.join("\n"))]), &[]).expect_err("500 problems");
    assert_eq!(problems.0.len(), 101);
    assert_eq!(problems.0[100].what, "400 problems more are not shown");
}

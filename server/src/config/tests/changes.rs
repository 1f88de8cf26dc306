use super::{Folder, NONE, text};

/// A change that is neither applied nor told would be a riddle: a mended password, above all.
#[test]
fn what_is_read_at_the_start_only_is_named_when_it_changes() {
    let folder = Folder::new();
    let start = folder.load(&text(&[]), &NONE).expect("good");
    assert!(start.needs_restart(&start).is_empty());

    folder.write("token", "s3cret-other");
    let lines = [
        ("webex", "people_per_minute = 60"),
        ("webex", "u2c_url = \"https://u2c.example.webex.com/\""),
        ("webex", "api_url = \"https://api.example.webex.com/v1\""),
        ("webex", "trusted_domains = [\"webex.com\"]"),
        ("finesse", "poll_interval = \"5s\""),
        ("sync", "reconcile_every = \"1m\""),
        ("http", "listen = \"127.0.0.1:9\""),
        ("http", "trusted_proxies = [\"10.0.0.0/8\"]"),
        ("state", "dir = \"elsewhere\""),
        ("traces", "endpoint = \"http://127.0.0.1:4318\""),
    ];
    let text = text(&lines).replace("f1.", "f2.");
    let keys = start.needs_restart(&folder.load(&text, &NONE).expect("good"));
    let expected = [
        "the webex token",
        "webex.u2c_url",
        "webex.api_url",
        "webex.trusted_domains",
        "webex.people_per_minute",
        "finesse.nodes",
        "finesse.poll_interval",
        "sync.reconcile_every",
        "http.listen",
        "http.trusted_proxies",
        "state.dir",
        "traces",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn what_is_applied_while_running_needs_no_restart() {
    let folder = Folder::new();
    let start = folder.load(&text(&[]), &NONE).expect("good");
    let more = [
        ("agents", "users = [\"ann\"]"),
        ("sync", "hold_down = \"1s\""),
        ("journal", "keep = \"7d\""),
        ("sync", "on_source_loss = { policy = \"release\" }"),
    ];
    folder.write("admin", "s3cret-mended");
    let text = text(&more).replace("s3cret-boss", "s3cret-chief");
    let new = folder.load(&text, &NONE).expect("good");
    assert!(start.needs_restart(&new).is_empty());
}

//! The largest inputs that the readers let through, of the shapes that cost most: a fuzzer's inputs
//! are small, and what grows with the square of the size shows in large ones only.

use std::fmt::Write as _;
use std::time::Duration;

use lockstep_fuzz::Target;
use tokio::time::Instant;

/// Time for one input, in a build without optimisation on a machine that does other things too.
/// What grows with the square takes minutes.
const SPAN: Duration = Duration::from_secs(30);
const MIB: usize = 1024 * 1024;

/// As much of `unit`, between `head` and `tail`, as makes `bytes`.
fn filled(head: &str, unit: &str, tail: &str, bytes: usize) -> String {
    let count = bytes.saturating_sub(head.len() + tail.len()) / unit.len();
    format!("{head}{}{tail}", unit.repeat(count))
}

/// As [`filled`], with units that are all different.
fn numbered(head: &str, unit: impl Fn(usize) -> String, tail: &str, bytes: usize) -> String {
    let mut text = head.to_owned();
    for number in 0.. {
        let unit = unit(number);
        if text.len() + unit.len() + tail.len() > bytes {
            break;
        }
        text.write_str(&unit).expect("a text");
    }
    text + tail
}

/// One test for all: memory is counted for the whole process.
#[test]
fn the_largest_inputs_cost_time_and_memory_in_proportion() {
    // Reads: 256 KiB of a frame, 4 MiB of an answer of Webex, several MiB of Finesse, 1 MiB of
    // configuration, 64 KiB of rules.
    for (name, input) in [webex(), finesse(), configurations(), rules()].concat() {
        let target = Target::named(name).expect("a target");
        let began = Instant::now();
        target.run(input.as_bytes());
        let (took, shape) = (began.elapsed(), &input[..input.floor_char_boundary(60)]);
        assert!(took < SPAN, "{name}: {took:?} for {} bytes: {shape}…", input.len());
    }
}

type Input = (&'static str, String);

fn webex() -> Vec<Input> {
    let counters = r#"{"data":{"eventType":"apheleia.subscription_update","subject":"p","status":"dnd","vectorCounters":{"counters":{"#;
    let frame = 256 * 1024;
    let item = |n: usize| format!(r#"{{"subject":"p{n}","responseCode":409,"evicted":"p"}},"#);
    let device = |n: usize| format!(r#"{{"url":"https://w/{n}","deviceType":"DESKTOP"}},"#);
    vec![
        ("webex_frames", filled("", "[", "", frame)),
        ("webex_frames", filled(r#"{"data":["#, "[],", "0]}", frame)),
        ("webex_frames", numbered(counters, |n| format!(r#""{n}":{n},"#), r#""x":1}}}}"#, frame)),
        ("webex_replies", numbered(r#"{"responses":["#, item, "0]}", 4 * MIB)),
        ("webex_replies", filled(r#"{"statusList":["#, "0,", "0]}", 4 * MIB)),
        ("webex_addresses", numbered(r#"{"devices":["#, device, "0]}", 4 * MIB)),
        ("webex_addresses", filled(r#"{"url":"https://wbx2.com/"#, "/..", r#""}"#, 4 * MIB)),
        ("webex_people", filled("a\n{\"items\":[{\"id\":\"", "Y", "\"}]}", 4 * MIB)),
        ("webex_tokens", filled("400\n{\"message\":\"", "hush-PF84-hush", "\"}", 4 * MIB)),
    ]
}

fn finesse() -> Vec<Input> {
    let body = 2 * MIB;
    let user = |n: usize| format!("<User><loginId>{n}</loginId><teamId>{n}</teamId></User>");
    let team = |n: usize| format!("<Team><id>{n}</id></Team>");
    let code = |n: usize| format!("<ReasonCode><id>{n}</id><label>x</label></ReasonCode>");
    vec![
        ("finesse_users", numbered("<Users>", user, "</Users>", body)),
        ("finesse_users", numbered("<User><teams>", team, "</teams></User>", body)),
        ("finesse_users", filled("<User>", "<a>", "", body)),
        ("finesse_users", filled("<User>", "<a/>", "</User>", body)),
        ("finesse_users", filled("<User><state>", "&amp;", "</state></User>", body)),
        ("finesse_users", filled("<User ", "a='' ", "/>", body)),
        ("finesse_users", filled("<!DOCTYPE User [", "<!ENTITY x 'y'>", "]><User/>", body)),
        ("finesse_users", filled("<Users>", "<x><User/></x>", "</Users>", body)),
        ("finesse_reason_codes", numbered("<ReasonCodes>", code, "</ReasonCodes>", body)),
        (
            "finesse_system_info",
            filled("<SystemInfo><status>", "x", "</status></SystemInfo>", body),
        ),
        (
            "finesse_errors",
            filled(
                "400\n<ApiErrors><ApiError><ErrorData>",
                "hush-hush",
                "</ErrorData></ApiError></ApiErrors>",
                body,
            ),
        ),
    ]
}

fn configurations() -> Vec<Input> {
    let all = [
        filled("[agents]\nusers = [", "\"a\",", "]", MIB),
        filled("[agents]\nusers = [", "\n\"a\",", "]", MIB),
        numbered("", |n| format!("k{n}=1\n"), "", MIB),
        numbered("[sync]\n", |n| format!("k{n}=1\n"), "", MIB),
        numbered("[agents.overrides]\n", |n| format!("k{n}=1\n"), "", MIB),
        filled("[sync]\n", "x", "=1", MIB),
        filled("[sync]\na", ".a", "=1", MIB),
        filled("[a", ".a", "]", MIB),
        filled("a=", "[", "", MIB),
        filled("a=", "{a=", "", MIB),
        filled("", "=", "", MIB),
    ];
    all.into_iter().map(|text| ("config", text)).collect()
}

fn rules() -> Vec<Input> {
    let size = 64 * 1024;
    let all = [
        numbered("", |n| format!("k{n}=1\n"), "", size),
        filled("", "[[rule]]\n", "", size),
        filled("[[rule]]\nid=\"a\"\nwhen={status=[", "\"a\",", "]}\nset=\"free\"\n", size),
        filled("", "x", "=1", size),
        filled("a", ".a", "=1", size),
        filled("", "=", "", size),
    ];
    all.into_iter().map(|text| ("rules", text)).collect()
}

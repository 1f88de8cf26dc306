use std::path::Path;

use lockstep::config::{Config, Problem};

/// Stands for a secret wherever the corpus has one.
const SECRET: &str = "hush-PF84-hush";
/// Nothing is below it, so that no file which an input names is there.
const PATH: &str = "/nowhere/lockstep.toml";
/// Bytes of one problem's text beyond what it repeats of the file.
const OWN_WORDS: usize = 4_000;

/// A configuration: refused with reasons or taken, and in neither case is a secret told.
pub(crate) fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The files that it names are read, and a device among them might never end.
    if text.contains("/dev") || text.contains("/proc") {
        return;
    }
    let none: [(&str, &str); 0] = [];
    let told = match Config::parse(Path::new(PATH), text, none) {
        Ok(config) => {
            assert!(config.sync.hold_down.as_secs() <= 60);
            assert!(config.finesse.poll_interval.as_millis() >= 500);
            assert!(!config.finesse.nodes.is_empty());
            let server = config.sync.mode.has_server();
            assert!(!server || !config.finesse.supervisors.is_empty());
            bounded(&config.warnings, text);
            format!("{config:?}")
        }
        Err(problems) => {
            assert!(!problems.0.is_empty(), "what is refused has a reason");
            bounded(&problems.0, text);
            format!("{problems}\n{problems:?}")
        }
    };
    if is_secret(text) {
        assert!(!told.contains(SECRET), "the secret is told: {told}");
    }
}

fn bounded(problems: &[Problem], text: &str) {
    for problem in problems {
        assert!(!problem.what.is_empty() && !problem.remedy.is_empty(), "{problem}");
        let bytes = problem.to_string().len();
        assert!(bytes <= OWN_WORDS + 8 * text.len(), "{bytes} bytes of one problem");
    }
}

/// Is the secret where secrets belong, and nowhere else? In a text that is no TOML nobody can say
/// where it belongs, so that nothing of it may be told.
fn is_secret(text: &str) -> bool {
    let Ok(document) = text.parse::<toml::Table>() else { return true };
    let webex = document.get("webex");
    let finesse = document.get("finesse");
    let supervisors = finesse.and_then(|finesse| finesse.get("supervisors")?.as_array());
    let mut places = vec![finesse.and_then(|finesse| finesse.get("admin")?.get("password"))];
    places.extend(
        ["token", "client_secret", "refresh_token"].map(|key| webex.and_then(|w| w.get(key))),
    );
    places.extend(supervisors.into_iter().flatten().map(|one| one.get("password")));
    let count = |text: &str| text.matches(SECRET).count();
    let in_place: usize =
        places.into_iter().flatten().filter_map(toml::Value::as_str).map(count).sum();
    in_place == count(text)
}

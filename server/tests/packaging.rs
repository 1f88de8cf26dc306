//! What is shipped beside the binary names only what there is: metrics, labels, keys, files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("in the workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text of every source file of the server.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let text = |path: PathBuf| match path.extension() {
        None => sources(&path),
        Some(end) if end == "rs" => fs::read_to_string(path).expect("text"),
        Some(_) => String::new(),
    };
    entries.map(|entry| text(entry.path())).collect()
}

/// Words of small letters and `_`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'))
}

/// Names of metrics in an expression, without the endings that a histogram adds.
fn metrics(text: &str) -> BTreeSet<String> {
    let own = words(text).filter(|word| word.starts_with("lockstep_"));
    own.map(|word| {
        let ends = ["_bucket", "_sum", "_count"];
        ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()
    })
    .collect()
}

/// Every expression of the dashboard.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value.as_str().filter(|_| name == "expr" || name == "query") {
                    Some(text) => found.push(text.to_owned()),
                    None => expressions(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

#[test]
fn every_metric_of_the_rules_and_the_dashboard_is_one_that_the_server_counts() {
    let source = sources(&root().join("server/src"));
    let exists = |name: &str| source.contains(&format!("\"{name}\""));
    let dashboard: Value =
        serde_json::from_str(&read("packaging/grafana/lockstep.json")).expect("JSON");
    let mut expressions_of = Vec::new();
    expressions(&dashboard, &mut expressions_of);
    assert!(expressions_of.len() >= 20, "{}", expressions_of.len());
    let rules = read("packaging/prometheus/lockstep.rules.yml");
    for (place, text) in [("rules", rules), ("dashboard", expressions_of.join("\n"))] {
        let named = metrics(&text);
        assert!(named.len() > 5, "{place}: {named:?}");
        let missing: Vec<_> = named.iter().filter(|name| !exists(name)).collect();
        assert!(missing.is_empty(), "{place}: {missing:?}");
    }
}

/// A sum by a label that does not exist is one number, and looks right.
#[test]
fn every_label_that_is_summed_by_is_one_that_the_server_sets() {
    let source = sources(&root().join("server/src"));
    let dashboard = read("packaging/grafana/lockstep.json");
    let rules = read("packaging/prometheus/lockstep.rules.yml");
    let text = format!("{dashboard}\n{rules}");
    let mut count = 0;
    for opens in ["by (", "without (", "ignoring ("] {
        for rest in text.split(opens).skip(1) {
            let labels = rest.split(')').next().unwrap_or_default();
            for label in labels.split(',').map(str::trim).filter(|label| *label != "le") {
                count += 1;
                assert!(source.contains(&format!("\"{label}\" =>")), "{label} in {opens}{labels})");
            }
        }
    }
    assert!(count > 5, "{count}");
}

#[test]
fn the_names_in_an_expression_are_found() {
    let text = "rate(lockstep_a_seconds_bucket{job=\"x\"}[5m]) / lockstep_b_total";
    let expected = ["lockstep_a_seconds", "lockstep_b_total"].map(str::to_owned);
    assert_eq!(metrics(text), BTreeSet::from(expected));
}

/// No secret is in a unit's environment or on a command line, where everybody can read it.
#[test]
fn neither_the_unit_nor_the_image_has_a_place_for_secrets_that_others_can_read() {
    let unit = read("packaging/systemd/lockstep.service");
    let image = read("packaging/Dockerfile");
    for (name, text) in [("unit", &unit), ("image", &image)] {
        for word in ["TOKEN", "PASSWORD", "SECRET", "--token", "--password"] {
            assert!(!text.contains(word), "{word} in the {name}");
        }
    }
    assert!(!unit.contains("\nEnvironment"), "the environment is in /proc and in systemctl show");
    assert!(
        unit.contains("\nExecStart=/usr/bin/lockstep run --config /etc/lockstep/lockstep.toml\n")
    );
    assert!(unit.contains("\nLimitCORE=0\n"), "no core with passwords");
}

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

const PLACES: [(&str, Placement); 3] = [
    ("page.xml", Placement::Page),
    ("tab.xml", Placement::Tab),
    ("headless.xml", Placement::Headless),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../layout")
}

fn xml(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "xml")).collect();
    all.sort();
    all
}

#[test]
fn every_example_is_its_base_with_the_gadget_in_it() {
    let mut seen = BTreeSet::new();
    for base in xml(&folder().join("base")) {
        let version = base.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read(&base).unwrap();
        for (name, placement) in PLACES {
            let path = folder().join(&version).join(name);
            if version == "11.6" && placement == Placement::Headless {
                assert!(!path.exists(), "headless gadgets are not documented for 11.6");
                continue;
            }
            let example = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let outcome = add(&text, Roles::All, placement);
            assert_eq!(outcome.bytes, example, "{}", path.display());
            let roles: Vec<_> = outcome.roles.iter().map(|role| role.role.as_str()).collect();
            assert_eq!(roles, ["Agent", "Supervisor"]);
            seen.insert(version.clone());
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["11.6", "12.5", "12.6", "15"]);
}

#[test]
fn every_example_parses_and_validates() {
    for version in ["base", "11.6", "12.5", "12.6", "15"] {
        for path in xml(&folder().join(version)) {
            let text = fs::read(&path).unwrap();
            let layout = Layout::read(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(layout.findings(), [], "{}", path.display());
            let ours = layout.places(&address()).len();
            assert_eq!(ours, if version == "base" { 0 } else { 2 }, "{}", path.display());
        }
    }
}

#[test]
fn every_fragment_fits_where_it_says() {
    let fragments = xml(&folder().join("fragments"));
    assert_eq!(fragments.len(), 5);
    for path in fragments {
        let fragment = fs::read_to_string(&path).unwrap();
        let text = match path.file_name().unwrap().to_str().unwrap() {
            "own-tab.xml" => agent(&format!("<page/><tabs>{fragment}</tabs>")),
            "tab.xml" => agent(&format!(
                "<tabs><tab><id>home</id><gadgets>{fragment}</gadgets></tab></tabs>"
            )),
            _ => agent(&format!("<page>{fragment}</page>")),
        };
        let layout = Layout::read(text.as_bytes()).unwrap();
        assert_eq!(layout.findings(), [], "{}", path.display());
        let uploaded: Address = "/3rdpartygadget/files/lockstep/lockstep.xml".parse().unwrap();
        let found = layout.places(&address()).len() + layout.places(&uploaded).len();
        assert_eq!(found, 1, "{}", path.display());
    }
}

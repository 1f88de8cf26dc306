use std::fs;
use std::path::Path;

use super::super::manifest::embed;

fn bundle(json: &str, files: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("assets")).unwrap();
    for file in files {
        fs::write(dir.path().join(file), file).unwrap();
    }
    fs::write(dir.path().join("bundle.json"), json).unwrap();
    dir
}

const JSON: &str = r#"{"loader": "loader.js", "xml": "lockstep.xml", "files": [
    {"path": "assets/a.0a1b2c3d.js", "type": "text/javascript", "gzip": "assets/a.0a1b2c3d.js.gz",
     "brotli": "assets/a.0a1b2c3d.js.br"},
    {"path": "assets/b.wasm", "type": "application/wasm", "gzip": null}
]}"#;
const FILES: &[&str] = &[
    "loader.js",
    "lockstep.xml",
    "assets/a.0a1b2c3d.js",
    "assets/a.0a1b2c3d.js.gz",
    "assets/a.0a1b2c3d.js.br",
    "assets/b.wasm",
];

#[test]
fn a_build_embeds_what_the_bundle_names_and_the_loader() {
    let dir = bundle(JSON, FILES);
    let code = embed(dir.path()).unwrap();
    let whole = |name: &str| format!("{:?}", dir.path().join(name));
    for part in [
        format!("xml: include_str!({})", whole("lockstep.xml")),
        format!(
            "path: \"loader.js\", media_type: \"text/javascript\", body: include_bytes!({})",
            whole("loader.js")
        ),
        format!("gzip: Some(include_bytes!({})),", whole("assets/a.0a1b2c3d.js.gz")),
        format!("brotli: Some(include_bytes!({}))", whole("assets/a.0a1b2c3d.js.br")),
        format!("body: include_bytes!({}), gzip: None, brotli: None", whole("assets/b.wasm")),
    ] {
        assert!(code.contains(&part), "{part}\nis not in\n{code}");
    }
    assert_eq!(code.matches("EmbeddedFile {").count(), 3, "{code}");
}

#[test]
fn a_build_without_a_bundle_embeds_nothing() {
    assert_eq!(embed(Path::new("/nowhere")).unwrap(), "None");
}

#[test]
fn a_bundle_that_cannot_be_used_is_refused_with_a_remedy() {
    let cases = [
        (JSON.replace("assets/b.wasm", "assets/c.wasm"), "names assets/c.wasm, which is not there"),
        (JSON.replace("assets/b.wasm", "../b.wasm"), "not a path inside the bundle"),
        (JSON.replace("assets/b.wasm", "/etc/passwd"), "not a path inside the bundle"),
        (JSON.replace("assets/b.wasm", ""), "not a path inside the bundle"),
        (JSON.replace("\"xml\"", "\"yml\""), "missing field `xml`"),
        ("{".to_owned(), "run `cargo xtask gadget` again"),
    ];
    for (json, expected) in cases {
        let error = embed(bundle(&json, FILES).path()).expect_err(expected);
        assert!(error.contains(expected), "{error}");
    }
}

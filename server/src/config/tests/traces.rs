//! Where traces go, by our own key and by the names that every program knows.

use super::{Folder, refused, text};

fn endpoint(more: &[(&str, &str)], environment: &[(&str, &str)]) -> Option<String> {
    let config = Folder::new().load(&text(more), environment).expect("good");
    config.traces.endpoint.map(|url| url.to_string())
}

#[test]
fn nobody_collects_traces_unless_told() {
    assert_eq!(endpoint(&[], &[]), None);
    assert_eq!(endpoint(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), None, "blank is not set");
}

#[test]
fn the_path_is_added_where_there_is_none() {
    let of = |url: &str| {
        let line = format!("endpoint = \"{url}\"");
        endpoint(&[("traces", &line)], &[]).expect(url)
    };
    assert_eq!(of("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
    assert_eq!(of("https://otel.example.com/my/own"), "https://otel.example.com/my/own");
}

#[test]
fn the_standard_names_stand_in_for_what_is_not_given() {
    const BASE: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otel.example.com/base/");
    const WHOLE: (&str, &str) = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://t.example.com/x");
    let own = [("traces", "endpoint = \"https://own.example.com/own\"")];
    let given = |more: &[(&str, &str)], environment: &[(&str, &str)]| {
        endpoint(more, environment).unwrap_or_default()
    };
    assert_eq!(given(&[], &[BASE]), "https://otel.example.com/base/v1/traces");
    assert_eq!(given(&[], &[BASE, WHOLE]), "https://t.example.com/x");
    assert_eq!(given(&own, &[BASE, WHOLE]), "https://own.example.com/own");
    for off in [("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_EXPORTER", "none")] {
        assert_eq!(given(&own, &[BASE, off]), "", "{off:?}");
    }
}

/// A cluster's own variable must not keep anybody from starting; what is written for us must be right.
#[test]
fn what_a_machine_tells_all_its_programs_is_a_warning_where_it_is_wrong() {
    let folder = Folder::new();
    let clear = "http://otel.example.com:4318";
    let load = |environment: &[(&str, &str)]| folder.load(&text(&[]), environment).expect("good");
    let config = load(&[("OTEL_EXPORTER_OTLP_ENDPOINT", clear)]);
    assert_eq!(config.traces.endpoint, None);
    assert!(config.warnings[0].what.contains("in the clear"), "{:?}", config.warnings);
    let spoken = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ];
    assert!(load(&spoken).warnings[0].what.contains("http/protobuf"), "told");
    let own = [("traces", "endpoint = \"http://otel.example.com:4318\"")];
    refused(
        &folder,
        &text(&own),
        &[],
        "traces.endpoint: \"http://otel.example.com:4318\" would be",
    );
}

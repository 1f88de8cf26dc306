//! `[traces]`: who collects traces, if anybody.

use std::path::Path;

use url::Url;

use super::address::{self, Shape};
use super::file::{self, CaFile};
use super::item::{Item, Table};
use super::problem::Report;

/// The keys of `[traces]`.
pub(super) const KEYS: &[&str] = &["endpoint", "ca_file"];

/// What is added to an address that names no path, as OpenTelemetry has it.
const PATH: &str = "/v1/traces";
/// The names that every program with traces knows: each stands in for a key that is not given. The
/// first that is set counts.
const ENDPOINT_OF_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const CA_OF_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE";
const CA: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const PROTOCOL_OF_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";

/// `[traces]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// Where spans are sent, by OTLP over HTTP; `None`: nowhere, and none are made.
    pub endpoint: Option<Url>,
    /// Certificates to trust in addition.
    pub ca: Option<CaFile>,
}

/// The standard names among the environment's.
#[derive(Default)]
pub(super) struct Standard(Vec<(&'static str, String)>);

impl Standard {
    /// Takes a variable that is one of them; an empty one is as good as none.
    pub(super) fn take(&mut self, name: &str, value: &str) {
        let names = [
            ENDPOINT_OF_TRACES,
            ENDPOINT,
            CA_OF_TRACES,
            CA,
            DISABLED,
            EXPORTER,
            PROTOCOL_OF_TRACES,
            PROTOCOL,
        ];
        let known = names.into_iter().find(|known| *known == name);
        if let Some(known) = known.filter(|_| !value.trim().is_empty()) {
            self.0.push((known, value.trim().to_owned()));
        }
    }

    /// Puts what they say where `[traces]` says nothing itself.
    pub(super) fn apply(&self, table: &mut Table, report: &mut Report) {
        let off = self.says(DISABLED).is_some_and(|told| told.eq_ignore_ascii_case("true"))
            || self.says(EXPORTER) == Some("none");
        if off {
            table.entries.remove("endpoint");
            return;
        }
        let whole = self.says(ENDPOINT_OF_TRACES).map(|told| (ENDPOINT_OF_TRACES, told.to_owned()));
        let base = || {
            let told = self.says(ENDPOINT)?.trim_end_matches('/');
            Some((ENDPOINT, format!("{told}{PATH}")))
        };
        insert(table, "endpoint", whole.or_else(base));
        let mut ca = [CA_OF_TRACES, CA].into_iter();
        let ca = ca.find_map(|name| Some((name, self.says(name)?.to_owned())));
        insert(table, "ca_file", ca);
        if table.entries.contains_key("endpoint") {
            self.warn_of_protocol(report);
        }
    }

    fn warn_of_protocol(&self, report: &mut Report) {
        let mut names = [PROTOCOL_OF_TRACES, PROTOCOL].into_iter();
        let told = names.find_map(|name| Some((name, self.says(name)?)));
        if let Some((name, told)) = told.filter(|(_, told)| *told != "http/protobuf") {
            let place = super::Place::Environment(name.to_owned());
            let what = format!("{told:?} is not spoken: traces go by http/protobuf");
            let remedy = "let the endpoint be the collector's port for HTTP, 4318 by default";
            report.warning("traces.endpoint", &place, what, remedy);
        }
    }

    fn says(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

fn insert(table: &mut Table, key: &str, given: Option<(&str, String)>) {
    if let Some((variable, text)) = given
        && !table.entries.contains_key(key)
    {
        let path = table.path(key);
        table.entries.insert(key.to_owned(), Item::raw(path, variable, text));
    }
}

pub(super) fn read(table: &mut Table, base: &Path, report: &mut Report) -> Traces {
    // What a machine tells all its programs stops none of them: it is only not used.
    let told_to_all = |key: &str| {
        let place = table.entries.get(key).map(|item| &item.place);
        matches!(place, Some(super::Place::Environment(name)) if name.starts_with("OTEL_"))
    };
    let (lenient, lenient_ca) = (told_to_all("endpoint"), told_to_all("ca_file"));
    let endpoint = within(lenient, report, |report| {
        let mut url = address::read(table.take("endpoint")?, Shape::Base, report)?;
        if url.path() == "/" {
            url.set_path(PATH);
        }
        Some(url)
    });
    let ca = within(lenient_ca, report, |report| file::ca(table, base, report));
    Traces { endpoint, ca }
}

/// Reads by `read`, whose errors are warnings where that is `lenient`.
fn within<T>(lenient: bool, report: &mut Report, read: impl FnOnce(&mut Report) -> T) -> T {
    let mut own = Report::default();
    let value = read(&mut own);
    report.warnings.append(&mut own.warnings);
    if lenient {
        report.warnings.append(&mut own.errors);
    } else {
        report.errors.append(&mut own.errors);
    }
    value
}

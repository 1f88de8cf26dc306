//! The server's configuration for the demo: a real file, with what makes a day short.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Webex takes tokens of this form only.
const TOKEN: &str = "demo_PF84_6f1d2c3b-4a59-4e87-9c10-d2e3f4a5b6c7";
/// The password of everybody in finesse-sim.
pub(super) const PASSWORD: &str = "secret";
/// `sync.stale_after`: when the table shows presence as stale.
pub(super) const STALE_AFTER: std::time::Duration = std::time::Duration::from_secs(3);

/// Writes the configuration and its secrets into `folder`.
pub(super) fn write(folder: &Path, webex: &str, finesse: &str) -> anyhow::Result<PathBuf> {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
        anyhow::Ok(path)
    };
    put("webex-token", TOKEN)?;
    put("finesse-password", PASSWORD)?;
    put("lockstep.toml", &text(webex, finesse))
}

fn text(webex: &str, finesse: &str) -> String {
    let stale = STALE_AFTER.as_secs();
    format!(
        r#"# What `cargo xtask demo` runs. A real one needs less: the addresses are Webex's by default.
[webex]
token_file = "webex-token"
u2c_url = "{webex}/u2c/api/v1"
api_url = "{webex}/v1"
trusted_domains = ["127.0.0.1"]

[finesse]
nodes = ["{finesse}"]
admin = {{ user = "administrator", password_file = "finesse-password" }}
supervisors = [{{ user = "supervisor1", password_file = "finesse-password" }}]
poll_interval = "500ms"

[agents]
teams = ["Sales"]
email_domains = ["example.com"]

[sync]
mode = "server"
call_grace = "2s"       # 5s by default; the demo's day is short
stale_after = "{stale}s"     # 5s by default

[http]
listen = "127.0.0.1:0"
"#
    )
}

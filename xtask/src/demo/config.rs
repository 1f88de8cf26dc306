//! The server's configuration for the demo: a real file, with what makes a day short.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Webex takes tokens of this form only.
pub(crate) const TOKEN: &str = "demo_PF84_6f1d2c3b-4a59-4e87-9c10-d2e3f4a5b6c7";
/// The password of everybody in finesse-sim.
pub(crate) const PASSWORD: &str = "secret";
/// Extensions of finesse-sim begin here: the agent `1001007` is at `40007`.
const EXTENSIONS: usize = 40_001;
/// `sync.stale_after`: when the table shows presence as stale.
pub(super) const STALE_AFTER: std::time::Duration = std::time::Duration::from_secs(3);

/// The phone of the agent at this place in the table.
pub(super) const fn extension(who: usize) -> usize {
    EXTENSIONS + who
}

/// Where everything is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) webex: &'a str,
    pub(crate) finesse: &'a str,
    /// Where the server is to listen: browsers have to know it before it does.
    pub(crate) lockstep: SocketAddr,
}

/// Writes the configuration and its secrets into `folder`.
pub(super) fn write(folder: &Path, places: Places<'_>) -> anyhow::Result<PathBuf> {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
        anyhow::Ok(path)
    };
    put("webex-token", TOKEN)?;
    put("finesse-password", PASSWORD)?;
    put("lockstep.toml", &text(places))
}

/// The configuration itself.
pub(crate) fn text(Places { webex, finesse, lockstep }: Places<'_>) -> String {
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
mode = "auto"           # an open desktop's gadget sets its agent's state, the server the others'
call_grace = "2s"       # 5s by default; the demo's day is short
stale_after = "{stale}s"     # 5s by default

[http]
listen = "{lockstep}"
public_url = "http://{lockstep}"
finesse_origins = ["{finesse}"]
"#
    )
}

//! The other commands of the binary, run beside the server.

use std::process::{Output, Stdio};

use tokio::process::Command;

use crate::Site;
use crate::binary::lockstep;

/// What a command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Site {
    /// Runs a command with the site's configuration, on a clock that shows UTC.
    pub async fn command(&self, arguments: &[&str]) -> Said {
        let output = Command::new(lockstep())
            .args(arguments)
            .args(["--config", "lockstep.toml"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let Output { status, stdout, stderr } = output.await.expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Said { code: status.code(), out: text(stdout), err: text(stderr) }
    }
}

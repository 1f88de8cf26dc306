//! chromedriver as a process: started on a free port, ended with everything that it started.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::session::Told;

/// What drives the browser: the variable that names another one, and its name.
pub const CHROMEDRIVER: (&str, &str) = ("CHROMEDRIVER", "chromedriver");
/// The browser.
pub const CHROMIUM: (&str, &str) = ("CHROMIUM", "chromium");

/// How long chromedriver may take to close its browsers.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);

/// Attempts at a free port.
const MOST_STARTS: usize = 5;

/// A program by its variable, or by its name.
pub fn program((variable, name): (&str, &str)) -> String {
    std::env::var(variable).unwrap_or_else(|_| name.to_owned())
}

/// A running chromedriver and the sessions that it has open.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
    sessions: Mutex<Vec<String>>,
}

impl Driver {
    /// It draws its port for IPv4 and asks for the same one on IPv6, which may be taken.
    pub(crate) fn start(command: impl Fn(&Path) -> Command) -> Told<Self> {
        let program = program(CHROMEDRIVER);
        for _ in 0..MOST_STARTS {
            if let Some(driver) = Self::try_start(command(program.as_ref()), &program)? {
                return Ok(driver);
            }
        }
        Err(format!("{program} does not say on which port it listens"))
    }

    fn try_start(mut command: Command, program: &str) -> Told<Option<Self>> {
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| {
            format!(
                "{program} does not start ({error}): run `cargo xtask browser`, which installs it"
            )
        })?;
        let output = process.stdout.take().ok_or("chromedriver has no output")?;
        let mut lines = BufReader::new(output).lines();
        let Some(port) = lines.find_map(|line| port(&line.ok()?)) else {
            let _ = process.wait();
            return Ok(None);
        };
        // Read on: a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Some(Self { process, port, sessions: Mutex::default() }))
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// A session that has to be closed at the end.
    pub(crate) fn opened(&self, session: String) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    fn close(&self, session: &str) -> std::io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(CLOSES_WITHIN))?;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

/// `ChromeDriver was started successfully on port 40123.`
fn port(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

impl Drop for Driver {
    /// Also while a story fails: the browser is chromedriver's child and would outlive it.
    fn drop(&mut self) {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).split_off(0);
        for session in sessions {
            let _ = self.close(&session);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_found_in_what_the_driver_says() {
        let said = "ChromeDriver was started successfully on port 40123.";
        assert_eq!(port(said), Some(40_123));
        assert_eq!(port("Starting ChromeDriver 156.0 on port 0"), None);
    }
}

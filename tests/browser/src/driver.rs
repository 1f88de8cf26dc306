//! chromedriver as a process: started on a free port, ended with everything that it started.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long chromedriver may take to close its browsers.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);

/// Attempts at a free port.
const MOST_STARTS: usize = 5;

/// A running chromedriver and the sessions that it has open.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
    sessions: Mutex<Vec<String>>,
}

impl Driver {
    /// It draws its port for IPv4 and asks for the same one on IPv6, which may be taken.
    pub(crate) fn start() -> Self {
        let started = std::iter::repeat_with(Self::try_start).take(MOST_STARTS).flatten().next();
        started.expect("chromedriver says on which port it listens")
    }

    fn try_start() -> Option<Self> {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{} does not start ({error}): run `cargo xtask browser`, which installs it",
                    program.display()
                )
            });
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let Some(port) = lines.find_map(|line| port(&line.ok()?)) else {
            let _ = process.wait();
            return None;
        };
        // Read on: a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { process, port, sessions: Mutex::default() })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
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

//! Everything that happens in a run, as lines; the same lines for the same seed.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{self as lines, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;

/// Lines that a failing seed shows; what led to a wrong state began some minutes before.
const KEPT: usize = 400;

/// How much is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What the world does, and what Lockstep tells its operator.
    #[default]
    Usual,
    /// What Lockstep tells who looks for a fault, and every frame and request too.
    Everything,
}

/// A handle to the journal of one run; clones share it.
#[derive(Clone, Debug)]
pub struct Journal {
    pages: Arc<Mutex<Pages>>,
}

#[derive(Debug)]
struct Pages {
    /// The world's time, for lines that come from no host.
    now: Duration,
    deaf: bool,
    kept: VecDeque<String>,
    whole: Option<Vec<u8>>,
    digest: u64,
    count: u64,
}

impl Journal {
    /// An empty journal; `whole` keeps every line.
    pub fn new(whole: bool) -> Self {
        let pages = Pages {
            now: Duration::ZERO,
            deaf: false,
            kept: VecDeque::new(),
            whole: whole.then(Vec::new),
            digest: 0xcbf2_9ce4_8422_2325,
            count: 0,
        };
        Self { pages: Arc::new(Mutex::new(pages)) }
    }

    /// Notes one thing that the world did.
    pub fn note(&self, who: &str, what: impl fmt::Display) {
        let at = self.now();
        self.pages().line(&format!("{} {who}: {what}", Stamp(at)));
    }

    /// Tells the journal the time of the world.
    pub fn set_now(&self, now: Duration) {
        self.pages().now = now;
    }

    /// Nothing that is said now counts.
    pub fn set_deaf(&self, deaf: bool) {
        self.pages().deaf = deaf;
    }

    /// The time: a host's own where one is running, the world's otherwise.
    pub fn now(&self) -> Duration {
        turmoil::sim_elapsed().unwrap_or_else(|| self.pages().now)
    }

    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        self.pages().kept.iter().cloned().collect()
    }

    /// Every line, where they are kept.
    pub fn whole(&self) -> Option<Vec<u8>> {
        self.pages().whole.clone()
    }

    /// How many lines there were, and a digest of their bytes (FNV-1a).
    pub fn digest(&self) -> (u64, u64) {
        let pages = self.pages();
        (pages.count, pages.digest)
    }

    /// Takes in what Lockstep logs.
    pub fn subscriber(&self, detail: Detail) -> impl Subscriber + Send + Sync + use<> {
        let quiet = Targets::new().with_target("lockstep", tracing::Level::INFO);
        let targets = match detail {
            Detail::Usual => quiet,
            Detail::Everything => Targets::new()
                .with_target("lockstep", tracing::Level::TRACE)
                .with_target("webex_sim", tracing::Level::DEBUG),
        };
        let layer =
            lines::layer().with_ansi(false).with_timer(self.clone()).with_writer(self.clone());
        tracing_subscriber::registry().with(targets).with(layer)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn line(&mut self, line: &str) {
        if self.deaf {
            return;
        }
        for byte in line.bytes().chain([b'\n']) {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.count += 1;
        if let Some(whole) = &mut self.whole {
            whole.extend_from_slice(line.as_bytes());
            whole.push(b'\n');
        }
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(line.to_owned());
    }
}

/// `01:02:03.456` since the start.
struct Stamp(Duration);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, ms) = (self.0.as_secs(), self.0.subsec_millis());
        write!(f, "{:02}:{:02}:{:02}.{ms:03}", secs / 3600, secs / 60 % 60, secs % 60)
    }
}

impl FormatTime for Journal {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", Stamp(self.now()))
    }
}

/// The formatter writes each event with one call.
impl Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.pages().line(text.trim_end_matches('\n'));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Journal {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

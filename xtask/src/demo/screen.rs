//! The terminal: taken for the live table and always given back.

use std::io::{self, Stdout};
use std::mem::ManuallyDrop;
use std::sync::mpsc as blocking;
use std::time::Duration;

use anyhow::Context as _;
use crossterm::event::{self, Event};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::view::View;

/// How often the reader of keys looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// The terminal while it is ours. Dropping it gives it back; so does a panic.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    // Dropped with the screen, which ends the reader of keys.
    _reader: blocking::Sender<()>,
}

impl Screen {
    /// Takes the terminal; keys come over the channel.
    pub(super) fn take() -> anyhow::Result<(Self, mpsc::Receiver<Event>)> {
        let terminal = ratatui::try_init().context("failed to take the terminal")?;
        let (events, keys) = mpsc::channel(16);
        let (reader, wanted) = blocking::channel();
        std::thread::spawn(move || read(&events, &wanted));
        Ok((Self { terminal: ManuallyDrop::new(terminal), _reader: reader }, keys))
    }

    /// Shows a view.
    pub(super) fn show(&mut self, view: &View<'_>) -> io::Result<()> {
        self.terminal.draw(|frame| view.draw(frame.area(), frame.buffer_mut())).map(drop)
    }

    pub(super) fn width(&self) -> u16 {
        self.terminal.size().map_or(100, |size| size.width)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The terminal may be gone, and then there is nothing to give back. Ratatui would complain
        // on standard error, which is gone too, and panic: hence nothing of it is dropped.
        let _ = self.terminal.show_cursor();
        let _ = ratatui::try_restore();
    }
}

fn read(events: &mpsc::Sender<Event>, wanted: &blocking::Receiver<()>) {
    while matches!(wanted.try_recv(), Err(blocking::TryRecvError::Empty)) {
        match event::poll(LOOK) {
            Ok(false) => {}
            Ok(true) => {
                let Ok(event) = event::read() else { return };
                if events.blocking_send(event).is_err() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

//! One caller's socket, within bounds that HTTP and Socket.IO do not set: how much may come per
//! second, how long a caller may refuse to read, and an end that others can put to it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Bytes that may come at once: a desktop's first requests, a report, a sign-in.
const BURST: i64 = 256 * 1024;
/// Bytes per second after the burst. Ten full messages a second from a gadget are less than half of
/// it, and one connection of a proxy carries fifty requests a second.
const PER_SECOND: i64 = 64 * 1024;
/// How long a caller who sends too much waits; some 6 KiB are allowed again then.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a caller may refuse to read before the connection is given up. A desktop that is alive
/// reads within milliseconds; while nothing is read nothing else of the connection can end.
const STALLED: Duration = Duration::from_secs(10);

/// A caller's socket.
#[derive(Debug)]
pub(super) struct Line<S> {
    socket: S,
    /// Bytes that may come, below zero where more came than may.
    left: i64,
    refilled: Instant,
    /// Only while nothing may come.
    pause: Option<Pin<Box<Sleep>>>,
    /// Only while the caller does not read.
    stall: Option<Pin<Box<Sleep>>>,
    cut: Cut,
    _place: Place,
}

/// Ends the line from elsewhere; it travels with each request.
#[derive(Debug, Clone, Default)]
pub struct Cut(Arc<Scissors>);

#[derive(Debug, Default)]
struct Scissors {
    done: AtomicBool,
    reader: AtomicWaker,
}

impl Cut {
    /// Nothing more is read; what is being done for the caller ends.
    pub fn cut(&self) {
        self.0.done.store(true, Ordering::Release);
        self.0.reader.wake();
    }

    fn poll(&self, cx: &Context<'_>) -> io::Result<()> {
        self.0.reader.register(cx.waker());
        if self.0.done.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the server"));
        }
        Ok(())
    }
}

/// How many lines there are, upgraded ones included.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<AtomicUsize>);

/// One of them.
#[derive(Debug)]
pub(super) struct Place(Places);

impl Places {
    pub(super) fn taken(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn take(&self) -> Place {
        self.0.fetch_add(1, Ordering::AcqRel);
        Place(self.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<S> Line<S> {
    pub(super) fn new(socket: S, cut: Cut, place: Place) -> Self {
        let refilled = Instant::now();
        Self { socket, left: BURST, refilled, pause: None, stall: None, cut, _place: place }
    }

    /// Ready once something may come.
    fn poll_allowed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            self.refill();
            if self.left > 0 {
                return Poll::Ready(());
            }
            self.pause = Some(Box::pin(sleep(PAUSE)));
        }
    }

    fn refill(&mut self) {
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.refilled).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        // Less than a millisecond is counted with the next.
        if passed > 0 {
            let more = passed.saturating_mul(PER_SECOND) / 1_000;
            self.left = self.left.saturating_add(more).min(BURST);
            self.refilled = now;
        }
    }

    /// What became of a write; one that waits too long has failed.
    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.stall = None;
            return write;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        ready!(stall.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the caller does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.cut.poll(cx)?;
        ready!(self.poll_allowed(cx));
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        let came = buffer.filled().len().saturating_sub(before);
        self.left = self.left.saturating_sub(i64::try_from(came).unwrap_or(i64::MAX));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.judge(cx, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.judge(cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = Pin::new(&mut self.socket).poll_flush(cx);
        self.judge(cx, flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shutdown = Pin::new(&mut self.socket).poll_shutdown(cx);
        self.judge(cx, shutdown)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    fn line<S>(socket: S) -> (Line<S>, Cut, Places) {
        let (cut, places) = (Cut::default(), Places::default());
        (Line::new(socket, cut.clone(), places.take()), cut, places)
    }

    /// A flood is taken in at its pace, and the sender waits.
    #[tokio::test(start_paused = true)]
    async fn after_a_burst_so_much_comes_per_second() {
        let (mut caller, socket) = duplex(64 * 1024);
        let (mut line, ..) = line(socket);
        let flood =
            tokio::spawn(async move { while caller.write_all(&[0; 8 * 1024]).await.is_ok() {} });
        let (began, mut came) = (Instant::now(), 0_u64);
        let mut buffer = [0; 8 * 1024];
        while began.elapsed() < Duration::from_secs(60) {
            came += line.read(&mut buffer).await.unwrap() as u64;
        }
        let most = (BURST + 61 * PER_SECOND) as u64 + buffer.len() as u64;
        assert!(came <= most, "{came} of {most}");
        assert!(came >= most / 2, "{came} of {most}");
        flood.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_read_is_given_up() {
        let (caller, socket) = duplex(1_024);
        let (mut line, ..) = line(socket);
        let began = Instant::now();
        let error = line.write_all(&[0; 4_096]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), STALLED);
        drop(caller);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_not_given_up() {
        let (mut caller, socket) = duplex(1_024);
        let (mut line, ..) = line(socket);
        let reader = tokio::spawn(async move {
            let mut taken = vec![0; 1_024];
            for _ in 0..8 {
                sleep(STALLED - Duration::from_secs(1)).await;
                caller.read_exact(&mut taken).await.unwrap();
            }
        });
        line.write_all(&[0; 8 * 1_024]).await.unwrap();
        reader.await.unwrap();
    }

    #[tokio::test]
    async fn a_line_that_is_cut_ends_while_it_waits_and_gives_its_place_back() {
        let (caller, socket) = duplex(1_024);
        let (mut line, cut, places) = line(socket);
        assert_eq!(places.taken(), 1);
        let waits = tokio::spawn(async move { line.read_u8().await.unwrap_err().kind() });
        tokio::task::yield_now().await;
        cut.cut();
        assert_eq!(waits.await.unwrap(), io::ErrorKind::ConnectionAborted);
        assert_eq!(places.taken(), 0);
        drop(caller);
    }
}

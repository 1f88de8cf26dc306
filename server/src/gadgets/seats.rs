//! How many Socket.IO sessions there may be at once, proved or not.
//!
//! A session that was opened by a plain request is bound to no connection, and Socket.IO keeps what it
//! costs, some nine kilobytes, until 10 s are over or it has proved itself, whatever becomes of it before.
//! One connection could open hundreds of them in a second, so their number is bounded here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lockstep_core::protocol::{Refusal, RefusalCode};

use super::report;

/// Sessions at once by either way: as many as there may be connections, for a gadget has one of each.
/// Those by plain requests are counted apart, so that a flood of them keeps no WebSocket out.
const MOST: usize = 20_000;
/// Seconds after which to come back: what was opened and left is over by then.
const COME_BACK: HeaderValue = HeaderValue::from_static("10");

/// The seats of both ways in.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    plain: Row,
    upgraded: Row,
}

#[derive(Debug, Clone)]
struct Row {
    taken: Arc<AtomicUsize>,
    most: usize,
}

/// A session's seat. It travels with the request that opened the session, whose head Socket.IO
/// keeps for exactly as long as the rest of the session.
#[derive(Debug, Clone)]
struct Seat {
    _row: Arc<Taken>,
}

#[derive(Debug)]
struct Taken(Row);

impl Default for Seats {
    fn default() -> Self {
        Self::of(MOST)
    }
}

impl Seats {
    fn of(most: usize) -> Self {
        let row = || Row { taken: Arc::default(), most };
        Self { plain: row(), upgraded: row() }
    }
}

impl Row {
    fn take(&self) -> Option<Seat> {
        let one_more = |taken| (taken < self.most).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Seat { _row: Arc::new(Taken(self.clone())) })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Gives a request that opens a session its seat, or says that there is none.
pub(super) async fn seat(State(seats): State<Seats>, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if query.split('&').any(|part| part.starts_with("sid=")) {
        // Of a session that has one.
        return next.run(request).await;
    }
    let upgrades = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
    let row = if upgrades { &seats.upgraded } else { &seats.plain };
    let Some(seat) = row.take() else {
        let refusal = Refusal {
            code: RefusalCode::TooMany,
            message: "too many desktops connect at once; tried again soon".to_owned(),
            retry_after: None,
        };
        report::refused("socket", None, &refusal);
        let told = [(header::RETRY_AFTER, COME_BACK)];
        return (StatusCode::SERVICE_UNAVAILABLE, told, Json(refusal)).into_response();
    };
    request.extensions_mut().insert(seat);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use lockstep_core::{AgentId, Time};
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use tokio::sync::mpsc;
    use tokio::time::sleep;
    use tokio_util::sync::CancellationToken;
    use tokio_util::task::TaskTracker;
    use tower_service::Service as _;

    use super::super::link::Hall;
    use super::super::token::Claims;
    use super::super::{Key, socket};
    use super::*;
    use crate::clock::Clock;
    use crate::engine::Handle;

    const OPEN: &str = "/socket.io/?EIO=4&transport=polling";

    /// Socket.IO behind so many seats of either way, and a token that is good there.
    fn served(most: usize) -> (Router, Seats, String) {
        let (agent, now) = (AgentId::new("0001"), Time::from_millis(1_000_000));
        let hall = Hall {
            engine: Handle::new(mpsc::channel(1).0),
            clock: Clock::starting_at(now),
            key: Arc::new(Key::drawn(&mut StdRng::seed_from_u64(1))),
            stop: CancellationToken::new(),
            links: TaskTracker::new(),
            last: AtomicU64::default(),
        };
        let token = Claims::proved(agent, now).reply(&hall.key, now).token;
        let seats = Seats::of(most);
        let (router, _io) = socket::router(Arc::new(hall));
        (router.route_layer(from_fn_with_state(seats.clone(), seat)), seats, token)
    }

    async fn ask(app: &mut Router, method: &str, uri: &str, body: &str) -> (u16, String) {
        let request =
            Request::builder().method(method).uri(uri).body(Body::from(body.to_owned())).unwrap();
        let answer = app.call(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 4_096).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn taken(seats: &Seats) -> usize {
        seats.plain.taken.load(Ordering::Acquire)
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_are_opened_and_left_are_bounded_and_soon_over() {
        let (mut app, seats, _) = served(3);
        for _ in 0..3 {
            assert_eq!(ask(&mut app, "GET", OPEN, "").await.0, 200);
        }
        let (status, told) = ask(&mut app, "GET", OPEN, "").await;
        assert_eq!(status, 503, "{told}");
        assert_eq!(taken(&seats), 3, "who is refused takes none");
        sleep(Duration::from_secs(11)).await;
        assert_eq!(taken(&seats), 0, "nothing is kept of them");
        assert_eq!(ask(&mut app, "GET", OPEN, "").await.0, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gadget_that_goes_leaves_its_seat_at_once() {
        let (mut app, seats, token) = served(1);
        let (_, open) = ask(&mut app, "GET", OPEN, "").await;
        let own = format!("{OPEN}&sid={}", open.split('"').nth(3).expect("an id"));
        let enter = format!("40/gadget,{{\"token\":\"{token}\"}}");
        assert_eq!(ask(&mut app, "POST", &own, &enter).await.0, 200, "it needs no other");
        while !ask(&mut app, "GET", &own, "").await.1.contains("40/gadget,") {}
        sleep(Duration::from_millis(1)).await;
        assert_eq!(taken(&seats), 1);
        assert_eq!(ask(&mut app, "POST", &own, "1").await.0, 200);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(taken(&seats), 0);
        assert_eq!(ask(&mut app, "GET", OPEN, "").await.0, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn what_opens_no_session_takes_no_seat() {
        let (mut app, seats, _) = served(1);
        for (method, uri) in [
            ("GET", "/socket.io/"),
            ("GET", "/socket.io/?EIO=3&transport=polling"),
            ("GET", "/socket.io/?EIO=4&transport=carrier-pigeon"),
            ("POST", OPEN),
            ("DELETE", OPEN),
        ] {
            assert_ne!(ask(&mut app, method, uri, "").await.0, 200, "{method} {uri}");
            assert_eq!(taken(&seats), 0, "{method} {uri}");
        }
    }
}

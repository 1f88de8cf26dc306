//! `/desktop/events`: what the notification service would tell one desktop, one JSON object a line.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use hyper::Response;
use hyper::http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::notice::notice;
use super::page::{bytes, plain};
use super::state::Listener;
use crate::faults::{Request, Stage};
use crate::rest::auth::{Account, Credentials, authenticate};
use crate::rest::route::Endpoint;
use crate::server::{Node, Shared, World};

/// One desktop's stream; dropped, the desktop listens no more.
struct Stream {
    shared: Arc<Shared>,
    number: u64,
    bell: watch::Receiver<u64>,
}

pub(crate) fn stream(shared: &Arc<Shared>, node: Node, head: &Parts) -> Response<Body> {
    let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    let credentials = Credentials::read(header);
    let bell = shared.bell.subscribe();
    let number = shared.with(|world, now| {
        let known = (&world.centre, &world.admin, &world.tokens);
        let account = authenticate(&credentials, known, &mut world.lockout, now).ok()?;
        let Account::User(user) = account else { return None };
        let in_service = world.faults.serves(node);
        let mut listener = Listener { node, user, in_service, lines: [].into(), told: 0 };
        listener.tell(Duration::ZERO, service(in_service));
        Some(world.desk.listen(listener))
    });
    let Some(number) = number else { return plain(401, "sign in first") };
    let stream = Stream { shared: Arc::clone(shared), number, bell };
    let lines = stream::unfold(stream, |mut stream| async {
        let line = stream.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(format!("{line}\n"))), stream))
    });
    let mut response = bytes(200, "application/x-ndjson", Bytes::new());
    *response.body_mut() = Body::from_stream(lines);
    response
}

impl Stream {
    async fn next(&mut self) -> Option<Value> {
        loop {
            self.bell.borrow_and_update();
            let number = self.number;
            let line = self.shared.with(|world, _| {
                world.desk.listening.get_mut(&number).map(|listener| listener.lines.pop_front())
            })?;
            let Some((delay, line)) = line else {
                self.bell.changed().await.ok()?;
                continue;
            };
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            return Some(line);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let number = self.number;
        self.shared.with(|world, _| world.desk.listening.remove(&number));
    }
}

fn service(in_service: bool) -> Value {
    let status = if in_service { "IN_SERVICE" } else { "OUT_OF_SERVICE" };
    json!({"type": "service", "status": status})
}

/// Tells the desktops what happened after `seq`, each by the faults of this moment. What happened
/// at one stroke shows the user as they are after it.
pub(crate) fn publish(world: &mut World, seq: u64, now: Timestamp) {
    let events = world.centre.events_after(seq);
    let mut listening = std::mem::take(&mut world.desk.listening);
    for listener in listening.values_mut() {
        let in_service = world.faults.serves(listener.node);
        if in_service != listener.in_service {
            listener.in_service = in_service;
            listener.tell(Duration::ZERO, service(in_service));
        }
        let user = listener.user.clone();
        for event in events.iter().filter(|event| event.user == user) {
            let request = Request {
                node: listener.node,
                endpoint: Endpoint::Notification,
                method: "PUT",
                user: Some(&user),
                actor: None,
            };
            let plan = world.faults.plan(Stage::Notice, &request, now, &mut world.rng);
            let Some(told) = notice(world, event, &plan) else { continue };
            for _ in 0..plan.notice.copies() {
                listener.tell(plan.notice.delay, told.clone());
            }
        }
    }
    world.desk.listening = listening;
}

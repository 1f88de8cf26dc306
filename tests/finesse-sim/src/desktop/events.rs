//! `/desktop/events`: what the notification service would tell one desktop, one JSON object a line.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use hyper::Response;
use hyper::http::request::Parts;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::notice::notice;
use super::page::{bytes, plain};
use crate::faults::{Request, Stage};
use crate::rest::auth::{Account, Credentials, authenticate};
use crate::rest::route::Endpoint;
use crate::server::{Node, Shared, World};

/// One desktop's subscription.
struct Desktop {
    shared: Arc<Shared>,
    node: Node,
    user: String,
    bell: watch::Receiver<u64>,
    seen: u64,
    acts_seen: u64,
    in_service: bool,
    /// Told next, each after its delay.
    lines: VecDeque<(Duration, Value)>,
}

pub(crate) fn stream(shared: &Arc<Shared>, node: Node, head: &Parts) -> Response<Body> {
    let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    let credentials = Credentials::read(header);
    // Before the first look: what rings afterwards is heard.
    let bell = shared.bell.subscribe();
    let desktop = shared.with(|world, now| {
        let (centre, admin) = (&world.centre, &world.admin);
        let account = authenticate(&credentials, centre, admin, &mut world.lockout, now).ok()?;
        let Account::User(user) = account else { return None };
        Some(Desktop {
            shared: Arc::clone(shared),
            node,
            user,
            bell,
            seen: world.centre.last_seq(),
            acts_seen: world.desk.last_act,
            in_service: world.faults.serves(node),
            lines: VecDeque::new(),
        })
    });
    let Some(mut desktop) = desktop else { return plain(401, "sign in first") };
    let status = if desktop.in_service { "IN_SERVICE" } else { "OUT_OF_SERVICE" };
    let greeting = json!({"type": "service", "status": status});
    desktop.lines.push_back((Duration::ZERO, greeting));
    let lines = stream::unfold(desktop, |mut desktop| async {
        let line = desktop.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(format!("{line}\n"))), desktop))
    });
    let mut response = bytes(200, "application/x-ndjson", Bytes::new());
    *response.body_mut() = Body::from_stream(lines);
    response
}

impl Desktop {
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((delay, line)) = self.lines.pop_front() {
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                return Some(line);
            }
            self.bell.borrow_and_update();
            self.look();
            if self.lines.is_empty() {
                self.bell.changed().await.ok()?;
            }
        }
    }

    fn look(&mut self) {
        let shared = Arc::clone(&self.shared);
        shared.with(|world, now| {
            self.service(world);
            for event in world.centre.events_after(self.seen) {
                self.seen = event.seq;
                if event.user != self.user {
                    continue;
                }
                let request = Request {
                    node: self.node,
                    endpoint: Endpoint::Notification,
                    method: "PUT",
                    user: Some(&self.user),
                    actor: None,
                };
                let plan = world.faults.plan(Stage::Notice, &request, now, &mut world.rng);
                let Some(told) = notice(world, &event, &plan) else { continue };
                for _ in 0..plan.notice.copies() {
                    self.lines.push_back((plan.notice.delay, told.clone()));
                }
            }
            self.acts(world);
        });
    }

    fn service(&mut self, world: &World) {
        let in_service = world.faults.serves(self.node);
        if in_service != self.in_service {
            let status = if in_service { "IN_SERVICE" } else { "OUT_OF_SERVICE" };
            self.lines.push_back((Duration::ZERO, json!({"type": "service", "status": status})));
        }
        self.in_service = in_service;
    }

    fn acts(&mut self, world: &World) {
        for ordered in world.desk.acts.iter().filter(|ordered| ordered.seq > self.acts_seen) {
            if ordered.user.as_deref().is_none_or(|user| user == self.user) {
                let line = json!({"type": "act", "act": ordered.act});
                self.lines.push_back((Duration::ZERO, line));
            }
        }
        self.acts_seen = world.desk.last_act;
    }
}

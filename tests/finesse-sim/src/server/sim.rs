//! The simulator as a library: what the control API does, by direct call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::person::{self, CallOptions, known};
use super::world::{Nodes, World};
use super::{Node, Shared};
use crate::desktop::{Act, Layout};
use crate::faults::{Fault, Scope};
use crate::log::{Counters, RequestRecord};
use crate::model::CallEvent;
use crate::model::history::{HistoryEntry, ReasonView};
use crate::model::reasons::{Category, ReasonCode};
use crate::model::state::{AgentState, By};
use crate::model::user::UserSpec;
use crate::view::{self, UserView};

/// A running simulated Finesse. Dropped, it stops; [`FinesseSim::shutdown`] also waits for the end.
#[derive(Debug)]
pub struct FinesseSim {
    shared: Arc<Shared>,
    nodes: Nodes,
    scheme: &'static str,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A mistake of the script, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(pub String);

impl FinesseSim {
    pub(super) fn new(
        shared: Arc<Shared>,
        nodes: Nodes,
        scheme: &'static str,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        Self { shared, nodes, scheme, stop, tasks }
    }

    /// Where the primary node listens.
    pub fn addr(&self) -> SocketAddr {
        self.nodes.primary
    }

    /// `http://127.0.0.1:4712`, or `https` with TLS; no slash at the end.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.nodes.primary)
    }

    /// The same of the secondary node, if there is one.
    pub fn secondary_url(&self) -> Option<String> {
        self.nodes.secondary.map(|address| format!("{}://{address}", self.scheme))
    }

    /// The user of that loginId or loginName with their history.
    pub fn user(&self, name: &str) -> Option<UserView> {
        self.shared.with(|world, _| {
            let id = world.centre.login_id(name)?;
            world.centre.user(&id).map(|user| view::user(&world.centre, user, true))
        })
    }

    /// Everybody, without histories, by loginId.
    pub fn users(&self) -> Vec<UserView> {
        self.shared.with(|world, _| {
            world.centre.users().map(|user| view::user(&world.centre, user, false)).collect()
        })
    }

    /// The true state of a user; UNKNOWN for nobody.
    pub fn state(&self, name: &str) -> AgentState {
        self.user(name).map_or(AgentState::Unknown, |user| user.state)
    }

    /// Somebody changes a state by hand: READY, `NOT_READY`, LOGIN, LOGOUT; the system any state. The
    /// reason is a label, a code or an id. Rules are those of the REST API; it takes effect at once.
    pub fn set_state(
        &self,
        name: &str,
        state: &str,
        reason: Option<&str>,
        by: By,
    ) -> Result<(), ScriptError> {
        self.script(|world, now| person::set_state(world, name, state, reason, by, now))
    }

    /// Something happens to a call of this user.
    pub fn call(&self, name: &str, event: CallEvent) -> Result<(), ScriptError> {
        self.call_with(name, event, CallOptions::default())
    }

    /// The same with circumstances.
    pub fn call_with(
        &self,
        name: &str,
        event: CallEvent,
        options: CallOptions,
    ) -> Result<(), ScriptError> {
        self.script(|world, now| person::call(world, name, event, options, now))
    }

    /// Adds a user while it runs.
    pub fn add_user(&self, user: UserSpec) -> Result<(), ScriptError> {
        self.script(|world, now| world.centre.add_user(user, now).map_err(|e| e.to_string()))
    }

    /// Removes a user while it runs.
    pub fn remove_user(&self, name: &str) -> Result<(), ScriptError> {
        self.script(|world, _| {
            let id = known(world, name)?;
            world.centre.remove_user(&id).map_err(|error| error.to_string())
        })
    }

    /// Adds a team, or renames it.
    pub fn put_team(&self, id: u32, name: &str) {
        self.shared.with(|world, _| world.centre.put_team(id, name));
    }

    /// Moves a user to another home team.
    pub fn move_user(&self, name: &str, team: u32) -> Result<(), ScriptError> {
        self.script(|world, _| {
            let id = known(world, name)?;
            world.centre.move_user(&id, team).map_err(|error| error.to_string())
        })
    }

    /// The configured reason code of that label, with its database id of this start.
    pub fn reason(&self, category: Category, label: &str) -> Option<ReasonView> {
        self.shared.with(|world, _| {
            let found = world.centre.reasons.named(category, label)?;
            Some(ReasonView { id: found.id, code: found.code, label: found.label.clone() })
        })
    }

    /// The administrator adds a Not Ready reason for all teams.
    pub fn add_reason(&self, code: i32, label: &str) -> Result<(), ScriptError> {
        self.script(|world, _| {
            let reason = ReasonCode {
                id: 0,
                category: Category::NotReady,
                code,
                label: label.to_owned(),
                teams: [].into(),
                system: false,
            };
            world.centre.reasons.insert(reason).map(drop).map_err(|error| error.to_string())
        })
    }

    /// The contact centre fails over: queued requests and pending states are lost, states republished.
    pub fn fail_over(&self) {
        self.shared.with(|world, now| world.centre.fail_over(now));
    }

    /// Puts a fault in force everywhere; the number is for [`FinesseSim::end_fault`].
    pub fn fault(&self, fault: Fault) -> u64 {
        self.fault_in(fault, Scope::default())
    }

    /// Puts a fault in force within a scope. 0: there are too many faults.
    pub fn fault_in(&self, fault: Fault, mut scope: Scope) -> u64 {
        self.shared.with(|world, now| {
            by_login_id(world, &mut scope);
            world.faults.install(fault, scope, now).unwrap_or_default()
        })
    }

    /// Ends one fault; `false`: it was over.
    pub fn end_fault(&self, id: u64) -> bool {
        self.shared.with(|world, _| world.faults.remove(id))
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.with(|world, _| world.faults.clear());
    }

    /// How often the fault struck; `None`: it is over.
    pub fn fault_struck(&self, id: u64) -> Option<u64> {
        self.shared.with(|world, _| {
            world.faults.active().iter().find(|fault| fault.id == id).map(|fault| fault.struck)
        })
    }

    /// The requests so far, oldest first; bounded.
    pub fn log(&self) -> Vec<RequestRecord> {
        self.shared.with(|world, _| world.log.after(0))
    }

    /// Sums over all requests.
    pub fn counters(&self) -> Counters {
        self.shared.with(|world, _| world.log.counters.clone())
    }

    /// The violations in words; a test asserts that there are none.
    pub fn violations(&self) -> Vec<String> {
        self.counters().violation_sentences
    }

    /// Forgets the log and its counters.
    pub fn clear_log(&self) {
        self.shared.with(|world, _| world.log.clear());
    }

    /// What happened to all users with a number above `seq`, oldest first; bounded.
    pub fn events_after(&self, seq: u64) -> Vec<HistoryEntry> {
        self.shared.with(|world, _| world.centre.events_after(seq))
    }

    /// The accounts that five failures have locked.
    pub fn locked_accounts(&self) -> Vec<String> {
        self.shared.with(|world, now| world.lockout.locked(now))
    }

    /// What time it is in the contact centre.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Moves a manual clock on; what becomes due happens.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
        self.shared.with(|_, _| ());
        self.shared.due.notify_one();
    }

    /// Cuts every connection, closes the sockets and waits until nothing runs any more.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Makes the node refuse connections, or listen again.
    pub fn refuse(&self, node: Node, refused: bool) {
        self.shared.with(|world, now| {
            world.faults.remove_refusal(node);
            if refused {
                let scope = Scope { node: Some(node), ..Scope::default() };
                world.faults.install(Fault::RefuseConnections, scope, now);
            }
        });
    }

    /// The desktop's sign-in page.
    pub fn desktop_url(&self) -> String {
        format!("{}/desktop/", self.base_url())
    }

    /// Desktops that are opened from now on have this layout.
    pub fn set_layout(&self, xml: &str) -> Result<(), ScriptError> {
        let layout = Layout::read(xml).map_err(ScriptError)?;
        self.shared.with(|world, _| world.desk.layout = layout);
        Ok(())
    }

    /// Puts a file under `/3rdpartygadget/files/` of both nodes; `false`: there are too many.
    pub fn upload(&self, name: &str, file: impl Into<Bytes>) -> bool {
        let file = file.into();
        self.shared.with(|world, _| world.desk.upload(name, file))
    }

    /// Makes the desktops of one agent, or all, do something.
    pub fn desktop(&self, act: Act, user: Option<&str>) -> Result<(), ScriptError> {
        self.script(|world, _| {
            let user = user.map(|name| known(world, name)).transpose()?;
            world.desk.order(act, user.as_deref());
            Ok(())
        })
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        self.shared.with(work)
    }

    fn script<T>(
        &self,
        work: impl FnOnce(&mut World, Timestamp) -> Result<T, String>,
    ) -> Result<T, ScriptError> {
        self.shared.with(work).map_err(ScriptError)
    }
}

impl Drop for FinesseSim {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A scope may name people by loginName; faults match loginIds.
pub(crate) fn by_login_id(world: &World, scope: &mut Scope) {
    for name in [&mut scope.user, &mut scope.actor].into_iter().flatten() {
        if let Some(id) = world.centre.login_id(name) {
            *name = id;
        }
    }
}

//! The state of the simulated cloud and what happens in it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::{Config, PersonSpec, StartError};
use crate::delivery::Held;
use crate::devices::{Devices, Identity};
use crate::faults::{Fault, Faults};
use crate::ids::{self, Ids};
use crate::journal::{Journal, Kind};
use crate::people::People;
use crate::presence::Presence;
use crate::sockets::Sockets;
use crate::subscriptions::Subscriptions;
use crate::tokens::{Caller, Tokens};

/// What every connection shares.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) config: Config,
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    state: Mutex<State>,
    /// Told after everything that is noted in the journal.
    pub(crate) changed: Notify,
    /// Faults were cleared: black holes and stalls end, in the order in which they began (a watch
    /// channel wakes those who wait in a random order, which no seed repeats).
    pub(crate) cleared: Notify,
    /// Replaced when every connection is to end at once.
    links: Mutex<CancellationToken>,
    pub(crate) offline: mpsc::Sender<Duration>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) people: People,
    pub(crate) devices: Devices,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) sockets: Sockets,
    pub(crate) tokens: Tokens,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) ids: Ids,
    pub(crate) held: Held,
    /// What the two technical users say of themselves.
    pub(crate) own: Own,
}

/// The bot and the integration's user are people too, and one of them may be asked for.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) bot: Presence,
    pub(crate) integration: Presence,
}

// === impl Cloud ===

impl Cloud {
    pub(crate) fn new(
        config: Config,
        address: SocketAddr,
        offline: mpsc::Sender<Duration>,
    ) -> Result<Self, StartError> {
        let clock = Clock::new(config.epoch);
        let now = clock.now();
        let mut people = People::default();
        for number in 1..=config.agents {
            let address = format!("agent{}@{}", 1000 + number, config.domain);
            people.add(&PersonSpec { address, id: None }, now)?;
        }
        for spec in &config.people {
            people.add(spec, now)?;
        }
        let state = State {
            people,
            devices: Devices::default(),
            subscriptions: Subscriptions::default(),
            sockets: Sockets::default(),
            tokens: Tokens::default(),
            faults: Faults::default(),
            journal: Journal::new(clock),
            ids: Ids::new(config.seed),
            held: Held::default(),
            own: Own { bot: Presence::initial(now), integration: Presence::initial(now) },
        };
        Ok(Self {
            config,
            address,
            clock,
            state: Mutex::new(state),
            changed: Notify::new(),
            cleared: Notify::new(),
            links: Mutex::new(CancellationToken::new()),
            offline,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// The state, for as long as the guard lives; never held across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the state and wakes whoever waits for a condition.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_waiters();
        result
    }

    pub(crate) fn note(&self, kind: Kind, text: String) {
        self.update(|state| state.journal.note(kind, text));
    }

    pub(crate) fn violation(&self, text: String) {
        self.update(|state| state.journal.violation(text));
    }

    /// `http://127.0.0.1:4711`, as events name it: they are not the answer to any request.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends with every connection that is open now.
    pub(crate) fn link(&self) -> CancellationToken {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Resets every open connection.
    pub(crate) fn cut_links(&self) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *links).cancel();
    }

    /// Forgets the devices whose time is over, with what hangs on them.
    pub(crate) fn expire_devices(&self) {
        let mut state = self.lock();
        for device in state.devices.expire(Instant::now()) {
            state.subscriptions.end_device(device);
        }
    }
}

// === impl State ===

impl State {
    /// The first fault that `pick` recognises, counted as a strike.
    pub(crate) fn struck<T>(&mut self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let (name, found) = self.faults.strike(pick)?;
        self.journal.met(name);
        Some(found)
    }

    /// Whether there was such a fault.
    pub(crate) fn struck_by(&mut self, is: impl Fn(&Fault) -> bool) -> bool {
        self.struck(|fault| is(fault).then_some(())).is_some()
    }
}

/// The organisation that everybody belongs to.
pub(crate) fn organisation() -> Uuid {
    ids::of_address("organisation")
}

/// The address of a technical user.
pub(crate) fn address_of(caller: Caller) -> &'static str {
    match caller {
        Caller::Bot => "lockstep@webex.bot",
        Caller::Integration => "lockstep-integration@example.com",
    }
}

/// The raw ids of a technical user.
pub(crate) fn identity_of(caller: Caller) -> Identity {
    Identity { user: ids::of_address(address_of(caller)), organisation: organisation() }
}

/// Runs after `delay` unless the simulator stops first.
pub(crate) fn later(
    cloud: &Arc<Cloud>,
    delay: Duration,
    act: impl FnOnce(&Arc<Cloud>) + Send + 'static,
) {
    let cloud = Arc::clone(cloud);
    let tasks = cloud.tasks.clone();
    tasks.spawn(async move {
        tokio::select! {
            biased; // the same order in every run with one seed
            () = cloud.stop.cancelled() => {}
            () = tokio::time::sleep(delay) => act(&cloud),
        }
    });
}

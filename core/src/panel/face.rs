use crate::finesse::AgentState;

/// What the panel is about; each has a picture of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Nothing is known yet.
    Starting,
    /// Nothing is wanted and nothing is held.
    Free,
    /// A change is asked for.
    Changing,
    /// Not Ready, held by us.
    Held,
    /// Not Ready follows when the call ends.
    Pending,
    /// Not Ready follows when wrap-up ends.
    WrapUp,
    /// On a customer's call, with nothing waiting behind it.
    OnCall,
    /// Somebody chose this state: it is left alone.
    LeftAlone,
    /// The agent wants to be left alone.
    Snoozed,
    /// Presence is not known.
    Stale,
    /// The link, or Finesse, is gone and is tried again.
    Reconnecting,
    /// Nobody is signed in.
    SignedOut,
    /// The agent's list has no such reason.
    ReasonMissing,
    /// Finesse does not do what is asked.
    Refused,
    /// The server, or a setting, keeps us out.
    Blocked,
    /// Gadget and server are of different versions.
    WrongVersion,
}

impl Face {
    /// The word by which style and tests know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Free => "free",
            Self::Changing => "changing",
            Self::Held => "held",
            Self::Pending => "pending",
            Self::WrapUp => "wrap-up",
            Self::OnCall => "on-call",
            Self::LeftAlone => "left-alone",
            Self::Snoozed => "snoozed",
            Self::Stale => "stale",
            Self::Reconnecting => "reconnecting",
            Self::SignedOut => "signed-out",
            Self::ReasonMissing => "reason-missing",
            Self::Refused => "refused",
            Self::Blocked => "blocked",
            Self::WrongVersion => "wrong-version",
        }
    }

    /// Its shape, where the state of the agent is `state`: never colour alone.
    pub const fn shape(self, state: Option<AgentState>) -> Shape {
        match self {
            Self::Held => Shape::Held,
            Self::Stale | Self::Reconnecting | Self::Starting | Self::SignedOut => Shape::Unknown,
            Self::ReasonMissing | Self::Refused | Self::Blocked | Self::WrongVersion => {
                Shape::Trouble
            }
            _ => Shape::of(state),
        }
    }
}

/// The seven shapes; each has a colour too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Filled circle, green.
    Ready,
    /// Circle with a bar, blue.
    Held,
    /// Hollow circle, grey.
    NotReady,
    /// Square, amber.
    Call,
    /// Hollow square, amber.
    WrapUp,
    /// Dashed circle, grey.
    Unknown,
    /// Triangle, red.
    Trouble,
}

impl Shape {
    /// Every shape, for tables and tests.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::Held,
        Self::NotReady,
        Self::Call,
        Self::WrapUp,
        Self::Unknown,
        Self::Trouble,
    ];

    /// The word by which style knows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Held => "held",
            Self::NotReady => "not-ready",
            Self::Call => "call",
            Self::WrapUp => "wrap-up",
            Self::Unknown => "unknown",
            Self::Trouble => "trouble",
        }
    }

    const fn of(state: Option<AgentState>) -> Self {
        match state {
            Some(AgentState::Ready) => Self::Ready,
            Some(AgentState::NotReady) => Self::NotReady,
            Some(state) if state.is_on_call() => Self::Call,
            Some(state) if state.is_wrap_up() => Self::WrapUp,
            Some(_) | None => Self::Unknown,
        }
    }
}

//! Reason codes that the system itself stamps (Finesse notes 1.6).

use super::reasons::Category::{self, Logout, NotReady};
use super::state::Deployment;

/// One reserved code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemCode {
    pub(crate) category: Category,
    pub(crate) code: i32,
    pub(crate) label: &'static str,
}

const fn code(category: Category, code: i32, label: &'static str) -> SystemCode {
    SystemCode { category, code, label }
}

/// The reserved codes of a deployment.
pub(crate) const fn of(deployment: Deployment) -> &'static [SystemCode] {
    match deployment {
        Deployment::Uccx => UCCX,
        Deployment::Ucce => UCCE,
    }
}

/// What a supervisor's change is stamped with (Finesse notes 1.3).
pub(crate) const fn supervisor_stamp(deployment: Deployment, category: Category) -> i32 {
    match (deployment, category) {
        (Deployment::Ucce, _) => 999,
        (Deployment::Uccx, NotReady) => 33,
        (Deployment::Uccx, Logout) => 22,
    }
}

/// What an agent who did not answer is stamped with.
pub(crate) const fn call_not_answered(deployment: Deployment) -> i32 {
    match deployment {
        Deployment::Ucce => 32_767,
        Deployment::Uccx => 32_763,
    }
}

const UCCX: &[SystemCode] = &[
    code(NotReady, 32_763, "Call Not Answered"),
    code(NotReady, 32_762, "Offhook"),
    code(NotReady, 32_761, "Non ACD Busy"),
    code(NotReady, 32_760, "Agent Logon"),
    code(NotReady, 32_759, "Phone Failure"),
    code(NotReady, 32_758, "Wrap Up Timer Expiry"),
    code(NotReady, 32_757, "CUCM Failover"),
    code(NotReady, 32_756, "Phone Working"),
    code(NotReady, 32_755, "Call Ended"),
    code(NotReady, 32_754, "Restricted Device"),
    code(NotReady, 32_753, "Restricted Line"),
    code(NotReady, 32_752, "Cancel Reservation Preview"),
    code(NotReady, 32_751, "Skip Preview"),
    code(NotReady, 32_750, "Extension Modified"),
    code(NotReady, 32_749, "Call Cancel"),
    code(NotReady, 32_742, "Non ACD Offhook"),
    code(NotReady, 33, "Supervisor Initiated"),
    code(Logout, 22, "Supervisor Initiated"),
    code(Logout, 32_767, "Device Conflict"),
    code(Logout, 32_766, "Agent Initiated"),
    code(Logout, 32_765, "System Disconnect"),
    code(Logout, 32_764, "System Standby"),
    code(Logout, 32_748, "Agent Deleted"),
    code(Logout, 32_741, "Extension Conflict"),
    code(Logout, 32_740, "System Initiated Relogin"),
    code(Logout, 255, "Connection Failure"),
];

const UCCE: &[SystemCode] = &[
    code(NotReady, 999, "Supervisor Initiated"),
    code(NotReady, 50_002, "Connection Failure"),
    code(NotReady, 50_005, "Non ACD Busy"),
    code(NotReady, 50_006, "Call Placed From Available"),
    code(NotReady, 50_010, "Consecutive Missed Calls"),
    code(NotReady, 50_041, "Line Busy"),
    code(NotReady, 51_004, "On Call At Login"),
    code(NotReady, 32_767, "Call Not Answered"),
    code(NotReady, 32_762, "Offhook"),
    code(NotReady, 20_001, "Forced Logout"),
    code(Logout, 999, "Supervisor Initiated"),
    code(Logout, 255, "Connection Failure"),
    code(Logout, 20_002, "Forced Logout"),
    code(Logout, 50_002, "Connection Failure (CTI)"),
    code(Logout, 50_004, "Inactivity"),
];
